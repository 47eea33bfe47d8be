#include "wire/http/request.hpp"

#include "wire/http/request_parser.hpp"

#include <gtest/gtest.h>

namespace kith::wire::http {
namespace {

Request parsed(std::string_view head) {
  RequestParser parser;
  parser.feed(head);
  EXPECT_EQ(parser.state(), RequestParser::State::complete) << head;
  return parser.take_request();
}

constexpr std::string_view with_doubles =
    "GET /a?b HTTP/1.1\r\nHost: h\r\nAccept: one\r\naccept: two, Three\r\nX-Forwarded-For:\r\n\r\n";

TEST(Request, FindsTheFirstFieldOfAName) {
  const Request request = parsed(with_doubles);
  EXPECT_EQ(request.header("ACCEPT"), "one");
  EXPECT_EQ(request.header_or("accept", "none"), "one");
  EXPECT_EQ(request.header_or("accepts", "none"), "none");
  EXPECT_EQ(request.header_or("x-forwarded-for", "none"), "");
}

TEST(Request, CountsFieldsOfAName) {
  const Request request = parsed(with_doubles);
  EXPECT_EQ(request.header_count("accept"), 2U);
  EXPECT_EQ(request.header_count("host"), 1U);
  EXPECT_EQ(request.header_count("cookie"), 0U);
}

TEST(Request, LooksForTokensInAllFieldsOfAName) {
  const Request request = parsed(with_doubles);
  EXPECT_TRUE(request.header_has_token("accept", "one"));
  EXPECT_TRUE(request.header_has_token("accept", "TWO"));
  EXPECT_TRUE(request.header_has_token("accept", "three"));
  EXPECT_FALSE(request.header_has_token("accept", "four"));
  EXPECT_FALSE(request.header_has_token("cookie", "one"));
}

TEST(Request, ListsItsFieldsInOrderAsTheyWereWritten) {
  const Request request = parsed(with_doubles);
  ASSERT_EQ(request.headers(), 4U);
  EXPECT_EQ(request.header_at(0), (Header{"Host", "h"}));
  EXPECT_EQ(request.header_at(2), (Header{"accept", "two, Three"}));
  EXPECT_EQ(request.header_at(3), (Header{"X-Forwarded-For", ""}));
}

TEST(RequestDeathTest, AFieldBehindTheLastIsOurOwnFault) {
  const Request request = parsed(with_doubles);
  EXPECT_DEATH(request.header_at(4), "fields_.size");
}

TEST(Request, StaysWholeWhenItIsMovedEvenIfItIsShort) {
  Request request = parsed("GET / HTTP/1.0\r\n\r\n");
  const Request moved = std::move(request);
  EXPECT_EQ(moved.method(), "GET");
  EXPECT_EQ(moved.target(), "/");
  EXPECT_EQ(moved.path(), "/");
  EXPECT_EQ(moved.query(), "");
  EXPECT_EQ(moved.minor_version(), 0);
}

TEST(Request, GivesItsBodyAway) {
  RequestParser parser;
  parser.feed("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n");
  parser.accept_body(5);
  parser.feed("hello");
  Request request = parser.take_request();
  EXPECT_EQ(request.content_length(), 5U);
  EXPECT_EQ(request.take_body(), "hello");
}

TEST(Request, MethodsAreTheClientsWordAndCaseMatters) {
  EXPECT_EQ(parsed("get / HTTP/1.1\r\nHost: h\r\n\r\n").method(), "get");
  EXPECT_EQ(parsed("M-SEARCH / HTTP/1.1\r\nHost: h\r\n\r\n").method(), "M-SEARCH");
}

TEST(Request, AnEmptyQueryIsNoQuery) {
  EXPECT_EQ(parsed("GET /a? HTTP/1.1\r\nHost: h\r\n\r\n").query(), "");
  EXPECT_EQ(parsed("GET /a?b?c HTTP/1.1\r\nHost: h\r\n\r\n").query(), "b?c");
  EXPECT_EQ(parsed("GET //a//b HTTP/1.1\r\nHost: h\r\n\r\n").path(), "//a//b");
}

}  // namespace
}  // namespace kith::wire::http
