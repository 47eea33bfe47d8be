// The published weaknesses of other servers that touch HTTP, each with the guard that is ours.
#include "base/limits.hpp"
#include "wire/http/query.hpp"
#include "wire/http/request_parser.hpp"

#include <gtest/gtest.h>

namespace kith::wire::http {
namespace {

using State = RequestParser::State;

// CVE-2020-36048 (engine.io): huge POST bodies. They are refused by their declared length, or as
// soon as the count passes.
TEST(HttpAdvisories, AHugeBodyIsRefusedEarly) {
  constexpr std::size_t body_bytes_max = 1'000'000;
  RequestParser declared;
  declared.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
  declared.accept_body(body_bytes_max);
  EXPECT_EQ(declared.state(), State::failed);
  EXPECT_EQ(declared.error().status, 413);

  RequestParser counted;
  counted.feed("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  counted.accept_body(body_bytes_max);
  const std::string chunk = "186a0\r\n" + std::string(100'000, 'a') + "\r\n";
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(counted.feed(chunk), chunk.size());
  EXPECT_EQ(counted.state(), State::body);
  EXPECT_LE(counted.feed(chunk), 1U) << "the next digit of a size is too much";
  EXPECT_EQ(counted.error().status, 413);
}

// CVE-2020-36048, second half: a length that is only declared takes little memory.
TEST(HttpAdvisories, ADeclaredLengthIsNotAllocated) {
  RequestParser parser;
  parser.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n");
  parser.accept_body(1'000'000);
  EXPECT_LE(parser.request().body().capacity(), base::limits::http_body_reserve_bytes_max);
}

// CVE-2022-21676, CVE-2022-41940, CVE-2023-31125 (engine.io): a reset at any step of an upgrade, an
// upgrade with an unknown transport. A parser that is dropped in the middle frees everything, and
// none of it throws.
TEST(HttpAdvisories, AnUpgradeMayEndAtEachByte) {
  constexpr std::string_view upgrade =
      "GET /socket.io/?EIO=4&transport=webtransport&sid=%00%ff HTTP/1.1\r\nHost: a\r\n"
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  for (std::size_t length = 0; length <= upgrade.size(); ++length) {
    RequestParser parser;
    EXPECT_EQ(parser.feed(upgrade.substr(0, length)), length);
    EXPECT_EQ(parser.state(),
              length == 0               ? State::idle
              : length < upgrade.size() ? State::head
                                        : State::complete);
    if (parser.state() != State::complete) continue;
    const Request request = parser.take_request();
    EXPECT_EQ(Query::parse(request.query()).value().find("transport"), "webtransport");
  }
}

// CVE-2024-37890 (ws): a request with more headers than the server counts on.
TEST(HttpAdvisories, ManyHeadersAreRefused) {
  RequestParser parser;
  parser.feed("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n");
  std::size_t taken = 2;
  while (parser.state() == State::head) {
    parser.feed("a:b\r\n");
    ++taken;
  }
  EXPECT_EQ(taken, base::limits::http_headers_max + 1);
  EXPECT_EQ(parser.error().status, 431);
}

// CVE-2020-36049 (parser): quadratic work on concatenated input. A thousand requests in one piece
// are read one by one, and each costs its own length.
TEST(HttpAdvisories, APipelineIsReadInOnePass) {
  std::string bytes;
  for (int i = 0; i < 1000; ++i)
    bytes += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  RequestParser parser;
  std::string_view rest{bytes};
  for (int i = 0; i < 1000; ++i) {
    rest.remove_prefix(parser.feed(rest));
    ASSERT_EQ(parser.take_request().path(), "/" + std::to_string(i));
  }
  EXPECT_TRUE(rest.empty());
}

}  // namespace
}  // namespace kith::wire::http
