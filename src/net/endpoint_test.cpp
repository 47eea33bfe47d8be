#include "net/endpoint.hpp"

#include "net/socket_address.hpp"

#include <gtest/gtest.h>

namespace kith::net {
namespace {

TEST(Endpoint, IsReadFromTheUsualForms) {
  EXPECT_EQ(parse_endpoint("127.0.0.1:8080").value(), (Endpoint{"127.0.0.1", 8080}));
  EXPECT_EQ(parse_endpoint("[::1]:0").value(), (Endpoint{"::1", 0}));
  EXPECT_EQ(parse_endpoint(":65535").value(), (Endpoint{"0.0.0.0", 65535}));
  EXPECT_EQ(parse_endpoint("localhost:80").value(), (Endpoint{"127.0.0.1", 80}));
}

TEST(Endpoint, WhatIsNoAddressAndPortIsRefused) {
  for (const char* text : {"",
                           "8080",
                           "127.0.0.1",
                           "127.0.0.1:",
                           "127.0.0.1:65536",
                           "127.0.0.1:-1",
                           "127.0.0.1:80x",
                           "::1:8080",
                           "[127.0.0.1]:80",
                           "[]:80",
                           "[::1:80",
                           "example.org:80",
                           "1.2.3:80",
                           "[::1]8080"})
    EXPECT_TRUE(parse_endpoint(text).has_error()) << text;
}

TEST(Endpoint, IsWrittenAsItIsRead) {
  for (const char* text : {"127.0.0.1:8080", "[::1]:0", "[2001:db8::7]:443"})
    EXPECT_EQ(to_text(parse_endpoint(text).value()), text);
}

TEST(SocketAddress, KeepsAddressAndPort) {
  for (const Endpoint& endpoint : {Endpoint{"10.1.2.3", 99}, Endpoint{"fe80::2", 1}}) {
    const auto address = to_socket_address(endpoint);
    ASSERT_TRUE(address);
    EXPECT_EQ(to_endpoint(*address), endpoint);
  }
}

TEST(SocketAddress, Ipv4WithinIpv6IsShownAsIpv4) {
  EXPECT_EQ(to_endpoint(*to_socket_address({"::ffff:10.1.2.3", 5})), (Endpoint{"10.1.2.3", 5}));
}

TEST(SocketAddress, AnotherFamilyHasNoAddress) {
  EXPECT_EQ(to_endpoint(SocketAddress{}).address, "");
}

}  // namespace
}  // namespace kith::net
