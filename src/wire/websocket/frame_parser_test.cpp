#include "wire/websocket/frame_parser.hpp"

#include "base/limits.hpp"
#include "wire/websocket/transcript_test.hpp"

#include <gtest/gtest.h>

#include <gmock/gmock.h>

namespace kith::wire::websocket {
namespace {

using testing::ElementsAre;

constexpr unsigned final_bit = 0x80;
constexpr unsigned continued = 0;
constexpr unsigned text = 1;
constexpr unsigned binary = 2;
constexpr unsigned close = 8;
constexpr unsigned ping = 9;
constexpr unsigned pong = 10;

std::string whole(unsigned opcode, std::string_view payload) {
  return raw_frame(final_bit | opcode, payload);
}

// What is said in one piece; the same must be said byte by byte.
std::vector<std::string> said(std::string_view bytes, std::size_t message_bytes_max = 100'000) {
  FrameParser at_once(message_bytes_max);
  FrameParser by_byte(message_bytes_max);
  auto lines = transcript(at_once, bytes);
  EXPECT_EQ(transcript(by_byte, bytes, {1}), lines);
  return lines;
}

TEST(FrameParser, GivesMessagesInOrder) {
  EXPECT_THAT(said(whole(text, "Hello") + whole(binary, {"\xff\0", 2}) + whole(text, "")),
              ElementsAre("text [Hello]", std::string("binary [\xff\0]", 11), "text []"));
}

TEST(FrameParser, ReadsAllThreeLengths) {
  for (const std::size_t length : {0U, 1U, 125U, 126U, 127U, 65535U, 65536U, 70000U}) {
    const std::string payload(length, 'x');
    EXPECT_THAT(said(whole(text, payload)), ElementsAre("text [" + payload + "]"));
  }
}

TEST(FrameParser, AcceptsALengthThatIsLongerThanNeeded) {
  EXPECT_THAT(said({"\x81\xfe\0\x02\0\0\0\0hi", 10}), ElementsAre("text [hi]"));
  EXPECT_THAT(said({"\x81\xff\0\0\0\0\0\0\0\x02\0\0\0\0hi", 16}), ElementsAre("text [hi]"));
}

TEST(FrameParser, JoinsFragmentsAndHearsControlFramesBetweenThem) {
  EXPECT_THAT(said(raw_frame(text, "one ") + whole(ping, "p") + raw_frame(continued, "") +
                   whole(pong, "") + raw_frame(continued, "two ") + whole(continued, "three")),
              ElementsAre("ping [p]", "pong []", "text [one two three]"));
  EXPECT_THAT(said(raw_frame(binary, "") + whole(continued, "") + whole(text, "next")),
              ElementsAre("binary []", "text [next]"));
}

TEST(FrameParser, RefusesFragmentsOutOfOrder) {
  EXPECT_THAT(said(whole(continued, "a")), ElementsAre("error 1002"));
  EXPECT_THAT(said(raw_frame(continued, "a")), ElementsAre("error 1002"));
  EXPECT_THAT(said(raw_frame(text, "a") + whole(text, "b")), ElementsAre("error 1002"));
  EXPECT_THAT(said(raw_frame(text, "a") + raw_frame(binary, "b")), ElementsAre("error 1002"));
  EXPECT_THAT(said(whole(text, "a") + whole(continued, "b")),
              ElementsAre("text [a]", "error 1002"));
  EXPECT_THAT(said(raw_frame(text, "a") + whole(continued, "b") + whole(continued, "c")),
              ElementsAre("text [ab]", "error 1002"));
}

TEST(FrameParser, RefusesReservedBitsAndOpcodes) {
  for (const unsigned bit : {0x40U, 0x20U, 0x10U})
    EXPECT_THAT(said(whole(text | bit, "a")), ElementsAre("error 1002")) << bit;
  for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U})
    EXPECT_THAT(said(whole(opcode, "a")), ElementsAre("error 1002")) << opcode;
}

TEST(FrameParser, RefusesLongOrFragmentedControlFrames) {
  for (const unsigned opcode : {close, ping, pong}) {
    EXPECT_THAT(said(raw_frame(opcode, "")), ElementsAre("error 1002"));
    EXPECT_THAT(said(whole(opcode, std::string(126, 'a'))), ElementsAre("error 1002"));
  }
  const std::string longest(125, 'a');
  EXPECT_THAT(said(whole(ping, longest)), ElementsAre("ping [" + longest + "]"));
}

TEST(FrameParser, WantsMasksFromClientsAndNoneFromServers) {
  EXPECT_THAT(said("\x81\x02hi"), ElementsAre("error 1002"));
  FrameParser client(100, FrameParser::Peer::server);
  EXPECT_THAT(transcript(client, "\x81\x02hi\x89\x01p"), ElementsAre("text [hi]", "ping [p]"));
  EXPECT_THAT(transcript(client, whole(text, "hi")), ElementsAre("error 1002"));
  FrameParser slow_client(100, FrameParser::Peer::server);
  EXPECT_THAT(transcript(slow_client, "\x81\x02hi", {1}), ElementsAre("text [hi]"));
}

