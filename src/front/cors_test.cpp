#include "front/cors.hpp"

#include "wire/http/request_parser.hpp"

#include <gtest/gtest.h>

namespace kith::front {
namespace {

wire::http::Request request(std::string_view origin, std::string_view host = "chat.example.com") {
  wire::http::RequestParser parser;
  std::string text = "GET / HTTP/1.1\r\nHost: " + std::string{host} + "\r\n";
  if (!origin.empty()) text += "Origin: " + std::string{origin} + "\r\n";
  text += "\r\n";
  parser.feed(text);
  return parser.take_request();
}

std::string headers(const Cors& cors, std::string_view origin) {
  Response response;
  cors.add_headers(request(origin), response);
  std::string out;
  for (const auto& [name, value] : response.headers)
    out += name + ": " + value + "\n";
  return out;
}

// CVE-2020-28481 (socket.io): every origin was allowed by default.
TEST(Cors, without_a_list_there_are_no_headers) {
  EXPECT_EQ(headers(Cors({}), "https://a.example.com"), "");
}

TEST(Cors, a_listed_origin_is_named_and_others_are_not) {
  const Cors cors({{"https://a.example.com", "https://b.example.com"}});
  EXPECT_EQ(headers(cors, "https://b.example.com"),
            "Access-Control-Allow-Origin: https://b.example.com\nVary: Origin\n");
  EXPECT_EQ(headers(cors, "https://evil.example.com"), "Vary: Origin\n");
  EXPECT_EQ(headers(cors, "https://a.example.com.evil.com"), "Vary: Origin\n");
  EXPECT_EQ(headers(cors, ""), "Vary: Origin\n");
}

TEST(Cors, credentials_are_for_listed_origins_only_and_never_for_any) {
  EXPECT_EQ(headers(Cors({{"https://a.example.com"}, true}), "https://a.example.com"),
            "Access-Control-Allow-Origin: https://a.example.com\n"
            "Access-Control-Allow-Credentials: true\nVary: Origin\n");
  const Cors any({{"*"}, true});
  EXPECT_EQ(headers(any, "https://x.example.com"), "Access-Control-Allow-Origin: *\n");
  EXPECT_EQ(headers(any, "*"), "Access-Control-Allow-Origin: *\n");
  const Cors both({{"*", "https://a.example.com"}, true});
  EXPECT_EQ(headers(both, "https://x.example.com"),
            "Access-Control-Allow-Origin: *\nVary: Origin\n");
}

TEST(Cors, a_websocket_may_come_from_no_page_the_own_host_or_the_list) {
  const Cors cors({{"https://a.example.com"}});
  EXPECT_TRUE(cors.allows_websocket(request("")));
  EXPECT_TRUE(cors.allows_websocket(request("https://a.example.com")));
  EXPECT_TRUE(cors.allows_websocket(request("https://chat.example.com")));
  EXPECT_FALSE(cors.allows_websocket(request("https://evil.example.com")));
  EXPECT_FALSE(cors.allows_websocket(request("null")));
  EXPECT_TRUE(Cors({{"*"}}).allows_websocket(request("https://evil.example.com")));
}

TEST(Cors, the_own_host_is_known_with_and_without_its_port) {
  const Cors cors({});
  EXPECT_TRUE(cors.allows_websocket(request("http://localhost:8080", "localhost:8080")));
  EXPECT_FALSE(cors.allows_websocket(request("http://localhost:8081", "localhost:8080")));
  EXPECT_TRUE(cors.allows_websocket(request("http://localhost:8080", "LOCALHOST")));
  EXPECT_TRUE(cors.allows_websocket(request("http://[::1]:8080", "[::1]:8080")));
  EXPECT_TRUE(cors.allows_websocket(request("http://[::1]:8080", "[::1]")));
  EXPECT_FALSE(cors.allows_websocket(request("http://[::1]", "[::2]")));
}

}  // namespace
}  // namespace kith::front
