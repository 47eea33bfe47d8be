#include "gateway/gateway_world_test.hpp"

#include <chrono>

// How often one may ask: by connection, user, application and address.
namespace kith::gateway {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the world of these tests

constexpr std::string_view fine = R"({"ok":true)";

std::string send_to(const std::string& user) {
  return R"({"to":")" + user + R"(","text":"hi"})";
}

bool sends(GatewayWorld& w, Connection& connection) {
  return w.code(connection, "message.send", send_to("zoe")).starts_with(fine);
}

bool asks(GatewayWorld& w, Connection& connection) {
  return w.code(connection, "time", "{}").starts_with(fine);
}

TEST(RateLimits, the_connections_of_a_user_share_one_budget_on_whatever_reactor) {
  GatewayWorld w(2, {.user = Paces::per_s(2, 0)});
  auto& ann = w.enter("ann", 0);
  auto& ann2 = w.enter("ann", 1);
  EXPECT_EQ(w.code(ann, "message.send", send_to("bob")).substr(0, 10), R"({"ok":true)");
  EXPECT_EQ(w.code(ann2, "message.send", send_to("bob")).substr(0, 10), R"({"ok":true)");
  EXPECT_EQ(w.code(ann, "message.send", send_to("bob")), "rate_limited");
  EXPECT_EQ(w.code(ann2, "message.send", send_to("bob")), "rate_limited");
  EXPECT_EQ(w.code(w.enter("bob", 0), "message.send", send_to("ann")).substr(0, 10),
            R"({"ok":true)");
  w.let_pass(std::chrono::seconds{1});
  EXPECT_EQ(w.code(ann, "message.send", send_to("bob")).substr(0, 10), R"({"ok":true)");
}

TEST(RateLimits, the_budget_of_one_user_does_not_reach_the_next_of_the_same_transport) {
  GatewayWorld w(2, {.user = Paces::per_s(1, 0)});
  const auto name_at = [](std::size_t home, std::string name) {
    while (base::KeyHash{}(base::UserKey{app, base::UserId{name}}) % 2 != home)
      name += "x";
    return name;
  };
  const auto far = name_at(1, "far");
  const auto near = name_at(0, "near");
  auto& shared = w.open(0);
  shared.text(w.auth(w.token(far)));  // asks the other reactor for the budget
  shared.text("1");
  shared.text(w.auth(w.token(near)));
  w.run();
  auto& other = w.enter(far, 0);
  EXPECT_EQ(w.code(other, "message.send", send_to("bob")).substr(0, 10), R"({"ok":true)");
  EXPECT_EQ(w.code(other, "message.send", send_to("bob")), "rate_limited");
  EXPECT_EQ(w.code(shared, "message.send", send_to("bob")).substr(0, 10), R"({"ok":true)");
}

TEST(RateLimits, a_refusal_says_how_long_to_wait_and_who_waits_is_served) {
  GatewayWorld w(1, {.connection = Paces::per_s(0, 4)});
  auto& ann = w.enter("ann");
  for (int i = 0; i < 4; ++i)
    EXPECT_TRUE(asks(w, ann));
  EXPECT_EQ(w.ask(ann, "time", "{}"),
            R"({"ok":false,"error":{"code":"rate_limited","message":"too many commands: wait and )"
            R"(try again","retryable":true,"retry_after_ms":251}})");
  w.let_pass(std::chrono::milliseconds{251});
  EXPECT_TRUE(asks(w, ann));
  EXPECT_FALSE(asks(w, ann));
}

TEST(RateLimits, every_event_is_a_command_an_unknown_one_too) {
  GatewayWorld w(1, {.connection = Paces::per_s(0, 3)});
  auto& ann = w.enter("ann");
  EXPECT_EQ(w.code(ann, "no.such", "{}"), "unknown_event");
  EXPECT_EQ(w.code(ann, "message.send", "[]"), "validation_failed");
  EXPECT_TRUE(sends(w, ann));
  EXPECT_EQ(w.code(ann, "no.such", "{}"), "rate_limited");
}

