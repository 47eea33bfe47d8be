#include "wire/engineio/checks.hpp"

#include <gtest/gtest.h>

namespace kith::wire::engineio {
namespace {

RequestFacts handshake(TransportName transport) {
  RequestFacts facts;
  facts.transport = transport;
  facts.revision = Revision::v4;
  facts.upgrade = transport == TransportName::websocket;
  return facts;
}

RequestFacts of_session(TransportName transport) {
  auto facts = handshake(transport);
  facts.sid_given = true;
  return facts;
}

constexpr KnownSession polling{TransportName::polling, Revision::v4};
constexpr KnownSession websocket{TransportName::websocket, Revision::v4};
constexpr TransportsAllowed all{};

TEST(Checks, good_requests_pass) {
  EXPECT_FALSE(check_request(handshake(TransportName::polling), {}, all));
  EXPECT_FALSE(check_request(handshake(TransportName::websocket), {}, all));
  EXPECT_FALSE(check_request(of_session(TransportName::polling), polling, all));
  EXPECT_FALSE(check_request(of_session(TransportName::websocket), polling, all));
  auto post = of_session(TransportName::polling);
  post.get = false;
  EXPECT_FALSE(check_request(post, polling, all));
}

TEST(Checks, the_bodies_are_the_references) {
  EXPECT_EQ(transport_unknown().json(), R"({"code":0,"message":"Transport unknown"})");
  EXPECT_EQ(session_unknown().json(), R"({"code":1,"message":"Session ID unknown"})");
  EXPECT_EQ(bad_handshake_method().json(), R"({"code":2,"message":"Bad handshake method"})");
  EXPECT_EQ(bad_request().json(), R"({"code":3,"message":"Bad request"})");
  EXPECT_EQ(forbidden().json(), R"({"code":4,"message":"Forbidden"})");
  EXPECT_EQ(unsupported_version().json(), R"({"code":5,"message":"Unsupported protocol version"})");
  EXPECT_EQ(forbidden().http_status, 403);
  EXPECT_EQ(bad_request().http_status, 400);
}

TEST(Checks, a_hooks_text_is_escaped) {
  EXPECT_EQ(forbidden("say \"no\"\\\n").json(), R"({"code":4,"message":"say \"no\"\\\u000a"})");
}

TEST(Checks, an_unknown_transport_is_found_before_all_else) {
  auto facts = of_session(TransportName::polling);
  facts.transport.reset();
  facts.origin_valid = false;
  EXPECT_EQ(check_request(facts, {}, all), transport_unknown());
  EXPECT_EQ(check_request(handshake(TransportName::websocket), {}, {true, false}),
            transport_unknown());
  EXPECT_EQ(check_request(handshake(TransportName::polling), {}, {false, true}),
            transport_unknown());
}

TEST(Checks, the_origin_is_judged_before_the_session) {
  auto facts = of_session(TransportName::polling);
  facts.origin_valid = false;
  EXPECT_EQ(check_request(facts, {}, all), bad_request());
}

TEST(Checks, an_unknown_sid_is_found_before_the_method) {
  auto facts = of_session(TransportName::polling);
  facts.get = false;
  EXPECT_EQ(check_request(facts, {}, all), session_unknown());
}

TEST(Checks, a_handshake_that_is_no_get_is_refused) {
  auto facts = handshake(TransportName::polling);
  facts.get = false;
  EXPECT_EQ(check_request(facts, {}, all), bad_handshake_method());
}

TEST(Checks, websocket_without_upgrade_and_upgrade_with_polling_are_bad_requests) {
  auto plain = handshake(TransportName::websocket);
  plain.upgrade = false;
  EXPECT_EQ(check_request(plain, {}, all), bad_request());
  plain.sid_given = true;
  EXPECT_EQ(check_request(plain, websocket, all), bad_request());
  auto upgrade = handshake(TransportName::polling);
  upgrade.upgrade = true;
  EXPECT_EQ(check_request(upgrade, {}, all), bad_request());
  upgrade.sid_given = true;
  EXPECT_EQ(check_request(upgrade, polling, all), bad_request());
}

TEST(Checks, a_poll_of_an_upgraded_session_is_a_bad_request) {
  EXPECT_EQ(check_request(of_session(TransportName::polling), websocket, all), bad_request());
}

TEST(Checks, the_revision_of_a_session_never_changes) {
  auto facts = of_session(TransportName::polling);
  facts.revision = Revision::v3;
  EXPECT_EQ(check_request(facts, polling, all), bad_request());
  facts = of_session(TransportName::websocket);
  facts.revision = Revision::v3;
  EXPECT_EQ(check_request(facts, polling, all), bad_request());
}

TEST(Checks, revision_3_can_be_forbidden) {
  EXPECT_EQ(check_revision(Revision::v3, false), unsupported_version());
  EXPECT_FALSE(check_revision(Revision::v3, true));
  EXPECT_FALSE(check_revision(Revision::v4, false));
}

TEST(Checks, the_open_packet_has_all_five_fields) {
  EXPECT_EQ(
      open_json({"abc", true, 25000, 20000, 1000000}),
      R"({"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
  EXPECT_EQ(open_json({"abc", false, 1, 2, 3}),
            R"({"sid":"abc","upgrades":[],"pingInterval":1,"pingTimeout":2,"maxPayload":3})");
}

}  // namespace
}  // namespace kith::wire::engineio
