// However the network cuts the bytes, the events are the same.
#include "wire/websocket/transcript_test.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace kith::wire::websocket {
namespace {

rc::Gen<std::string> a_payload() {
  return rc::gen::oneOf(
      rc::gen::resize(40, rc::gen::container<std::string>(rc::gen::inRange('a', 'z'))),
      rc::gen::resize(20, rc::gen::container<std::string>(rc::gen::arbitrary<char>())),
      rc::gen::element<std::string>(std::string(125, 'c'),
                                    std::string(126, 'd'),
                                    "\xe2\x82\xac",
                                    "\x03\xe8",
                                    std::string(66'000, 'e')));
}

// Mostly lawful frames, so that sequences of them get far.
rc::Gen<std::string> a_frame() {
  return rc::gen::exec([] {
    const auto first = *rc::gen::weightedElement<unsigned>({{6, 0x81},
                                                            {3, 0x82},
                                                            {3, 0x01},
                                                            {3, 0x00},
                                                            {3, 0x80},
                                                            {3, 0x89},
                                                            {2, 0x8a},
                                                            {1, 0x88},
                                                            {1, 0xc1}});
    return raw_frame(first, *a_payload());
  });
}

rc::Gen<std::vector<std::size_t>> some_cuts() {
  return rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, 50)));
}

std::vector<std::string> read_all(const std::string& bytes, const std::vector<std::size_t>& cuts) {
  FrameParser parser(70'000);
  return transcript(parser, bytes, cuts);
}

TEST(WebSocketProperties, EventsAreTheSameHoweverTheBytesAreCut) {
  EXPECT_TRUE(rc::check([] {
    std::string bytes;
    for (const auto& frame : *rc::gen::container<std::vector<std::string>>(a_frame()))
      bytes += frame;
    const auto whole = read_all(bytes, {});
    RC_ASSERT(read_all(bytes, {1}) == whole);
    RC_ASSERT(read_all(bytes, *some_cuts()) == whole);
  }));
}

TEST(WebSocketProperties, DamagedFramesAreTheSameHoweverTheyAreCut) {
  EXPECT_TRUE(rc::check([] {
    std::string bytes = *a_frame() + *a_frame();
    const auto at = *rc::gen::inRange<std::size_t>(0, std::min<std::size_t>(bytes.size(), 20));
    bytes[at] = *rc::gen::arbitrary<char>();
    RC_ASSERT(read_all(bytes, *some_cuts()) == read_all(bytes, {}));
  }));
}

TEST(WebSocketProperties, AMessageIsWhatWasSentHoweverItIsFragmented) {
  EXPECT_TRUE(rc::check([](std::uint32_t key) {
    const auto message = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    const auto fragment_bytes = *rc::gen::inRange<std::size_t>(1, 10);
    std::string bytes;
    Opcode opcode = Opcode::binary;
    for (std::size_t at = 0; at < message.size(); at += fragment_bytes) {
      append_masked_frame(
          bytes, {opcode, key, false}, std::string_view{message}.substr(at, fragment_bytes));
      opcode = Opcode::continuation;
    }
    append_masked_frame(bytes, {opcode, key, true}, {});
    RC_ASSERT(read_all(bytes, *some_cuts()) ==
              std::vector<std::string>{"binary [" + message + "]"});
  }));
}

}  // namespace
}  // namespace kith::wire::websocket
