#include "front/addresses.hpp"

#include "front/test_world.hpp"
#include "wire/http/request_parser.hpp"

#include <gtest/gtest.h>

#include <set>

namespace kith::front {
namespace {

using base::IpAddress;
using base::IpNetwork;

base::Instant at_ms(std::int64_t ms) {
  return {ms * 1'000'000};
}

wire::http::Request request_with(std::string_view headers) {
  wire::http::RequestParser parser;
  const auto text = testing::get_request("/", headers);
  parser.feed(text);
  return parser.take_request();
}

const TrustedProxies proxies{*IpNetwork::parse("10.0.0.0/8"), *IpNetwork::parse("2001:db8::/48")};

std::optional<IpAddress> from(std::string_view peer, std::string_view headers) {
  return client_address(peer, request_with(headers), proxies);
}

TEST(ClientAddress, a_peer_that_is_no_proxy_is_the_client_whatever_it_says) {
  EXPECT_EQ(from("192.0.2.1", ""), IpAddress::parse("192.0.2.1"));
  EXPECT_EQ(from("192.0.2.1", "X-Forwarded-For: 198.51.100.7\r\n"), IpAddress::parse("192.0.2.1"));
  EXPECT_EQ(from("", "X-Forwarded-For: 198.51.100.7\r\n"), std::nullopt);
}

TEST(ClientAddress, a_trusted_proxy_says_who_the_client_is) {
  EXPECT_EQ(from("10.1.1.1", "X-Forwarded-For: 198.51.100.7\r\n"),
            IpAddress::parse("198.51.100.7"));
  EXPECT_EQ(from("2001:db8::9", "x-forwarded-for:2001:db9::1\r\n"),
            IpAddress::parse("2001:db9::1"));
  EXPECT_EQ(from("10.1.1.1", ""), IpAddress::parse("10.1.1.1"));
}

TEST(ClientAddress, the_list_is_read_from_the_right_through_trusted_hops_only) {
  EXPECT_EQ(from("10.1.1.1", "X-Forwarded-For: 203.0.113.9, 198.51.100.7, 10.2.2.2\r\n"),
            IpAddress::parse("198.51.100.7"));
  EXPECT_EQ(from("10.1.1.1", "X-Forwarded-For: 203.0.113.9, 10.2.2.2 ,192.0.2.5\r\n"),
            IpAddress::parse("192.0.2.5"));
  // All are proxies: the request comes from the first of them.
  EXPECT_EQ(from("10.1.1.1", "X-Forwarded-For: 10.3.3.3, 10.2.2.2\r\n"),
            IpAddress::parse("10.3.3.3"));
}

TEST(ClientAddress, several_fields_are_one_list) {
  EXPECT_EQ(
      from("10.1.1.1", "X-Forwarded-For: 203.0.113.9\r\nOther: 1\r\nX-Forwarded-For: 10.2.2.2\r\n"),
      IpAddress::parse("203.0.113.9"));
  EXPECT_EQ(
      from("10.1.1.1", "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 192.0.2.5, 10.2.2.2\r\n"),
      IpAddress::parse("192.0.2.5"));
}

TEST(ClientAddress, ports_and_brackets_of_some_proxies_are_understood) {
  EXPECT_EQ(from("10.1.1.1", "X-Forwarded-For: 198.51.100.7:4711\r\n"),
            IpAddress::parse("198.51.100.7"));
  EXPECT_EQ(from("10.1.1.1", "X-Forwarded-For: [2001:db9::1]:4711\r\n"),
            IpAddress::parse("2001:db9::1"));
  EXPECT_EQ(from("10.1.1.1", "X-Forwarded-For: [2001:db9::1]\r\n"),
            IpAddress::parse("2001:db9::1"));
}

TEST(ClientAddress, what_is_no_address_ends_the_list) {
  for (const auto* list : {"unknown", "", ",", "1.2.3.4, ", "1.2.3.4, _hidden", "1.2.3.4, [", "[]"})
    EXPECT_EQ(from("10.1.1.1", std::string{"X-Forwarded-For: "} + list + "\r\n"),
              IpAddress::parse("10.1.1.1"))
        << list;
  EXPECT_EQ(from("10.1.1.1", "X-Forwarded-For: 1.2.3.4, unknown, 10.2.2.2\r\n"),
            IpAddress::parse("10.2.2.2"));
}

TEST(ClientAddress, only_so_many_hops_are_looked_at) {
  std::string list = "X-Forwarded-For: 192.0.2.5";
  for (std::size_t i = 0; i < base::limits::forwarded_hops_max - 1; ++i)
    list += ",10.0.0.2";
  EXPECT_EQ(from("10.1.1.1", list + "\r\n"), IpAddress::parse("192.0.2.5"));
  EXPECT_EQ(from("10.1.1.1", list + ",10.0.0.2\r\n"), IpAddress::parse("10.0.0.2"));
}

IpAddress nth(std::uint32_t i) {
  return IpAddress::v4(100,
                       static_cast<std::uint8_t>(i >> 16),
                       static_cast<std::uint8_t>(i >> 8),
                       static_cast<std::uint8_t>(i));
}

TEST(AddressMeters, each_address_has_its_own_pace) {
  AddressMeters meters{base::Pace::per_s(3), 1};
  const auto ann = meters.key(nth(1));
  const auto bob = meters.key(nth(2));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(meters.take(ann, at_ms(0)), 0U);
  const auto wait = meters.take(ann, at_ms(0));
  EXPECT_GT(wait, 0U);
  EXPECT_EQ(meters.take(bob, at_ms(0)), 0U);
  EXPECT_EQ(meters.take(ann, at_ms(wait)), 0U);
  EXPECT_GT(meters.take(ann, at_ms(wait)), 0U);
}

TEST(AddressMeters, an_ipv6_network_of_64_bits_is_one_address) {
  AddressMeters meters{base::Pace::per_s(1), 1};
  EXPECT_EQ(meters.key(*IpAddress::parse("2001:db8::1")),
            meters.key(*IpAddress::parse("2001:db8::ffff:1")));
  EXPECT_NE(meters.key(*IpAddress::parse("2001:db8::1")),
            meters.key(*IpAddress::parse("2001:db8:0:1::1")));
}

TEST(AddressMeters, without_a_pace_nobody_waits) {
  AddressMeters meters{{}, 1};
  for (int i = 0; i < 1'000; ++i)
    EXPECT_EQ(meters.take(7, at_ms(0)), 0U);
}

TEST(AddressMeters, a_thousand_floods_hardly_touch_others) {
  AddressMeters meters{base::Pace::per_s(2), 1};
  for (std::uint32_t i = 0; i < 1'000; ++i)
    for (int n = 0; n < 5; ++n)
      meters.take(meters.key(nth(i)), at_ms(0));
  int refused = 0;
  for (std::uint32_t i = 1'000; i < 11'000; ++i)
    refused += meters.take(meters.key(nth(i)), at_ms(0)) > 0 ? 1 : 0;
  EXPECT_LT(refused, 500);  // they fill up with those themselves
  // Counters rest by themselves: later everybody is as good as new.
  for (std::uint32_t i = 0; i < 1'000; ++i)
    EXPECT_EQ(meters.take(meters.key(nth(i)), at_ms(60'000)), 0U);
}

TEST(AddressMeters, another_seed_shares_counters_among_others) {
  AddressMeters one{base::Pace::per_s(1), 1};
  AddressMeters two{base::Pace::per_s(1), 2};
  EXPECT_NE(one.key(nth(1)), two.key(nth(1)));
}

// What a handshake was counted as, by the address of its peer.
std::uint64_t key_seen(std::string peer, std::string_view headers) {
  Addresses addresses{proxies, base::Pace::per_s(1), 1};
  testing::World w{{.addresses = &addresses}};
  auto far = std::make_shared<ports::FakePeer>(std::move(peer));
  w.seats[0]->http.accept(std::make_unique<ports::FakeStream>(w.seats[0]->reactor, far));
  far->send(testing::get_request("/socket.io/?EIO=4&transport=polling", headers));
  w.run();
  return w.service.last.address;
}

TEST(Addresses, a_handshake_brings_the_key_of_its_client) {
  const auto direct = key_seen("192.0.2.1", "");
  EXPECT_NE(direct, 0U);
  EXPECT_EQ(key_seen("10.1.1.1", "X-Forwarded-For: 192.0.2.1\r\n"), direct);
  EXPECT_NE(key_seen("192.0.2.2", "X-Forwarded-For: 192.0.2.1\r\n"), direct);
}

TEST(Addresses, this_machine_is_not_counted_and_never_waits) {
  EXPECT_EQ(key_seen("127.0.0.1", ""), 0U);
  EXPECT_EQ(key_seen("::1", ""), 0U);
  Addresses addresses{{}, base::Pace::per_s(1), 1};
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(addresses.take(0, at_ms(0)), 0U);
  EXPECT_EQ(addresses.take(5, at_ms(0)), 0U);
  EXPECT_GT(addresses.take(5, at_ms(0)), 0U);
}

}  // namespace
}  // namespace kith::front
