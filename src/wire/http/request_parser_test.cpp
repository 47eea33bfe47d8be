#include "wire/http/request_parser.hpp"

#include "base/limits.hpp"

#include <gtest/gtest.h>

namespace kith::wire::http {
namespace {

namespace limits = base::limits;
using State = RequestParser::State;

constexpr std::string_view plain_get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

// Feeds everything, accepting bodies of up to `body_bytes_max`, and stops at the end of one request
// or an error.
std::size_t feed(RequestParser& parser, std::string_view bytes, std::size_t body_bytes_max = 1000) {
  std::size_t used = 0;
  while (used < bytes.size()) {
    used += parser.feed(bytes.substr(used));
    if (parser.state() == State::head_done)
      parser.accept_body(body_bytes_max);
    else if (parser.state() == State::complete || parser.state() == State::failed)
      break;
  }
  return used;
}

Request parsed(std::string_view bytes) {
  RequestParser parser;
  EXPECT_EQ(feed(parser, bytes), bytes.size()) << bytes;
  EXPECT_EQ(parser.state(), State::complete) << bytes << parser.error().text;
  return parser.state() == State::complete ? parser.take_request() : Request{};
}

// The status a request is refused with, 0 if it is not.
int refusal(std::string_view bytes) {
  RequestParser parser;
  feed(parser, bytes);
  return parser.state() == State::failed ? parser.error().status : 0;
}

int refusal_of_line(std::string_view request_line) {
  return refusal(std::string{request_line} + "\r\nHost: a\r\n\r\n");
}

int refusal_of_header(std::string_view header_line) {
  return refusal("POST / HTTP/1.1\r\nHost: a\r\n" + std::string{header_line} + "\r\n\r\n");
}

TEST(RequestParser, ReadsWhatABrowserSends) {
  const Request request = parsed(
      "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: chat.example:8080\r\n"
      "User-Agent: x\r\nAccept: */*\r\nCookie:  a=b \t\r\nX-Empty:\r\n\r\n");
  EXPECT_EQ(request.method(), "GET");
  EXPECT_EQ(request.target(), "/socket.io/?EIO=4&transport=polling");
  EXPECT_EQ(request.path(), "/socket.io/");
  EXPECT_EQ(request.query(), "EIO=4&transport=polling");
  EXPECT_EQ(request.minor_version(), 1);
  EXPECT_EQ(request.headers(), 5U);
  EXPECT_EQ(request.header_at(3), (Header{"Cookie", "a=b"}));
  EXPECT_EQ(request.header("USER-agent"), "x");
  EXPECT_EQ(request.header("x-empty"), "");
  EXPECT_EQ(request.header("x-other"), std::nullopt);
  EXPECT_FALSE(request.has_body());
  EXPECT_TRUE(request.keep_alive());
}

TEST(RequestParser, SaysWhereItIsSoThatDeadlinesCanBeArmed) {
  RequestParser parser;
  EXPECT_EQ(parser.state(), State::idle);
  parser.feed("P");
  EXPECT_EQ(parser.state(), State::head);
  parser.feed("OST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(parser.state(), State::head_done);
  EXPECT_EQ(parser.feed("abc"), 0U) << "no byte of a body before it was accepted";
  parser.accept_body(3);
  EXPECT_EQ(parser.state(), State::body);
  EXPECT_EQ(parser.feed("ab"), 2U);
  EXPECT_EQ(parser.state(), State::body);
  EXPECT_EQ(parser.feed("cGET"), 1U);
  EXPECT_EQ(parser.state(), State::complete);
  EXPECT_EQ(parser.take_request().body(), "abc");
  EXPECT_EQ(parser.state(), State::idle);
}

TEST(RequestParser, LeavesPipelinedRequestsAndUpgradedBytesUntouched) {
  RequestParser parser;
  const std::string bytes = std::string{plain_get} + "GET /b HTTP/1.1\r\nHost: a\r\n\r\n\x81\x85";
  std::string_view rest{bytes};
  rest.remove_prefix(parser.feed(rest));
  EXPECT_EQ(parser.take_request().path(), "/");
  rest.remove_prefix(parser.feed(rest));
  EXPECT_EQ(parser.take_request().path(), "/b");
  EXPECT_EQ(rest, "\x81\x85");
}

TEST(RequestParser, GoesOnWhereItWasAfterAMove) {
  RequestParser first;
  first.feed("POST /%41b?q HTTP/1.1\r\nHost: a\r\nTransfer-Enc");
  RequestParser second = std::move(first);
  second.feed("oding: chunked\r\n\r\n");
  second.accept_body(100);
  second.feed("5\r\nhel");
  RequestParser third;
  third = std::move(second);
  EXPECT_EQ(third.feed("lo\r\n0\r\n\r\nrest"), 9U);
  Request request = third.take_request();
  const Request moved = std::move(request);
  EXPECT_EQ(moved.path(), "/Ab");
  EXPECT_EQ(moved.query(), "q");
  EXPECT_EQ(moved.header("host"), "a");
  EXPECT_EQ(moved.body(), "hello");
}

TEST(RequestParser, IsSmallWhileIdle) {
  EXPECT_LE(sizeof(RequestParser), 96U);
}

TEST(RequestParser, DecodesThePathAndKeepsTheRawOne) {
  const Request request = parsed("GET /a%20b%2fc+d?x=%20 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(request.path(), "/a b/c+d");
  EXPECT_EQ(request.raw_path(), "/a%20b%2fc+d");
  EXPECT_EQ(request.query(), "x=%20");
  EXPECT_EQ(refusal_of_line("GET /a%2 HTTP/1.1"), 400);
  EXPECT_EQ(refusal_of_line("GET /a%00 HTTP/1.1"), 400);
  EXPECT_EQ(refusal_of_line("GET /a?%2 HTTP/1.1"), 0) << "a query is read by who needs it";
}

TEST(RequestParser, ReadsAbsoluteAndAsteriskTargets) {
  EXPECT_EQ(parsed("GET http://h:1/p?q HTTP/1.1\r\nHost: a\r\n\r\n").path(), "/p");
  EXPECT_EQ(parsed("GET HTTPS://h?q HTTP/1.1\r\nHost: a\r\n\r\n").path(), "/");
  EXPECT_EQ(parsed("GET http://h?q HTTP/1.1\r\nHost: a\r\n\r\n").query(), "q");
  EXPECT_EQ(parsed("GET http://h HTTP/1.1\r\nHost: a\r\n\r\n").path(), "/");
  EXPECT_EQ(parsed("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").path(), "*");
  EXPECT_EQ(refusal_of_line("GET * HTTP/1.1"), 400);
  EXPECT_EQ(refusal_of_line("CONNECT h:443 HTTP/1.1"), 400);
  EXPECT_EQ(refusal_of_line("GET ftp://h/ HTTP/1.1"), 400);
  EXPECT_EQ(refusal_of_line("GET a/b HTTP/1.1"), 400);
}

TEST(RequestParser, RefusesBrokenRequestLines) {
  for (const std::string_view line : {"GET",
                                      "GET /",
                                      "GET  / HTTP/1.1",
                                      "GET / HTTP/1.1 ",
                                      "GET /a b HTTP/1.1",
                                      " GET / HTTP/1.1",
                                      "G(T / HTTP/1.1",
                                      "GET /\x7f HTTP/1.1",
                                      "GET /\xc3\xa4 HTTP/1.1",
                                      "GET /#f HTTP/1.1",
                                      "GET / http/1.1",
                                      "GET / HTTP/1.10",
                                      "GET / HTTP/11",
                                      "GET / HTTP/x.1",
                                      "GET\t/ HTTP/1.1"})
    EXPECT_EQ(refusal_of_line(line), 400) << line;
  EXPECT_EQ(refusal_of_line("GET / HTTP/2.0"), 505);
  EXPECT_EQ(refusal_of_line("GET / HTTP/0.9"), 505);
  EXPECT_EQ(refusal_of_line("GET / HTTP/1.2"), 0);
  EXPECT_EQ(refusal_of_line(std::string(limits::http_method_bytes_max, 'M') + " / HTTP/1.1"), 0);
  EXPECT_EQ(refusal_of_line(std::string(limits::http_method_bytes_max + 1, 'M') + " / HTTP/1.1"),
            501);
}

TEST(RequestParser, RefusesWhatIsNotHttpAtItsFirstByte) {
  for (const std::string_view begin : {"\x16\x03\x01", "\x80", " GET", ":", "\t"}) {
    RequestParser parser;
    feed(parser, begin);
    ASSERT_EQ(parser.state(), State::failed) << begin;
    EXPECT_EQ(parser.error().status, 400);
  }
}

TEST(RequestParser, SkipsOneBlankLineBeforeARequest) {
  RequestParser parser;
  feed(parser, "\r\n");
  EXPECT_EQ(parser.state(), State::idle);
  feed(parser, plain_get);
  EXPECT_EQ(parser.take_request().path(), "/");
  feed(parser, "\r\n" + std::string{plain_get});
  EXPECT_EQ(parser.state(), State::complete) << "one before each";
  EXPECT_EQ(refusal("\r\n\r\n" + std::string{plain_get}), 400);
}

TEST(RequestParser, RefusesLinesThatEndWithoutCrLf) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\nHost: a\n\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\n\n"), 400);
  EXPECT_EQ(refusal("\n"), 400);
  EXPECT_EQ(refusal_of_header("X: a\rY: b"), 400);
  EXPECT_EQ(refusal_of_header("X: a\r"), 400);
}

TEST(RequestParser, RefusesBrokenHeaderLines) {
  EXPECT_EQ(refusal_of_header("X: caf\xc3\xa9\tb"), 0);
  EXPECT_EQ(refusal_of_header("X : a"), 400)
      << "a blank before the colon hides a header from a proxy";
  EXPECT_EQ(refusal_of_header("X"), 400);
  EXPECT_EQ(refusal_of_header(": a"), 400);
  EXPECT_EQ(refusal_of_header("X\xc3\xa9: a"), 400);
  EXPECT_EQ(refusal_of_header("X: a\r\n folded"), 400);
  EXPECT_EQ(refusal_of_header("X: a\r\n\tfolded: b"), 400);
  EXPECT_EQ(refusal_of_header({"X: a\0b", 6}), 400);
  EXPECT_EQ(refusal_of_header({"X\0: a", 5}), 400);
  EXPECT_EQ(refusal_of_header("X: \x1b[31m"), 400);
  EXPECT_EQ(refusal_of_header("X: \x7f"), 400);
}

TEST(RequestParser, WantsExactlyOneHost) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.0\r\n\r\n"), 0);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"), 0);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost:\r\n\r\n"), 0);
}

