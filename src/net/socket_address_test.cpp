#include "net/socket_address.hpp"

#include <gtest/gtest.h>

namespace kith::net {
namespace {

TEST(SocketAddress, keeps_address_and_port) {
  for (const Endpoint& endpoint : {Endpoint{"10.1.2.3", 99}, Endpoint{"fe80::2", 1}}) {
    const auto address = to_socket_address(endpoint);
    ASSERT_TRUE(address);
    EXPECT_EQ(to_endpoint(*address), endpoint);
  }
}

TEST(SocketAddress, what_is_no_literal_has_none) {
  for (const char* text : {"", "localhost", "[::1]", "1.2.3"})
    EXPECT_FALSE(to_socket_address({text, 1})) << text;
}

TEST(SocketAddress, ipv4_within_ipv6_is_shown_as_ipv4) {
  EXPECT_EQ(to_endpoint(*to_socket_address({"::ffff:10.1.2.3", 5})), (Endpoint{"10.1.2.3", 5}));
}

TEST(SocketAddress, another_family_has_no_address) {
  EXPECT_EQ(to_endpoint(SocketAddress{}).address, "");
}

}  // namespace
}  // namespace kith::net
