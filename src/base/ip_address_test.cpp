#include "base/ip_address.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

namespace kith::base {
namespace {

std::string hex(const std::optional<IpAddress>& address) {
  if (!address) return "none";
  std::string text;
  for (const auto byte : address->bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::string read(std::string_view text) {
  return hex(IpAddress::parse(text));
}

TEST(IpAddress, both_families_are_read) {
  EXPECT_EQ(read("1.2.3.255"), "00000000000000000000ffff010203ff");
  EXPECT_EQ(read("2001:db8:0:1:0:0:0:A"), "20010db800000001000000000000000a");
  EXPECT_EQ(read("2001:db8:0:1::a"), "20010db800000001000000000000000a");
  EXPECT_EQ(read("::"), "00000000000000000000000000000000");
  EXPECT_EQ(read("::1"), "00000000000000000000000000000001");
  EXPECT_EQ(read("1::"), "00010000000000000000000000000000");
  EXPECT_EQ(read("1:2:3:4:5:6:7::"), "00010002000300040005000600070000");
  EXPECT_EQ(read("::2:3:4:5:6:7:8"), "00000002000300040005000600070008");
  EXPECT_EQ(read("64:ff9b::1.2.3.4"), "0064ff9b000000000000000001020304");
}

TEST(IpAddress, ipv4_within_ipv6_is_the_same_address) {
  EXPECT_EQ(IpAddress::parse("::ffff:1.2.3.4"), IpAddress::parse("1.2.3.4"));
  EXPECT_EQ(IpAddress::parse("::ffff:102:304"), IpAddress::v4(1, 2, 3, 4));
  EXPECT_TRUE(IpAddress::parse("::ffff:1.2.3.4")->is_v4());
  EXPECT_FALSE(IpAddress::parse("::1.2.3.4")->is_v4());
}

TEST(IpAddress, what_is_no_address_is_refused) {
  for (const auto* text : {"",
                           " ",
                           "1",
                           "1.2.3",
                           "1.2.3.4.5",
                           "1.2.3.256",
                           "01.2.3.4",
                           "1.2.3.04",
                           "1.2.3.-4",
                           "1.2.3.+4",
                           "1.2.3.4 ",
                           "1..3.4",
                           "1.2.3.",
                           ".1.2.3",
                           "0x1.2.3.4",
                           "localhost",
                           ":",
                           ":::",
                           "1:2",
                           ":1::",
                           "1::2::3",
                           "1:::2",
                           "1::2:",
                           "12345::",
                           "g::",
                           "::1%eth0",
                           "[::1]",
                           "1.2.3.4:80",
                           "::1.2.3",
                           "::1.2.3.4:5",
                           "-1::",
                           "+1::",
                           "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4:5:6:7:8::",
                           "1:2:3:4::5:6:7:8",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "1:2:3:4:5:6:7:8:"})
    EXPECT_EQ(read(text), "none") << text;
}

TEST(IpAddress, nothing_that_is_read_goes_beyond_its_memory) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint8_t>& picks) {
    std::string text;
    for (const auto pick : picks)
      text += "0123456789abcdef::::...:./ "[pick % 27];
    const auto address = IpAddress::parse(text);
    if (address) RC_ASSERT(text.size() <= 45U);
    const auto network = IpNetwork::parse(text);
    if (network && address) RC_ASSERT(network->contains(*address));
  }));
}

TEST(IpAddress, the_machine_itself_is_known) {
  for (const auto* text : {"127.0.0.1", "127.255.0.3", "::1", "::ffff:127.0.0.1"})
    EXPECT_TRUE(IpAddress::parse(text)->is_loopback()) << text;
  for (const auto* text : {"128.0.0.1", "::", "::2", "1::1", "0.0.0.0", "::127.0.0.1"})
    EXPECT_FALSE(IpAddress::parse(text)->is_loopback()) << text;
}

TEST(IpAddress, ipv6_is_counted_by_its_network_of_64_bits) {
  const auto counted = [](std::string_view text) {
    return std::string{IpAddress::parse(text)->counted()};
  };
  EXPECT_EQ(counted("2001:db8:0:1::a"), counted("2001:db8:0:1:ffff:ffff:ffff:ffff"));
  EXPECT_NE(counted("2001:db8:0:1::a"), counted("2001:db8:0:2::a"));
  EXPECT_NE(counted("1.2.3.4"), counted("1.2.3.5"));
  EXPECT_NE(counted("1.2.3.4"), counted("::"));
}

bool in(std::string_view network, std::string_view address) {
  return IpNetwork::parse(network)->contains(*IpAddress::parse(address));
}

TEST(IpNetwork, holds_what_begins_with_its_prefix) {
  EXPECT_TRUE(in("10.0.0.0/8", "10.255.1.2"));
  EXPECT_FALSE(in("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(in("10.1.2.3/8", "10.9.9.9"));
  EXPECT_TRUE(in("192.168.4.0/22", "192.168.7.255"));
  EXPECT_FALSE(in("192.168.4.0/22", "192.168.8.0"));
  EXPECT_TRUE(in("10.0.0.1", "10.0.0.1"));
  EXPECT_FALSE(in("10.0.0.1", "10.0.0.2"));
  EXPECT_TRUE(in("10.0.0.1/32", "::ffff:10.0.0.1"));
  EXPECT_TRUE(in("2001:db8::/32", "2001:db8:ffff::1"));
  EXPECT_FALSE(in("2001:db8::/33", "2001:db8:ffff::1"));
  EXPECT_TRUE(in("::/0", "1.2.3.4"));
  EXPECT_TRUE(in("0.0.0.0/0", "1.2.3.4"));
  EXPECT_FALSE(in("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(in("::ffff:10.0.0.0/104", "10.1.1.1"));
}

TEST(IpNetwork, what_is_none_is_refused) {
  for (const auto* text : {"",
                           "/",
                           "10.0.0.0/",
                           "10.0.0.0/33",
                           "10.0.0.0/-1",
                           "10.0.0.0/+8",
                           "10.0.0.0/08",
                           "10.0.0.0/8/8",
                           "::/129",
                           "::/ 1",
                           "a/8",
                           "10/8"})
    EXPECT_FALSE(IpNetwork::parse(text)) << text;
}

}  // namespace
}  // namespace kith::base
