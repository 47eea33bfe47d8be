#include "net/proxy_header.hpp"

#include "base/limits.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

namespace kith::net {
namespace {

using base::IpAddress;
using State = ProxyHeader::State;

const std::string signature{"\r\n\r\n\0\r\nQUIT\n", 12};

// Version 2: command with version, kind, and what is described, with its length before.
std::string binary(int command, int kind, const std::string& described) {
  std::string out = signature;
  out += static_cast<char>(command);
  out += static_cast<char>(kind);
  out += static_cast<char>(described.size() >> 8);
  out += static_cast<char>(described.size() & 0xff);
  return out + described;
}

const std::string v4_addresses{"\xc0\x00\x02\x01\xc6\x33\x64\x01\x12\x67\x01\xbb", 12};

std::string v6_addresses() {
  std::string out{"\x20\x01\x0d\xb8", 4};
  out += std::string(11, '\0') + '\x07';
  return out + std::string(16, '\1') + std::string(4, '\2');
}

void expect_done(const std::string& header, std::optional<IpAddress> source) {
  const auto read = read_proxy_header(header + "GET / HTTP/1.1\r\n");
  EXPECT_EQ(read.state, State::done) << header;
  EXPECT_EQ(read.length, header.size());
  EXPECT_EQ(read.source, source);
  // Bytes that come one by one are waited for, and nothing but the header is taken.
  for (std::size_t i = 0; i < header.size(); ++i)
    EXPECT_EQ(read_proxy_header(std::string_view{header}.substr(0, i)).state, State::more) << i;
}

TEST(ProxyHeader, a_line_of_version_1_names_the_client) {
  expect_done("PROXY TCP4 192.0.2.1 198.51.100.1 4711 443\r\n", IpAddress::parse("192.0.2.1"));
  expect_done("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
              IpAddress::parse("255.255.255.255"));
  expect_done("PROXY TCP6 2001:db8::7 2001:db8::1 0 443\r\n", IpAddress::parse("2001:db8::7"));
  expect_done("PROXY TCP6 ::ffff:1.2.3.4 ::1 1 2\r\n", IpAddress::v4(1, 2, 3, 4));
}

TEST(ProxyHeader, a_proxy_that_does_not_know_is_the_client_itself) {
  expect_done("PROXY UNKNOWN\r\n", std::nullopt);
  expect_done("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", std::nullopt);
}

TEST(ProxyHeader, version_2_names_the_client_and_may_say_more) {
  expect_done(binary(0x21, 0x11, v4_addresses), IpAddress::parse("192.0.2.1"));
  expect_done(binary(0x21, 0x11, v4_addresses + "more of it"), IpAddress::parse("192.0.2.1"));
  expect_done(binary(0x21, 0x21, v6_addresses()), IpAddress::parse("2001:db8::7"));
}

TEST(ProxyHeader, version_2_without_an_address_is_the_proxy_itself) {
  expect_done(binary(0x20, 0x00, ""), std::nullopt);                     // LOCAL
  expect_done(binary(0x20, 0x11, v4_addresses), std::nullopt);           // LOCAL, whatever it adds
  expect_done(binary(0x21, 0x00, "anything"), std::nullopt);             // UNSPEC
  expect_done(binary(0x21, 0x31, std::string(216, 'x')), std::nullopt);  // a Unix socket
  expect_done(binary(0x21, 0x12, v4_addresses), std::nullopt);           // UDP
}

TEST(ProxyHeader, what_is_none_is_refused_as_soon_as_that_is_seen) {
  for (const auto* text :
       {"G", "GET / HTTP/1.1\r\n", "proxy TCP4", "PROXYTCP4", "PROXY\t", "\r\n\r\nX", "\r\n\r\r"})
    EXPECT_EQ(read_proxy_header(text).state, State::wrong) << text;
}

TEST(ProxyHeader, malformed_lines_are_refused) {
  for (const auto* line : {"",
                           "TCP4",
                           "TCP4 192.0.2.1 198.51.100.1 4711",
                           "TCP4 192.0.2.1 198.51.100.1 4711 443 1",
                           "TCP4  192.0.2.1 198.51.100.1 4711 443",
                           "TCP4 192.0.2.1 198.51.100.1 4711 443 ",
                           "TCP4 192.0.2.256 198.51.100.1 4711 443",
                           "TCP4 192.0.2.1 198.51.100 4711 443",
                           "TCP4 192.0.2.1 198.51.100.1 65536 443",
                           "TCP4 192.0.2.1 198.51.100.1 4711 0443",
                           "TCP4 192.0.2.1 198.51.100.1 4711 -1",
                           "TCP4 192.0.2.1 198.51.100.1  443",
                           "TCP4 2001:db8::7 2001:db8::1 4711 443",
                           "TCP6 192.0.2.1 198.51.100.1 4711 443",
                           "TCP6 2001:db8::7 1.2.3.4 4711 443",
                           "TCP5 192.0.2.1 198.51.100.1 4711 443",
                           "UDP4 192.0.2.1 198.51.100.1 4711 443",
                           "UNKNOWNS"}) {
    EXPECT_EQ(read_proxy_header("PROXY " + std::string{line} + "\r\n").state, State::wrong) << line;
  }
  EXPECT_EQ(read_proxy_header("PROXY UNKNOWN\n").state, State::wrong);
  EXPECT_EQ(read_proxy_header("PROXY \n").state, State::wrong);
}

TEST(ProxyHeader, a_line_is_at_most_as_long_as_it_may_be) {
  const std::string begin = "PROXY UNKNOWN ";
  const std::string longest = begin + std::string(107 - 2 - begin.size(), 'x') + "\r\n";
  expect_done(longest, std::nullopt);
  EXPECT_EQ(read_proxy_header(begin + std::string(107 - begin.size(), 'x')).state, State::wrong);
  EXPECT_EQ(read_proxy_header(begin + std::string(10'000, 'x')).state, State::wrong);
}

TEST(ProxyHeader, malformed_headers_of_version_2_are_refused) {
  for (const auto& bytes : {binary(0x11, 0x11, v4_addresses),  // version 1
                            binary(0x22, 0x11, v4_addresses),  // no such command
                            binary(0x21, 0x41, v4_addresses),  // no such family
                            binary(0x21, 0x13, v4_addresses),  // no such transport
                            binary(0x21, 0x33, v4_addresses),
                            binary(0x21, 0x11, v4_addresses.substr(1)),
                            binary(0x21, 0x21, v4_addresses),
                            binary(0x21, 0x11, "")})
    EXPECT_EQ(read_proxy_header(bytes).state, State::wrong);
}

TEST(ProxyHeader, version_2_is_no_longer_than_its_bound) {
  const std::string room(base::limits::proxy_header_bytes_max - 16 - v4_addresses.size(), 'x');
  expect_done(binary(0x21, 0x11, v4_addresses + room), IpAddress::parse("192.0.2.1"));
  const auto over = binary(0x21, 0x11, v4_addresses + room + "x");
  EXPECT_EQ(read_proxy_header(over).state, State::wrong);
  EXPECT_EQ(read_proxy_header(std::string_view{over}.substr(0, 16)).state, State::wrong);
}

TEST(ProxyHeader, what_was_wrong_does_not_become_right_with_more_bytes) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint8_t>& picks, bool version_2) {
    std::string bytes = version_2 ? signature : "PROXY ";
    for (const auto pick : picks)
      bytes += "TCP46UNKOW .:0123456789abcdef\r\n\x21\x11\x20\x0c"[pick % 35];
    auto before = State::more;
    std::size_t length = 0;
    for (std::size_t i = 0; i <= bytes.size(); ++i) {
      const auto read = read_proxy_header(std::string_view{bytes}.substr(0, i));
      RC_ASSERT(before == State::more || read.state == before);
      if (before == State::done) RC_ASSERT(read.length == length);
      before = read.state;
      length = read.length;
    }
  }));
}

}  // namespace
}  // namespace kith::net
