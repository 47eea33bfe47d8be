// The published weaknesses of other servers that touch WebSockets, each with the guard that is
// ours.
#include "base/limits.hpp"
#include "wire/http/request_parser.hpp"
#include "wire/websocket/handshake.hpp"
#include "wire/websocket/transcript_test.hpp"

#include <gtest/gtest.h>

#include <gmock/gmock.h>

namespace kith::wire::websocket {
namespace {

using testing::ElementsAre;

// CVE-2016-10542 (ws): a giant frame. Its length is refused before a byte of it is kept.
TEST(WebSocketAdvisories, AGiantFrameIsRefusedByItsHeader) {
  FrameParser parser(1'000'000);
  const std::string_view header{"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14};
  EXPECT_THAT(transcript(parser, header), ElementsAre("error 1009"));
  EXPECT_FALSE(parser.partial());
}

// CVE-2016-10542, second half: the sum of fragments counts, and can not wrap around.
TEST(WebSocketAdvisories, FragmentsCanNotAddUpToAGiantMessage) {
  FrameParser parser(1000);
  std::string bytes = raw_frame(0x01, std::string(600, 'a'));
  bytes += std::string_view{"\x80\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14};
  EXPECT_THAT(transcript(parser, bytes), ElementsAre("error 1009"));
}

// CVE-2026-48779 (ws): millions of tiny fragments.
TEST(WebSocketAdvisories, AMessageHasAtMostSoManyFragments) {
  constexpr std::size_t most = base::limits::websocket_fragments_max;
  const auto fragments = [](std::size_t count) {
    std::string bytes = raw_frame(0x01, "a");
    for (std::size_t i = 2; i < count; ++i)
      bytes += raw_frame(0x00, "");
    return bytes + raw_frame(0x80, "b");
  };
  FrameParser at_edge(100);
  EXPECT_THAT(transcript(at_edge, fragments(most) + fragments(most)),
              ElementsAre("text [ab]", "text [ab]"));
  FrameParser past_edge(100);
  EXPECT_THAT(transcript(past_edge, fragments(most + 1)), ElementsAre("error 1009"));
}

// CVE-2022-21676, CVE-2022-41940, CVE-2023-31125 (engine.io): a bad frame right behind the upgrade,
// in the same segment, or a reset at any byte of it.
TEST(WebSocketAdvisories, ABadFrameBehindTheUpgradeIsAnEvent) {
  const std::string bytes =
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
      "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\xff\xff\xff";
  http::RequestParser http_parser;
  std::string_view rest{bytes};
  rest.remove_prefix(http_parser.feed(rest));
  EXPECT_EQ(check_upgrade(http_parser.take_request()), std::nullopt);
  FrameParser parser(100);
  EXPECT_THAT(transcript(parser, rest), ElementsAre("error 1002"));

  const std::string frames = raw_frame(0x01, "abc") + raw_frame(0x89, "p") + raw_frame(0x80, "d");
  for (std::size_t length = 0; length < frames.size(); ++length) {
    FrameParser dropped(100);
    EXPECT_LE(transcript(dropped, frames.substr(0, length)).size(), 1U);
  }
}

// CVE-2020-36049 (parser): quadratic work on concatenated input. Small frames are read in one pass,
// bytes that trickle into a large one are kept once.
TEST(WebSocketAdvisories, ManySmallFramesAndALargeOneInPiecesAreLinear) {
  std::string small;
  for (int i = 0; i < 20'000; ++i)
    small += raw_frame(0x81, "x");
  FrameParser parser(1'000'000);
  EXPECT_EQ(transcript(parser, small).size(), 20'000U);
  EXPECT_EQ(transcript(parser, raw_frame(0x82, std::string(1'000'000, 'x')), {100}).size(), 1U);
}

// GHSA-cgwc-pv48-fhj5 (python-engineio): a thread per pong. Unasked pongs leave nothing behind.
TEST(WebSocketAdvisories, UnaskedPongsLeaveNothingBehind) {
  FrameParser parser(100);
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_THAT(transcript(parser, raw_frame(0x8a, "p"), {3}), ElementsAre("pong [p]"));
    ASSERT_FALSE(parser.partial());
  }
}

}  // namespace
}  // namespace kith::wire::websocket
