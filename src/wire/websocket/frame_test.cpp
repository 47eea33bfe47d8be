#include "wire/websocket/frame.hpp"

#include "base/encoding.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace kith::wire::websocket {
namespace {

TEST(Frame, HeadersAreAsShortAsTheLengthAllows) {
  const auto header = [](std::size_t length) {
    std::string out;
    append_frame_header(out, Opcode::binary, length);
    EXPECT_EQ(out.size(), frame_header_bytes(length));
    return base::hex_encode(out);
  };
  EXPECT_EQ(header(0), "8200");
  EXPECT_EQ(header(125), "827d");
  EXPECT_EQ(header(126), "827e007e");
  EXPECT_EQ(header(65535), "827effff");
  EXPECT_EQ(header(65536), "827f0000000000010000");
}

TEST(Frame, IsTheRfcsExample) {
  std::string out;
  append_frame(out, Opcode::text, "Hello");
  EXPECT_EQ(out, "\x81\x05Hello");
  out.clear();
  append_masked_frame(out, {.opcode = Opcode::text, .key = 0x37fa213d}, "Hello");
  EXPECT_EQ(base::hex_encode(out), "818537fa213d7f9f4d5158");
  out.clear();
  append_masked_frame(out, {.opcode = Opcode::text, .key = 0, .final = false}, "Hel");
  EXPECT_EQ(base::hex_encode(out), "01830000000048656c");
}

TEST(Frame, CloseHoldsACodeAndAReason) {
  std::string out;
  append_close_frame(out, close_code::going_away, "bye");
  EXPECT_EQ(out,
            std::string("\x88\x05\x03\xe9"
                        "bye"));
}

TEST(Frame, AReasonIsCutBetweenCharacters) {
  std::string reason(122, 'a');
  reason += "\xe2\x82\xac and more";
  std::string out;
  append_close_frame(out, close_code::normal, reason);
  EXPECT_EQ(out.size(), 2U + 2U + 122U);
  EXPECT_TRUE(base::is_utf8(std::string_view{out}.substr(4)));
  out.clear();
  append_close_frame(out, close_code::normal, std::string(200, 'a'));
  EXPECT_EQ(out.size(), 2U + control_payload_bytes_max);
}

TEST(Frame, CloseCodesForTheWireAreThoseOfTheRegistry) {
  std::vector<int> ranges;  // first and last of each
  bool before = false;
  for (int code = 0; code <= 65535; ++code) {
    const bool now = is_wire_close_code(static_cast<std::uint16_t>(code));
    if (now != before) ranges.push_back(now ? code : code - 1);
    before = now;
  }
  EXPECT_EQ(ranges, (std::vector<int>{1000, 1003, 1007, 1014, 3000, 4999}));
}

TEST(FrameDeathTest, ABrokenControlFrameIsOurOwnFault) {
  std::string out;
  EXPECT_DEATH(append_frame(out, Opcode::ping, std::string(126, 'a')), "control_payload_bytes_max");
  EXPECT_DEATH(append_close_frame(out, close_code::no_status), "is_wire_close_code");
}

TEST(Frame, MaskingByEightIsMaskingByOne) {
  EXPECT_TRUE(rc::check([](const std::string& bytes, std::uint32_t key) {
    const auto phase = *rc::gen::inRange<std::size_t>(0, 9);
    std::string expected = bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const auto mask = static_cast<unsigned char>(key >> (24 - (i + phase) % 4 * 8) & 0xff);
      expected[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) ^ mask);
    }
    std::string aside(bytes.size(), '\0');
    apply_mask(aside.data(), bytes, key, phase);
    std::string in_place = bytes;
    apply_mask(in_place.data(), in_place, key, phase);
    RC_ASSERT(aside == expected);
    RC_ASSERT(in_place == expected);
  }));
}

// CVE-2026-45736 (ws): uninitialised memory left the process. A frame holds its header and payload,
// to the byte.
TEST(Frame, SendsNoByteThatWasNotWritten) {
  for (const std::size_t length : {0U, 125U, 126U, 65535U, 65536U}) {
    const std::string payload(length, 'p');
    std::string out;
    append_frame(out, Opcode::text, payload);
    EXPECT_EQ(out.size(), frame_header_bytes(length) + length);
    EXPECT_EQ(std::string_view{out}.substr(frame_header_bytes(length)), payload);
  }
}

}  // namespace
}  // namespace kith::wire::websocket