TEST(RateLimits, a_connection_has_its_own_limits_beside_its_user) {
  GatewayWorld w(1, {.connection = Paces::per_s(1, 0), .user = Paces::per_s(2, 0)});
  auto& phone = w.enter("ann");
  auto& laptop = w.enter("ann");
  auto& tablet = w.enter("ann");
  EXPECT_TRUE(sends(w, phone));
  EXPECT_FALSE(sends(w, phone));  // of the user nothing is taken by that
  EXPECT_TRUE(asks(w, phone));    // commands are counted apart
  EXPECT_TRUE(sends(w, laptop));
  EXPECT_FALSE(sends(w, tablet));
}

TEST(RateLimits, the_commands_of_a_user_are_counted_on_all_reactors_together) {
  GatewayWorld w(2, {.user = Paces::per_s(0, 3)});
  auto& here = w.enter("ann", 0);
  auto& there = w.enter("ann", 1);
  EXPECT_TRUE(asks(w, here));
  EXPECT_TRUE(asks(w, there));
  EXPECT_TRUE(sends(w, here));
  EXPECT_FALSE(asks(w, there));
  EXPECT_TRUE(asks(w, w.enter("bob", 1)));
}

TEST(RateLimits, an_application_has_limits_over_all_its_users_and_reactors) {
  GatewayWorld w(2);
  w.settings.messages_per_s = 2;
  w.settings.commands_per_s = 4;
  auto& ann = w.enter("ann", 0);
  auto& bob = w.enter("bob", 1);
  EXPECT_TRUE(sends(w, ann));
  EXPECT_TRUE(sends(w, bob));
  EXPECT_FALSE(sends(w, bob));
  EXPECT_TRUE(asks(w, ann));
  EXPECT_FALSE(asks(w, bob));
  auto& other = w.open(1);
  other.text(GatewayWorld::auth(
      w.token("eve", {.app = "other", .kid = "k1", .secret = "secret-of-other"})));
  w.run();
  EXPECT_TRUE(asks(w, other));
}

TEST(RateLimits, who_goes_on_and_on_with_what_is_refused_is_closed_and_not_before) {
  GatewayWorld w(1, {.connection = Paces::per_s(0, 1)});
  auto& ann = w.enter("ann");
  EXPECT_TRUE(asks(w, ann));
  for (std::size_t i = 0; i < base::limits::refusals_max; ++i)
    ann.text(R"(2["time",{}])");
  w.run();
  EXPECT_FALSE(ann.closed);
  ann.text(R"(2["time",{}])");
  w.run();
  EXPECT_EQ(ann.closed, CloseReason::forced_close);
  EXPECT_EQ(ann.count(R"(2["session.closed",{"code":"rate_limited","retry":true}])"), 1U);
}

TEST(RateLimits, who_is_a_little_too_fast_for_long_stays) {
  GatewayWorld w(1, {.connection = Paces::per_s(1, 0)});
  auto& ann = w.enter("ann");
  for (int second = 0; second < 60; ++second) {
    for (int i = 0; i < 50; ++i)
      ann.text(R"(21["message.send",{"to":"bob","text":"hi"}])");
    w.let_pass(std::chrono::seconds{1});
  }
  EXPECT_FALSE(ann.closed);
  for (std::size_t i = 0; i < 2 * base::limits::refusals_max && !ann.closed; ++i) {
    ann.text(R"(21["message.send",{"to":"bob","text":"hi"}])");
    w.run();
  }
  EXPECT_TRUE(ann.closed);  // refused messages count as well
}

TEST(RateLimits, an_address_connects_no_faster_than_its_pace_and_others_do) {
  GatewayWorld w(2);
  w.shared.addresses =
      std::make_unique<front::Addresses>(front::TrustedProxies{}, base::Pace::per_s(10), 1);
  const auto knock = [&](std::size_t reactor, std::uint64_t address) {
    return w.gateways[reactor]->admit({.query = {}, .address = address});
  };
  for (std::size_t i = 0; i < 10; ++i)
    EXPECT_FALSE(knock(i % 2, 7));
  const auto refused = knock(0, 7);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, base::Errc::rate_limited);
  EXPECT_EQ(refused->retry_after_ms, 101U);
  EXPECT_FALSE(knock(0, 8));
  for (int i = 0; i < 50; ++i)
    EXPECT_FALSE(knock(1, 0));  // not counted
  w.let_pass(std::chrono::milliseconds{101});
  EXPECT_FALSE(knock(1, 7));
  EXPECT_TRUE(knock(1, 7));
}

