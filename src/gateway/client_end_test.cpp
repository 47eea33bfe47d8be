#include "gateway/client.hpp"
#include "gateway/gateway_world_test.hpp"

namespace kith::gateway {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the world of these tests

std::string expiring(std::int64_t at_ms) {
  return R"(2["auth.expiring",{"expires_at":")" + base::to_rfc3339({at_ms}) + R"("}])";
}

TEST(Client, a_fresh_token_of_the_same_user_lets_him_stay) {
  GatewayWorld w;
  auto& ann = w.open();
  ann.text(w.auth(w.token("ann", {.ttl_s = 90})));
  w.run();
  ann.take();
  w.let_pass(std::chrono::seconds{29});
  EXPECT_EQ(ann.take(), Lines{});
  w.let_pass(std::chrono::seconds{2});
  EXPECT_EQ(ann.take().size(), 1U);
  const auto until = w.clock.wall().ms + 120'000;
  ann.text(R"(21["auth.refresh",{"token":")" + w.token("ann", {.ttl_s = 120}) + R"("}])");
  EXPECT_EQ(
      ann.take(),
      (Lines{R"(31[{"ok":true,"data":{"expires_at":")" + base::to_rfc3339({until}) + R"("}}])"}));
  w.let_pass(std::chrono::seconds{61});
  EXPECT_EQ(ann.take(), (Lines{expiring(until)}));
  w.let_pass(std::chrono::seconds{60});
  EXPECT_TRUE(ann.closed);
}

TEST(Client, a_token_for_less_than_the_warning_time_is_warned_of_at_once) {
  GatewayWorld w;
  auto& ann = w.open();
  ann.text(w.auth(w.token("ann", {.ttl_s = 30})));
  w.run();
  w.let_pass(std::chrono::seconds{1});
  EXPECT_EQ(ann.take().back(), expiring(w.clock.wall().ms + 29'000));
}

TEST(Client, a_token_that_is_no_good_or_another_users_changes_nothing) {
  GatewayWorld w;
  auto& ann = w.open();
  ann.text(w.auth(w.token("ann", {.ttl_s = 90})));
  w.run();
  const auto refresh = [&](const std::string& token) {
    ann.take();
    ann.text(R"(21["auth.refresh",{"token":")" + token + R"("}])");
    const auto lines = ann.take();
    return lines.at(0).substr(0, lines.at(0).find(R"(","message)"));
  };
  EXPECT_EQ(refresh(w.token("bob")), R"(31[{"ok":false,"error":{"code":"forbidden)");
  EXPECT_EQ(refresh("x"), R"(31[{"ok":false,"error":{"code":"unauthenticated)");
  EXPECT_EQ(refresh(w.token("ann", {.ttl_s = -10})),
            R"(31[{"ok":false,"error":{"code":"token_expired)");
  ann.text(R"(22["auth.refresh",{}])");
  EXPECT_EQ(ann.take().at(0).substr(0, 49), R"(32[{"ok":false,"error":{"code":"validation_failed)");
  w.let_pass(std::chrono::seconds{91});
  EXPECT_TRUE(ann.closed);
}

TEST(Client, a_token_that_expires_ends_the_session_and_the_client_may_come_back) {
  GatewayWorld w;
  auto& ann = w.open();
  ann.text(w.auth(w.token("ann", {.ttl_s = 90})));
  auto& bob = w.open(0, 3, "token=" + w.token("bob", {.ttl_s = 90}));
  w.run();
  ann.take();
  bob.take();
  w.let_pass(std::chrono::seconds{89});
  EXPECT_FALSE(ann.closed);
  for (auto* one : {&ann, &bob})
    EXPECT_EQ(one->take(), (Lines{expiring(w.clock.wall().ms + 1'000)}));
  w.let_pass(std::chrono::seconds{2});
  for (auto* one : {&ann, &bob}) {
    EXPECT_EQ(one->closed, CloseReason::forced_close);
    // And no DISCONNECT: a stock client would not come back.
    EXPECT_EQ(one->take(), (Lines{R"(2["session.closed",{"code":"token_expired","retry":true}])"}));
  }
}

TEST(Client, a_token_is_not_good_for_longer_because_the_connection_is_to_move) {
  GatewayWorld w;
  auto& ann = w.open();
  ann.text(w.auth(w.token("ann", {.ttl_s = 90})));
  w.run();
  w.gateways[0]->move_all(std::chrono::hours{1});
  w.let_pass(std::chrono::seconds{91});
  EXPECT_TRUE(ann.closed);
}

TEST(Client, a_token_may_be_good_for_thousands_of_years) {
  GatewayWorld w;
  auto& ann = w.open();
  ann.text(w.auth(w.token("ann", {.ttl_s = 251'000'000'000 - w.clock.wall().ms / 1'000})));
  w.run();
  w.let_pass(std::chrono::hours{49});
  EXPECT_FALSE(ann.closed);
  EXPECT_EQ(w.code(ann, "test.count", "{}"), R"({"ok":true,"data":0})");
}

TEST(Client, a_token_of_a_session_that_ended_closes_nothing) {
  GatewayWorld w(1, {.connect_timeout_ms = 300'000});
  auto& ann = w.open();
  ann.text(w.auth(w.token("ann", {.ttl_s = 90})));
  ann.text("1");
  ann.text(w.auth(w.token("ann", {.ttl_s = 3'600})));
  w.let_pass(std::chrono::seconds{120});
  EXPECT_FALSE(ann.closed);
}

TEST(Client, what_is_not_to_be_tried_again_is_said_by_a_disconnect) {
  GatewayWorld w;
  auto& ann = w.enter("ann");
  auto* session = w.hubs[0]->find_session(1);
  ASSERT_NE(session, nullptr);
  session->sink().close(delivery::CloseCode::session_revoked);
  session->sink().close(delivery::CloseCode::slow_reader);  // the first reason is the one
  ann.text(R"(21["test.count",{}])");                       // nothing is heard any more
  w.run();
  EXPECT_EQ(ann.take(),
            (Lines{R"(2["session.closed",{"code":"session_revoked","retry":false}])", "1"}));
  EXPECT_EQ(ann.closed, CloseReason::forced_close);
  EXPECT_EQ(w.gateways[0]->clients(), 0U);
}

constexpr auto ended = delivery::CloseCode::session_revoked;

TEST(Client, a_revoked_users_sessions_end_and_the_tokens_they_began_with_are_refused) {
  GatewayWorld w(2);
  const auto old = w.token("ann");
  auto& phone = w.open(0);
  phone.text(w.auth(old));
  auto& laptop = w.open(1, 3, "token=" + old);
  auto& bob = w.enter("bob");
  w.run();
  phone.take();
  laptop.take();
  w.let_pass(std::chrono::milliseconds{10});
  const base::UserKey ann{app, base::UserId{"ann"}};
  const auto at = w.clock.wall();
  w.revocations.note(ann, at);
  EXPECT_EQ(w.gateways[0]->revoke(ann, at, ended), 1U);
  EXPECT_EQ(w.gateways[0]->revoke(ann, at, ended), 0U);  // closing already
  EXPECT_EQ(w.gateways[1]->revoke(ann, at, ended), 1U);
  EXPECT_EQ(w.gateways[1]->revoke({other_app, base::UserId{"ann"}}, at, ended), 0U);
  w.run();
  for (auto* one : {&phone, &laptop}) {
    EXPECT_EQ(one->take(),
              (Lines{R"(2["session.closed",{"code":"session_revoked","retry":false}])", "1"}));
    EXPECT_EQ(one->closed, CloseReason::forced_close);
  }
  EXPECT_FALSE(bob.closed);

  auto& again = w.open();
  again.text(w.auth(old));
  EXPECT_EQ(again.count(R"(4{"message":"the user's sessions were revoked)"), 1U);
  EXPECT_NE(again.take().at(0).find(R"("code":"unauthenticated")"), std::string::npos);
  w.let_pass(std::chrono::milliseconds{1});
  auto& fresh = w.enter("ann");
  EXPECT_EQ(w.code(fresh, "test.count", "{}"), R"({"ok":true,"data":0})");
}

TEST(Client, a_session_begun_with_a_token_of_after_a_revocation_stays) {
  GatewayWorld w;
  auto& ann = w.enter("ann");
  const base::WallTime before{w.clock.wall().ms - 1};
  EXPECT_EQ(w.gateways[0]->revoke({app, base::UserId{"ann"}}, before, ended), 0U);
  w.run();
  EXPECT_FALSE(ann.closed);
}

TEST(Client, who_is_kicked_or_banned_is_told_so_and_kept_from_coming_back) {
  GatewayWorld w;
  for (const auto code : {delivery::CloseCode::kicked, delivery::CloseCode::banned}) {
    auto& ann = w.enter("ann");
    EXPECT_EQ(w.gateways[0]->revoke({app, base::UserId{"ann"}}, w.clock.wall(), code), 1U);
    w.run();
    const auto said = std::string{R"(2["session.closed",{"code":")"} +
                      std::string{delivery::info(code).name} + R"(","retry":false}])";
    EXPECT_EQ(ann.take(), (Lines{said, "1"}));
    EXPECT_TRUE(ann.closed);
  }
}

TEST(Client, a_revoked_token_refreshes_nothing) {
  GatewayWorld w;
  const auto old = w.token("ann");
  w.let_pass(std::chrono::milliseconds{10});
  w.revocations.note({app, base::UserId{"ann"}}, w.clock.wall());
  w.let_pass(std::chrono::milliseconds{1});
  auto& ann = w.enter("ann");
  EXPECT_EQ(w.code(ann, "auth.refresh", R"({"token":")" + old + R"("})"), "unauthenticated");
}

TEST(Client, every_code_is_said_and_only_who_shall_not_come_back_is_disconnected) {
  for (const auto code : delivery::close_codes) {
    GatewayWorld w;
    auto& ann = w.enter("ann");
    auto& bob = w.open(0, 3, "token=" + w.token("bob"));
    w.run();
    bob.take();
    const auto why = delivery::info(code);
    Lines expected{R"(2["session.closed",{"code":")" + std::string{why.name} + R"(","retry":)" +
                   (why.retry ? "true" : "false") + "}]"};
    if (!why.retry) expected.emplace_back("1");
    w.gateways[0]->close_all(code);
    w.run();
    for (auto* one : {&ann, &bob}) {
      EXPECT_EQ(one->take(), expected);
      EXPECT_TRUE(one->closed);
    }
  }
}

TEST(Client, a_store_that_can_not_tell_the_memberships_closes_the_session) {
  GatewayWorld w;
  w.store.fail_read = [] { return base::Fault{base::Errc::unavailable, "later"}; };
  auto& ann = w.open();
  ann.text(w.auth(w.token("ann")));
  w.run();
  EXPECT_EQ(ann.count(R"(2["session.closed",{"code":"server_error","retry":true}])"), 1U);
  EXPECT_TRUE(ann.closed);
}

TEST(Client, an_answer_that_would_fill_the_outbox_becomes_an_error_and_closes_nothing) {
  GatewayWorld w;
  auto& ann = w.enter("ann");
  EXPECT_EQ(w.code(ann, "test.large", R"({"bytes":5000000})"), "too_large");
  for (int i = 0; i < 8; ++i)  // in one tick
    ann.text(R"(21["test.large",{"bytes":250000}])");
  EXPECT_EQ(ann.count(R"(31[{"ok":true)"), 5U);
  EXPECT_EQ(ann.count(R"(31[{"ok":false,"error":{"code":"overloaded")"), 3U);
  EXPECT_LE(ann.queued_most, base::limits::outbox_high_bytes + 1'000'000 + 4'096);
  w.run();
  EXPECT_FALSE(ann.closed);
  EXPECT_EQ(w.code(ann, "test.large", R"({"bytes":250000})").substr(0, 10), R"({"ok":true)");
}

TEST(Client, one_who_asks_and_never_reads_is_closed_with_bounded_memory) {
  GatewayWorld w;
  auto& eve = w.enter("eve");
  auto& bob = w.enter("bob");
  eve.reads = false;
  for (int i = 0; i < 100'000 && !eve.closed; ++i) {
    eve.text(R"(21["test.large",{"bytes":250000}])");
    if (i % 1'000 == 0) w.run();
  }
  w.run();
  EXPECT_EQ(eve.closed, CloseReason::forced_close);
  EXPECT_EQ(eve.count(R"(2["session.closed",{"code":"slow_reader","retry":true}])"), 1U);
  EXPECT_LE(eve.queued_most, (base::limits::outbox_high_bytes + 1'000'000) / 3 * 4 + 4'096);
  EXPECT_EQ(w.code(bob, "test.count", "{}"), R"({"ok":true,"data":0})");
}

TEST(Client, one_who_stops_reading_falls_behind_is_closed_and_harms_nobody) {
  GatewayWorld w;
  const auto crew = w.make_group(1, {"ann", "slow", "bob"});
  auto& slow = w.enter("slow");
  auto& bob = w.enter("bob");
  slow.reads = false;
  for (int i = 0; i < 100; ++i) {
    w.write(crew, "ann", 1, 10'000);
    w.run();
  }
  EXPECT_EQ(bob.count("2[\"message.new\""), 100U);
  EXPECT_LT(slow.count("2[\"message.new\""), 40U);
  EXPECT_LE(slow.queued_most, base::limits::outbox_high_bytes + 20'000);
  w.let_pass(std::chrono::milliseconds{delivery::HubOptions{}.slow_reader_timeout_ms + 1'000});
  EXPECT_EQ(slow.closed, CloseReason::forced_close);
  EXPECT_EQ(slow.count(R"(2["session.closed",{"code":"slow_reader","retry":true}])"), 1U);
  EXPECT_FALSE(bob.closed);
}

TEST(Client, one_who_reads_again_in_time_gets_everything_once) {
  GatewayWorld w;
  const auto crew = w.make_group(1, {"ann", "slow"});
  auto& slow = w.enter("slow");
  slow.reads = false;
  for (int i = 0; i < 100; ++i) {
    w.write(crew, "ann", 1, 10'000);
    w.run();
  }
  slow.reads = true;
  w.run();
  EXPECT_EQ(slow.count("2[\"message.new\""), 100U);
  w.let_pass(std::chrono::milliseconds{delivery::HubOptions{}.slow_reader_timeout_ms * 2});
  EXPECT_FALSE(slow.closed);
}

}  // namespace
}  // namespace kith::gateway