TEST(FrameParser, FailsAsSoonAsTheFirstTwoBytesAreWrong) {
  FrameParser parser(100);
  std::string scratch;
  std::string_view bytes{"\x83\x80"};
  EXPECT_EQ(parser.next(bytes, scratch).kind, Event::Kind::error);
  EXPECT_FALSE(parser.partial());
}

TEST(FrameParser, RefusesALengthWithItsTopBitSet) {
  EXPECT_THAT(said({"\x82\xff\x80\0\0\0\0\0\0\x01\0\0\0\0a", 15}), ElementsAre("error 1002"));
}

TEST(FrameParser, TakesMessagesOfTheLargestSizeAndNoLarger) {
  EXPECT_THAT(said(whole(text, "12345"), 5), ElementsAre("text [12345]"));
  EXPECT_THAT(said(whole(text, "123456"), 5), ElementsAre("error 1009"));
  EXPECT_THAT(said(raw_frame(text, "123") + whole(continued, "45"), 5),
              ElementsAre("text [12345]"));
  EXPECT_THAT(said(raw_frame(text, "123") + whole(continued, "456"), 5), ElementsAre("error 1009"));
  EXPECT_THAT(
      said(raw_frame(text, "123") + whole(ping, "longer than five") + whole(continued, ""), 5),
      ElementsAre("ping [longer than five]", "text [123]"));
}

TEST(FrameParser, RefusesTextThatIsNotUtf8) {
  EXPECT_THAT(said(whole(text, "\xe2\x82\xac")), ElementsAre("text [\xe2\x82\xac]"));
  for (const std::string_view bad :
       {"\xff", "a\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"})
    EXPECT_THAT(said(whole(text, bad)), ElementsAre("error 1007"));
  EXPECT_THAT(
      said(raw_frame(text, "\xe2") + raw_frame(continued, "\x82") + whole(continued, "\xac")),
      ElementsAre("text [\xe2\x82\xac]"))
      << "a character may span fragments";
  EXPECT_THAT(said(raw_frame(text, "\xe2\x82") + whole(continued, "a")), ElementsAre("error 1007"));
}

TEST(FrameParser, ReadsCloseWithAndWithoutACode) {
  EXPECT_THAT(said(whole(close, "")), ElementsAre("close 1005 []"));
  EXPECT_THAT(said(whole(close, "\x03\xe8")), ElementsAre("close 1000 []"));
  EXPECT_THAT(said(whole(close,
                         "\x03\xe9"
                         "bye")),
              ElementsAre("close 1001 [bye]"));
  EXPECT_THAT(said(whole(close, "\x13\x87")), ElementsAre("close 4999 []"));
}

TEST(FrameParser, RefusesBrokenCloseFrames) {
  EXPECT_THAT(said(whole(close, "a")), ElementsAre("error 1002"));
  EXPECT_THAT(said(whole(close, {"\0\0", 2})), ElementsAre("error 1002"));
  for (const unsigned code : {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 2999U, 5000U, 65535U}) {
    const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    EXPECT_THAT(said(whole(close, payload)), ElementsAre("error 1002")) << code;
  }
  EXPECT_THAT(said(whole(close, "\x03\xe8\xff")), ElementsAre("error 1007"));
}

TEST(FrameParser, SaysNothingBehindACloseOrAnError) {
  EXPECT_THAT(said(whole(close, "") + whole(text, "late")), ElementsAre("close 1005 []"));
  EXPECT_THAT(said(whole(text, "\xff") + whole(text, "late")), ElementsAre("error 1007"));
  EXPECT_THAT(said(raw_frame(text, "half") + whole(close, "") + whole(continued, "late")),
              ElementsAre("close 1005 []"));
}

TEST(FrameParser, HoldsNothingBetweenMessages) {
  EXPECT_LE(sizeof(FrameParser), 48U);
  FrameParser parser(100'000);
  std::string scratch;
  const std::string bytes = whole(text, std::string(1000, 'a'));
  std::string_view first{bytes.data(), 500};
  EXPECT_EQ(parser.next(first, scratch).kind, Event::Kind::none);
  EXPECT_TRUE(parser.partial());
  std::string_view second{bytes.data() + 500, bytes.size() - 500};
  EXPECT_EQ(parser.next(second, scratch).kind, Event::Kind::text);
  EXPECT_FALSE(parser.partial());
}

TEST(FrameParser, UnmasksAWholeFrameIntoTheScratchItWasGiven) {
  FrameParser parser(100'000);
  std::string scratch;
  scratch.reserve(1000);
  const char* const before = scratch.data();
  const std::string bytes = whole(text, std::string(1000, 'a'));
  std::string_view rest{bytes};
  const Event event = parser.next(rest, scratch);
  EXPECT_EQ(event.payload.data(), before);
  EXPECT_EQ(event.payload, std::string(1000, 'a'));
  EXPECT_TRUE(rest.empty());
}

TEST(FrameParser, GoesOnWhereItWasAfterAMove) {
  const std::string bytes = raw_frame(text, "one ") + whole(continued, "two");
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    FrameParser first(100);
    auto lines = transcript(first, bytes.substr(0, cut));
    FrameParser second = std::move(first);
    for (const auto& line : transcript(second, bytes.substr(cut)))
      lines.push_back(line);
    EXPECT_THAT(lines, ElementsAre("text [one two]")) << cut;
  }
}

}  // namespace
}  // namespace kith::wire::websocket