TEST(RateLimits, refused_tokens_count_as_handshakes_of_their_address) {
  GatewayWorld w;
  w.shared.addresses =
      std::make_unique<front::Addresses>(front::TrustedProxies{}, base::Pace::per_s(3), 1);
  const auto codes = [&](Connection& connection, const std::string& connect) {
    connection.text(connect);
    w.run();
    const auto text = connection.take().back();
    const auto at = text.find(R"("code":")") + 8;
    return text.substr(at, text.find('"', at) - at);
  };
  auto& eve = w.open(0, 4, {}, 7);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(codes(eve, GatewayWorld::auth("no token")), "unauthenticated");
  EXPECT_EQ(codes(eve, GatewayWorld::auth("no token")), "rate_limited");
  EXPECT_EQ(codes(eve, GatewayWorld::auth(w.token("eve", {.ttl_s = -60}))), "rate_limited");
  EXPECT_TRUE(w.gateways[0]->admit({.query = {}, .address = 7}));
  // A good token is never refused for the sake of others, and what is no token costs nothing.
  auto& ann = w.open(0, 4, {}, 7);
  EXPECT_EQ(codes(ann, R"(0{"token":7})"), "unauthenticated");
  ann.text(GatewayWorld::auth(w.token("ann")));
  w.run();
  EXPECT_EQ(ann.count(R"(2["hello",)"), 1U);
  EXPECT_EQ(codes(w.open(0, 4, {}, 8), GatewayWorld::auth("no token")), "unauthenticated");
  w.let_pass(std::chrono::seconds{10});
  ann.take();
  for (const auto* code : {"unauthenticated", "unauthenticated", "unauthenticated", "rate_limited"})
    EXPECT_EQ(w.code(ann, "auth.refresh", R"({"token":"no token"})"), code);
}

TEST(RateLimits, who_asks_without_a_connection_is_counted_with_his_connections) {
  GatewayWorld w(2, {.user = Paces::per_s(1, 0)});
  auto& ann = w.enter("ann", 0);
  const base::UserKey key{app, base::UserId{"ann"}};
  EXPECT_TRUE(sends(w, ann));
  for (auto& gateway : w.gateways) {
    int answers = 0;
    gateway->meters_of(key, [&](std::shared_ptr<Meters> meters) {
      ++answers;
      Allowance allowance;
      gateway->add_messages(allowance, {app, w.settings, meters.get()});
      EXPECT_GT(allowance.take(w.clock.now()), 0U);
    });
    w.run();
    EXPECT_EQ(answers, 1);
  }
}

TEST(RateLimits, a_limit_that_comes_while_one_is_connected_is_his_too) {
  GatewayWorld w(2);
  auto& one = w.enter("ann", 0);
  auto& two = w.enter("ann", 1);
  for (auto& gateway : w.gateways)
    gateway->set_options({.user = Paces::per_s(2, 0)});
  w.run();
  EXPECT_TRUE(sends(w, one));
  EXPECT_TRUE(sends(w, two));
  EXPECT_FALSE(sends(w, one));
  EXPECT_FALSE(sends(w, two));
}

TEST(RateLimits, where_users_are_not_limited_nobody_counts_them) {
  GatewayWorld w(2);
  for (auto& gateway : w.gateways) {
    bool answered = false;
    gateway->meters_of({app, base::UserId{"ann"}},
                       [&](std::shared_ptr<Meters> meters) { answered = meters == nullptr; });
    EXPECT_TRUE(answered);  // at once
  }
}

}  // namespace
}  // namespace kith::gateway