TEST(RequestParser, KeepsTheConnectionAsVersionAndTokensSay) {
  const auto kept = [](std::string_view version, std::string_view connection) {
    return parsed("GET / HTTP/" + std::string{version} +
                  "\r\nHost: a\r\nConnection: " + std::string{connection} + "\r\n\r\n")
        .keep_alive();
  };
  EXPECT_TRUE(kept("1.1", "keep-alive"));
  EXPECT_TRUE(kept("1.1", ""));
  EXPECT_FALSE(kept("1.1", "Close"));
  EXPECT_FALSE(kept("1.1", "Upgrade, close"));
  EXPECT_FALSE(kept("1.1", "keep-alive\r\nConnection: close"));
  EXPECT_FALSE(kept("1.0", ""));
  EXPECT_TRUE(kept("1.0", "Keep-Alive"));
  EXPECT_FALSE(kept("1.0", "keep-alive, close"));
}

TEST(RequestParser, KnowsAClientThatWaitsForContinue) {
  const auto waits = [](std::string_view version, std::string_view rest) {
    RequestParser parser;
    parser.feed("POST / HTTP/" + std::string{version} + "\r\nHost: a\r\nExpect: 100-Continue\r\n" +
                std::string{rest} + "\r\n");
    return parser.request().expects_continue();
  };
  EXPECT_TRUE(waits("1.1", "Content-Length: 1\r\n"));
  EXPECT_TRUE(waits("1.1", "Transfer-Encoding: chunked\r\n"));
  EXPECT_FALSE(waits("1.1", "")) << "nothing to wait with";
  EXPECT_FALSE(waits("1.0", "Content-Length: 1\r\n"));
}

