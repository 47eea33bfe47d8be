#include "wire/websocket/handshake.hpp"

#include "wire/http/request_parser.hpp"

#include <gtest/gtest.h>

namespace kith::wire::websocket {
namespace {

constexpr std::string_view good_head =
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\n"
    "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

http::Request parsed(std::string_view head) {
  http::RequestParser parser;
  parser.feed(std::string{head} + "\r\n");
  if (parser.state() == http::RequestParser::State::head_done) {
    parser.accept_body(10);
    parser.feed("a");
  }
  return parser.take_request();
}

std::string replaced(std::string_view what, std::string_view by) {
  std::string head{good_head};
  return head.replace(head.find(what), what.size(), by);
}

int refusal(std::string_view head) {
  const auto error = check_upgrade(parsed(head));
  return error ? error->status : 0;
}

TEST(Handshake, GivesTheAcceptKeyOfTheRfc) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Handshake, AcceptsAndDeclinesExtensionsAndProtocols) {
  const auto request = parsed(std::string{good_head} +
                              "Sec-WebSocket-Extensions: permessage-deflate\r\n"
                              "Sec-WebSocket-Protocol: chat\r\n");
  EXPECT_TRUE(wants_upgrade(request));
  EXPECT_EQ(check_upgrade(request), std::nullopt);
  std::string out;
  append_upgrade_response(out, request);
  EXPECT_EQ(out,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
}

TEST(Handshake, KnowsARequestThatWantsNoUpgrade) {
  EXPECT_FALSE(wants_upgrade(parsed("GET / HTTP/1.1\r\nHost: a\r\n")));
  EXPECT_FALSE(wants_upgrade(parsed(replaced("keep-alive, Upgrade", "keep-alive"))));
  EXPECT_TRUE(wants_upgrade(parsed(replaced("WebSocket", "h2c"))));
}

TEST(Handshake, RefusesWhatIsNotAWebSocketUpgrade) {
  EXPECT_EQ(refusal(good_head), 0);
  EXPECT_EQ(refusal(replaced("GET", "POST")), 405);
  EXPECT_EQ(refusal(replaced("HTTP/1.1", "HTTP/1.0")), 400);
  EXPECT_EQ(refusal(replaced("keep-alive, Upgrade", "keep-alive")), 400);
  EXPECT_EQ(refusal(replaced("WebSocket", "h2c")), 400);
  EXPECT_EQ(refusal(std::string{good_head} + "Content-Length: 1\r\n"), 400);
}

TEST(Handshake, SpeaksVersionThirteenOnly) {
  EXPECT_EQ(refusal(replaced("Version: 13", "Version: 8")), 426);
  EXPECT_EQ(refusal(replaced("Version: 13", "Version: 013")), 426);
  EXPECT_EQ(refusal(replaced("Sec-WebSocket-Version: 13\r\n", "")), 426);
  EXPECT_EQ(refusal(std::string{good_head} + "Sec-WebSocket-Version: 13\r\n"), 426);
  std::string out;
  append_refusal(out, {426, "why"});
  EXPECT_NE(out.find("426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\n"), std::string::npos);
  EXPECT_TRUE(out.ends_with("Content-Length: 3\r\n\r\nwhy"));
}

TEST(Handshake, WantsOneKeyOfSixteenBytes) {
  constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
  EXPECT_EQ(refusal(replaced(key, "dGhlIHNhbXBsZSBub25jZQ")), 400) << "no padding";
  EXPECT_EQ(refusal(replaced(key, "dGhlIHNhbXBsZSBub25j")), 400) << "15 bytes";
  EXPECT_EQ(refusal(replaced(key, "dGhlIHNhbXBsZSBub25jZWU=")), 400) << "17 bytes";
  EXPECT_EQ(refusal(replaced(key, "dGhlIHNhbXBsZSBub25j!Q==")), 400);
  EXPECT_EQ(refusal(replaced(key, "")), 400);
  EXPECT_EQ(refusal(std::string{good_head} + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
            400);
}

TEST(Handshake, ARefusalClosesAndSaysWhy) {
  std::string out;
  append_refusal(out, {400, "no"});
  EXPECT_EQ(out,
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"
            "Content-Type: text/plain; charset=UTF-8\r\nContent-Length: 2\r\n\r\nno");
  out.clear();
  append_refusal(out, {405, "no"});
  EXPECT_NE(out.find("\r\nAllow: GET\r\n"), std::string::npos);
}

// CVE-2021-32640 (ws): a subprotocol list that a regular expression takes seconds for. It is not
// looked at.
TEST(Handshake, ALongSubprotocolListIsNotLookedAt) {
  const std::string blanks = "b" + std::string(7'000, ' ') + "x";
  EXPECT_EQ(refusal(std::string{good_head} + "Sec-WebSocket-Protocol: " + blanks + "\r\n"), 0);
}

// CVE-2024-37890 (ws): the server crashed where an upgrade lacked a header that it took for
// granted.
TEST(Handshake, EachHeaderMayBeMissing) {
  for (const std::string_view line : {"Connection: keep-alive, Upgrade\r\n",
                                      "Upgrade: WebSocket\r\n",
                                      "Sec-WebSocket-Version: 13\r\n",
                                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"})
    EXPECT_NE(refusal(replaced(line, "")), 0) << line;
}

}  // namespace
}  // namespace kith::wire::websocket
