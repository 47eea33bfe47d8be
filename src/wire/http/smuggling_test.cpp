// Request smuggling: bytes that a lenient proxy in front and a lenient server behind it read as
// different requests. Each row is a published trick; here all of them end the connection, and
// nothing behind them is ever read as a request.
#include "wire/http/request_parser.hpp"

#include <gtest/gtest.h>

namespace kith::wire::http {
namespace {

using State = RequestParser::State;

struct Trick {
  const char* name;
  std::string_view bytes;
  int status;
};

constexpr std::string_view hidden = "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n";

constexpr Trick tricks[] = {
    {"CL.TE", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n", 400},
    {"CL.CL", "Content-Length: 0\r\nContent-Length: 44\r\n\r\n", 400},
    {"list of lengths", "Content-Length: 0, 44\r\n\r\n", 400},
    {"length with sign", "Content-Length: +44\r\n\r\n", 400},
    {"length in hex", "Content-Length: 0x2c\r\n\r\n", 400},
    {"length with blanks inside", "Content-Length: 4 4\r\n\r\n", 400},
    {"length with a line feed", "Content-Length: 4\n4\r\n\r\n", 400},
    {"length folded", "Content-Length: 4\r\n 4\r\n\r\n", 400},
    {"coding folded", "Transfer-Encoding:\r\n chunked\r\n\r\n", 400},
    {"coding with a tab before the colon", "Transfer-Encoding\t: chunked\r\n\r\n", 400},
    {"coding with a blank before the colon", "Transfer-Encoding : chunked\r\n\r\n", 400},
    {"coding with a vertical tab",
     "Transfer-Encoding: \x0b"
     "chunked\r\n\r\n",
     400},
    {"coding in quotes", "Transfer-Encoding: \"chunked\"\r\n\r\n", 400},
    {"coding misspelled", "Transfer-Encoding: chunk\r\n\r\n", 400},
    {"coding with a parameter", "Transfer-Encoding: chunked;q=1\r\n\r\n", 400},
    {"coding twice, the second unknown",
     "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n",
     400},
    {"chunked not last", "Transfer-Encoding: chunked, gzip\r\n\r\n", 400},
    {"header hidden by a carriage return", "X: a\rTransfer-Encoding: chunked\r\n\r\n", 400},
    {"header hidden by a line feed", "X: a\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"header begins with a blank", " Transfer-Encoding: chunked\r\n\r\n", 400},
    {"no colon", "Transfer-Encoding chunked\r\n\r\n", 400},
    {"second host", "Host: b\r\n\r\n", 400},
    {"chunk size with sign", "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n", 400},
    {"chunk size with prefix", "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", 400},
    {"chunk size with blank", "Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n", 400},
    {"chunk size with line feed", "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n", 400},
    {"chunk extension with line feed",
     "Transfer-Encoding: chunked\r\n\r\n5;\nxx\r\nhello\r\n",
     400},
    {"chunk size that wraps around",
     "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n",
     413},
    {"chunk data too long", "Transfer-Encoding: chunked\r\n\r\n1\r\nhello\r\n0\r\n\r\n", 400},
    {"last chunk without CRLF", "Transfer-Encoding: chunked\r\n\r\n0\r\n\nX", 400},
};

TEST(Smuggling, EachTrickEndsTheConnection) {
  for (const Trick& trick : tricks) {
    std::string bytes = "POST / HTTP/1.1\r\nHost: a\r\n";
    bytes.append(trick.bytes).append(hidden);
    RequestParser parser;
    std::string_view rest{bytes};
    while (!rest.empty() && parser.state() != State::failed && parser.state() != State::complete) {
      rest.remove_prefix(parser.feed(rest));
      if (parser.state() == State::head_done) parser.accept_body(1000);
    }
    ASSERT_EQ(parser.state(), State::failed) << trick.name;
    EXPECT_EQ(parser.error().status, trick.status) << trick.name << ": " << parser.error().text;
    EXPECT_EQ(parser.feed(hidden), 0U) << trick.name;
  }
}

TEST(Smuggling, ABodyThatLooksLikeARequestIsABody) {
  RequestParser parser;
  const std::string bytes =
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(hidden.size()) +
      "\r\n\r\n" + std::string{hidden};
  std::size_t used = parser.feed(bytes);
  parser.accept_body(1000);
  used += parser.feed(std::string_view{bytes}.substr(used));
  EXPECT_EQ(used, bytes.size());
  EXPECT_EQ(parser.take_request().body(), hidden);
  EXPECT_EQ(parser.state(), State::idle);
}

TEST(Smuggling, ABodyOfGetIsReadAndNotTakenForTheNextRequest) {
  RequestParser parser;
  std::string_view rest{
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n"};
  rest.remove_prefix(parser.feed(rest));
  parser.accept_body(10);
  rest.remove_prefix(parser.feed(rest));
  EXPECT_EQ(parser.take_request().body(), "abc");
  EXPECT_TRUE(rest.starts_with("GET /b"));
}

TEST(Smuggling, ATrailerNeverBecomesAHeader) {
  RequestParser parser;
  std::string_view rest{
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "0\r\nContent-Length: 44\r\nAuthorization: x\r\n\r\n"};
  rest.remove_prefix(parser.feed(rest));
  parser.accept_body(10);
  rest.remove_prefix(parser.feed(rest));
  const Request request = parser.take_request();
  EXPECT_EQ(request.header("authorization"), std::nullopt);
  EXPECT_EQ(request.header_count("content-length"), 0U);
  EXPECT_TRUE(rest.empty());
}

}  // namespace
}  // namespace kith::wire::http