TEST(RequestParser, ReadsContentLengthStrictly) {
  EXPECT_EQ(parsed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 003\r\n\r\nabc").body(), "abc");
  EXPECT_EQ(parsed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").body(), "");
  for (const std::string_view length : {"", "+1", "-1", "1 ", "0x1", "1,1", "1, 1", "1e1", "one"}) {
    const bool trimmed_is_fine = length == "1 ";
    EXPECT_EQ(refusal_of_header("Content-Length: " + std::string{length}),
              trimmed_is_fine ? 0 : 400)
        << length;
  }
  EXPECT_EQ(refusal_of_header("Content-Length: 99999999999999999999999999"), 413);
  EXPECT_EQ(refusal_of_header("Content-Length: 18446744073709551616"), 413);
}

TEST(RequestParser, RefusesTwoOpinionsAboutTheEndOfARequest) {
  EXPECT_EQ(refusal_of_header("Content-Length: 1\r\nContent-Length: 2"), 400);
  EXPECT_EQ(refusal_of_header("Content-Length: 1\r\nContent-Length: 1"), 400);
  EXPECT_EQ(refusal_of_header("Content-Length: 1\r\nTransfer-Encoding: chunked"), 400);
  EXPECT_EQ(refusal_of_header("Transfer-Encoding: chunked\r\nContent-Length: 1"), 400);
  EXPECT_EQ(refusal_of_header("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400);
  EXPECT_EQ(refusal_of_header("Transfer-Encoding: chunked, chunked"), 400);
  EXPECT_EQ(refusal_of_header("Transfer-Encoding: xchunked"), 400);
  EXPECT_EQ(refusal_of_header("Transfer-Encoding: identity"), 400);
  EXPECT_EQ(refusal_of_header("Transfer-Encoding:"), 400);
  EXPECT_EQ(refusal_of_header("Transfer-Encoding: gzip, chunked"), 501);
  EXPECT_EQ(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(RequestParser, RefusesABodyByItsDeclaredLengthBeforeItComes) {
  RequestParser parser;
  parser.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n");
  ASSERT_EQ(parser.state(), State::head_done);
  EXPECT_EQ(parser.request().content_length(), 11U);
  parser.accept_body(10);
  EXPECT_EQ(parser.state(), State::failed);
  EXPECT_EQ(parser.error().status, 413);
  EXPECT_EQ(parser.feed("hello world"), 0U);
}

TEST(RequestParser, ShowsTheHeadOfARequestWhoseBodyIsRefused) {
  RequestParser parser;
  EXPECT_EQ(parser.find_request(), nullptr);
  parser.feed("POST /p HTTP/1.1\r\nHost: a\r\nOrigin: http://o\r\n");
  EXPECT_EQ(parser.find_request(), nullptr) << "not before the head is complete";
  parser.feed("Transfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(parser.find_request()->path(), "/p");
  parser.accept_body(3);
  parser.feed("2\r\nab\r\n2");
  ASSERT_EQ(parser.error().status, 413);
  EXPECT_EQ(parser.find_request()->header("origin"), "http://o");
  EXPECT_EQ(parser.find_request()->body(), "") << "what came of it is dropped";

  RequestParser broken;
  broken.feed("GET /\r\n");
  EXPECT_EQ(broken.state(), State::failed);
  EXPECT_EQ(broken.find_request(), nullptr);
}

TEST(RequestParser, TakesAsMuchAsItsLimitsSayAndNoMore) {
  const auto line_of = [](std::size_t bytes) {
    return "GET /" + std::string(bytes - 14, 'a') + " HTTP/1.1";
  };
  EXPECT_EQ(refusal_of_line(line_of(limits::http_line_bytes_max)), 0);
  EXPECT_EQ(refusal_of_line(line_of(limits::http_line_bytes_max + 1)), 414);
  const auto header_of = [](std::size_t bytes) { return "X: " + std::string(bytes - 3, 'a'); };
  EXPECT_EQ(refusal_of_header(header_of(limits::http_line_bytes_max)), 0);
  EXPECT_EQ(refusal_of_header(header_of(limits::http_line_bytes_max + 1)), 431);

  std::string head{"GET / HTTP/1.1\r\nHost: a\r\n"};
  for (std::size_t i = 1; i < limits::http_headers_max; ++i)
    head += "a:b\r\n";
  EXPECT_EQ(refusal(head + "\r\n"), 0);
  EXPECT_EQ(refusal(head + "a:b\r\n\r\n"), 431);

  std::string large{plain_get.substr(0, plain_get.size() - 2)};
  large += header_of(limits::http_line_bytes_max) + "\r\n";
  const std::size_t room = limits::http_head_bytes_max - large.size() - 4;
  EXPECT_EQ(refusal(large + header_of(room) + "\r\n\r\n"), 0);
  EXPECT_EQ(refusal(large + header_of(room + 1) + "\r\n\r\n"), 431);
}

TEST(RequestParser, RefusesAnEndlessLineWithoutWaitingForItsEnd) {
  RequestParser parser;
  const std::string piece(1000, 'a');
  for (int i = 0; i < 9; ++i)
    parser.feed(piece);
  EXPECT_EQ(parser.state(), State::failed);
  EXPECT_EQ(parser.error().status, 414);
  EXPECT_EQ(parser.feed(piece), 0U);
}

}  // namespace
}  // namespace kith::wire::http
