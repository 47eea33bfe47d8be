#include "wire/http/response.hpp"

#include <gtest/gtest.h>

namespace kith::wire::http {
namespace {

TEST(Response, IsAStatusLineHeadersAndABody) {
  std::string out = "earlier";
  ResponseWriter(out, 200).header("Content-Type", "text/html").finish("ok");
  EXPECT_EQ(out,
            "earlierHTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nok");
}

TEST(Response, AnEmptyBodyHasALength) {
  std::string out;
  ResponseWriter(out, 404).finish({});
  EXPECT_EQ(out, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

TEST(Response, SomeStatusesNeverHaveABodyOrALength) {
  for (const std::uint16_t status : {101, 204, 304}) {
    std::string out;
    ResponseWriter(out, status).finish({});
    EXPECT_EQ(out.find("Content-Length"), std::string::npos) << out;
    EXPECT_TRUE(out.ends_with("\r\n\r\n"));
  }
}

TEST(Response, ToHeadSaysTheLengthAndSendsNothing) {
  std::string out;
  ResponseWriter(out, 200).finish_head(1234567);
  EXPECT_EQ(out, "HTTP/1.1 200 OK\r\nContent-Length: 1234567\r\n\r\n");
}

TEST(Response, SaysWhatTheVersionDoesNotSayAboutTheConnection) {
  const auto connection = [](bool keep_alive, int minor_version) {
    std::string out;
    ResponseWriter(out, 204).connection(keep_alive, minor_version).finish({});
    const std::size_t at = out.find("Connection: ");
    return at == std::string::npos ? "" : out.substr(at + 12, out.find('\r', at) - at - 12);
  };
  EXPECT_EQ(connection(true, 1), "");
  EXPECT_EQ(connection(false, 1), "close");
  EXPECT_EQ(connection(true, 0), "keep-alive");
  EXPECT_EQ(connection(false, 0), "close");
}

TEST(Response, AValueCanNotBeginAnotherHeader) {
  std::string out;
  ResponseWriter(out, 302).header("Location", {"/a\r\nSet-Cookie: x\0y\x7f\tz", 22}).finish({});
  EXPECT_EQ(out,
            "HTTP/1.1 302 Found\r\nLocation: /a  Set-Cookie: x y  z\r\nContent-Length: 0\r\n\r\n");
}

TEST(ResponseDeathTest, ABrokenHeaderNameIsOurOwnFault) {
  std::string out;
  EXPECT_DEATH(ResponseWriter(out, 200).header("A: b\r\nC", "d"), "is_token");
  EXPECT_DEATH(ResponseWriter(out, 204).finish("a body"), "body_bytes == 0");
}

TEST(Response, HasAPhraseForEachStatusThatIsUsed) {
  for (const std::uint16_t status : {101, 200, 201, 204, 304, 400, 401, 403, 404, 405, 408,
                                     409, 413, 414, 426, 429, 431, 500, 501, 503, 505})
    EXPECT_FALSE(reason_phrase(status).empty()) << status;
  EXPECT_EQ(reason_phrase(299), "");
}

TEST(HttpDate, IsTheFixedFormOfTheRfc) {
  const auto date = [](std::int64_t ms) {
    std::string out;
    append_http_date(out, base::WallTime{ms});
    return out;
  };
  EXPECT_EQ(date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(date(784'111'777'000), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(date(1'709'251'199'999), "Thu, 29 Feb 2024 23:59:59 GMT");
}

}  // namespace
}  // namespace kith::wire::http
