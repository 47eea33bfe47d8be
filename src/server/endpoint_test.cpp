#include "server/endpoint.hpp"

namespace kith::server {
namespace {

TEST(Endpoint, ReadsAddressesNamesAndIpv6InBrackets) {
  const auto v4 = parse_endpoint("127.0.0.1:8080").value();
  EXPECT_EQ(v4.host, "127.0.0.1");
  EXPECT_EQ(v4.port, 8080);
  const auto name = parse_endpoint("localhost:0").value();
  EXPECT_EQ(name.host, "localhost");
  EXPECT_EQ(name.port, 0);
  const auto v6 = parse_endpoint("[::1]:65535").value();
  EXPECT_EQ(v6.host, "::1");
  EXPECT_EQ(v6.port, 65535);
}

TEST(Endpoint, RefusesWhatIsNotAddressAndPort) {
  for (const auto* text : {"",
                           "8080",
                           ":8080",
                           "localhost",
                           "localhost:",
                           "a:65536",
                           "a:-1",
                           "a:+1",
                           "a:8080x",
                           "::1:8080",
                           "[]:1",
                           "[::1]",
                           "a b:1",
                           "a/b:1",
                           "http://a:1"}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_TRUE(endpoint.has_error()) << text;
    EXPECT_NE(endpoint.error().text.find("127.0.0.1:8080"), std::string::npos)
        << "says how it is written";
  }
}

TEST(Endpoint, KnowsWhatIsLoopback) {
  for (const auto* text : {"127.0.0.1:1", "127.8.8.8:1", "localhost:1", "[::1]:1"})
    EXPECT_TRUE(is_loopback(parse_endpoint(text).value())) << text;
  for (const auto* text :
       {"0.0.0.0:1", "128.0.0.1:1", "[::]:1", "127.example.org:1", "localhost.example.org:1"})
    EXPECT_FALSE(is_loopback(parse_endpoint(text).value())) << text;
}

}  // namespace
}  // namespace kith::server
