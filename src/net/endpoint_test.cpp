#include "net/endpoint.hpp"

#include <gtest/gtest.h>

namespace kith::net {
namespace {

TEST(Endpoint, is_read_from_the_usual_forms) {
  EXPECT_EQ(parse_endpoint("127.0.0.1:8080").value(), (Endpoint{"127.0.0.1", 8080}));
  EXPECT_EQ(parse_endpoint("[::1]:0").value(), (Endpoint{"::1", 0}));
  EXPECT_EQ(parse_endpoint("0.0.0.0:65535").value(), (Endpoint{"0.0.0.0", 65535}));
  EXPECT_EQ(parse_endpoint("localhost:80").value(), (Endpoint{"127.0.0.1", 80}));
}

TEST(Endpoint, what_is_no_address_and_port_is_refused_with_how_to_write_it) {
  for (const std::string_view text : {std::string_view{""},
                                      {"8080"},
                                      {":8080"},
                                      {"127.0.0.1"},
                                      {"127.0.0.1:"},
                                      {"127.0.0.1:65536"},
                                      {"127.0.0.1:-1"},
                                      {"127.0.0.1:+1"},
                                      {"127.0.0.1:80x"},
                                      {"127.0.0.1\0:80", 13},
                                      {"::1:8080"},
                                      {"[127.0.0.1]:80"},
                                      {"[localhost]:80"},
                                      {"[]:80"},
                                      {"[::1:80"},
                                      {"[::1]"},
                                      {"example.org:80"},
                                      {"http://127.0.0.1:80"},
                                      {"1.2.3:80"},
                                      {"[::1]8080"}}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_TRUE(endpoint.has_error()) << text;
    EXPECT_NE(std::string_view{endpoint.error().text}.find("127.0.0.1:8080"),
              std::string_view::npos);
  }
}

TEST(Endpoint, is_written_as_it_is_read) {
  for (const char* text : {"127.0.0.1:8080", "[::1]:0", "[2001:db8::7]:443"})
    EXPECT_EQ(to_text(parse_endpoint(text).value()), text);
}

TEST(Endpoint, knows_what_is_loopback) {
  for (const auto* text : {"127.0.0.1:1", "127.8.8.8:1", "localhost:1", "[::1]:1"})
    EXPECT_TRUE(is_loopback(parse_endpoint(text).value())) << text;
  for (const auto* text : {"0.0.0.0:1", "128.0.0.1:1", "[::]:1", "[::ffff:127.0.0.1]:1"})
    EXPECT_FALSE(is_loopback(parse_endpoint(text).value())) << text;
}

}  // namespace
}  // namespace kith::net
