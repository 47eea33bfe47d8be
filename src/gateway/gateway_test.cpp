#include "gateway/gateway.hpp"

#include "gateway/gateway_world_test.hpp"

namespace kith::gateway {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the world of these tests

TEST(Gateway, connections_that_are_not_authenticated_are_counted_until_they_are_or_go) {
  GatewayWorld w;
  auto& first = w.open();
  auto& second = w.open();
  w.open();
  EXPECT_EQ(w.shared.pending, 3U);
  first.text(w.auth(w.token("ann")));
  EXPECT_EQ(w.shared.pending, 2U);
  second.hang_up();
  w.run();
  EXPECT_EQ(w.shared.pending, 1U);
  first.text("1");  // DISCONNECT: it may connect again, and does not count as known meanwhile
  EXPECT_EQ(w.shared.pending, 2U);
  first.hang_up();
  w.run();
  EXPECT_EQ(w.shared.pending, 1U);
  EXPECT_EQ(w.gateways[0]->clients(), 1U);
}

TEST(Gateway, a_flood_of_handshakes_is_refused_at_the_limit_and_served_again_below_it) {
  GatewayWorld w(1, {.handshakes_pending_max = 2});
  EXPECT_FALSE(w.gateways[0]->admit({.query = {}}).has_value());
  auto& first = w.open();
  w.open();
  const auto refused = w.gateways[0]->admit({.query = {}});
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->code, base::Errc::overloaded);
  EXPECT_GT(refused->retry_after_ms, 0U);
  first.text(w.auth(w.token("ann")));
  EXPECT_FALSE(w.gateways[0]->admit({.query = {}}).has_value());
}

TEST(Gateway, a_herd_that_comes_back_at_once_is_admitted_at_its_pace) {
  GatewayWorld w(2);
  w.shared.handshake_pace = base::Pace::per_s(50);
  std::size_t admitted = 0;
  std::uint32_t wait_ms = 0;
  const auto knock = [&](std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) {
      const auto refused = w.gateways[i % 2]->admit({.query = {}});  // one pace for all reactors
      admitted += !refused;
      if (!refused) continue;
      EXPECT_EQ(refused->code, base::Errc::overloaded);
      wait_ms = refused->retry_after_ms;
    }
  };
  knock(500);
  EXPECT_EQ(admitted, 50U);
  EXPECT_GT(wait_ms, 0U);
  w.let_pass(std::chrono::milliseconds{wait_ms});
  knock(1);
  EXPECT_EQ(admitted, 51U);  // who waits as long as he was told comes in
  w.let_pass(std::chrono::milliseconds{1'000});
  knock(500);
  EXPECT_EQ(admitted, 101U);
}

TEST(Gateway, whoever_does_not_connect_in_time_is_closed) {
  GatewayWorld w(1, {.connect_timeout_ms = 1'000});
  auto& idle = w.open();
  auto& refused = w.open();
  auto& elsewhere = w.open();
  auto& ann = w.enter("ann");
  auto& left = w.enter("bob");
  refused.text("0{}");
  elsewhere.text("0/chat,");
  w.let_pass(std::chrono::milliseconds{900});
  EXPECT_FALSE(idle.closed);
  left.text("1");
  w.let_pass(std::chrono::milliseconds{200});
  EXPECT_EQ(idle.closed, CloseReason::forced_close);
  EXPECT_NE(idle.closed_why, "");
  EXPECT_EQ(refused.closed, CloseReason::forced_close);
  EXPECT_EQ(elsewhere.closed, CloseReason::forced_close);
  EXPECT_FALSE(ann.closed);
  EXPECT_FALSE(left.closed);
  w.let_pass(std::chrono::milliseconds{900});
  EXPECT_TRUE(left.closed);
  EXPECT_EQ(w.shared.pending, 0U);
}

TEST(Gateway, a_node_that_shuts_down_admits_nobody_and_says_goodbye_to_all) {
  GatewayWorld w(2);
  auto& ann = w.enter("ann", 0);
  auto& bob = w.enter("bob", 1);
  auto& stranger = w.open(0);
  w.shared.draining = true;
  EXPECT_EQ(w.gateways[0]->admit({.query = {}})->code, base::Errc::draining);
  stranger.text(w.auth(w.token("eve")));
  w.run();
  EXPECT_EQ(stranger.count("4{\"message\":"), 1U);
  for (auto& gateway : w.gateways)
    gateway->close_all(delivery::CloseCode::draining);
  EXPECT_FALSE(ann.closed);  // at the end of the tick
  w.run();
  for (auto* one : {&ann, &bob}) {
    EXPECT_EQ(one->closed, CloseReason::server_shutting_down);
    EXPECT_EQ(one->take(), (Lines{R"(2["session.closed",{"code":"draining","retry":true}])"}));
  }
  EXPECT_TRUE(stranger.closed);
  EXPECT_EQ(w.gateways[0]->clients() + w.gateways[1]->clients(), 0U);
  for (auto& gateway : w.gateways)
    gateway->close_all(delivery::CloseCode::draining);  // nobody is left
}

TEST(Gateway, who_is_told_to_move_is_served_until_his_moment_and_closed_then) {
  GatewayWorld w;
  std::vector<Connection*> peers;
  for (int i = 0; i < 40; ++i)
    peers.push_back(&w.enter("u" + std::to_string(i)));
  auto& stranger = w.open(0);
  w.shared.draining = true;
  w.gateways[0]->move_all(std::chrono::milliseconds{10'000});
  w.run();
  EXPECT_TRUE(stranger.closed);
  std::size_t told = 0;
  for (auto* peer : peers)
    told += peer->count(R"(2["session.move",{"after_ms":)");
  EXPECT_EQ(told, peers.size());
  const auto closed = [&] {
    return std::count_if(
        peers.begin(), peers.end(), [](const auto* peer) { return peer->closed.has_value(); });
  };
  EXPECT_LT(closed(), 10);
  w.let_pass(std::chrono::milliseconds{5'000});
  EXPECT_GT(closed(), 5);  // of 40, about half
  EXPECT_LT(closed(), 35);
  for (auto* peer : peers) {
    if (peer->closed) continue;
    const auto answer = w.code(*peer, "message.send", R"({"to":"bob","text":"hi"})");
    EXPECT_EQ(answer.substr(0, 10), R"({"ok":true)");
  }
  w.let_pass(std::chrono::milliseconds{5'010});
  EXPECT_EQ(closed(), 40);
  for (auto* peer : peers)
    EXPECT_EQ(peer->count(R"(2["session.closed",{"code":"draining","retry":true}])"), 1U);
}

TEST(Gateway, before_the_keys_are_there_nobody_connects) {
  GatewayWorld w;
  w.gateways[0]->set_credentials(nullptr);
  auto& ann = w.open();
  ann.text(w.auth(w.token("ann")));
  EXPECT_NE(ann.take().at(0).find(R"("code":"unavailable")"), std::string::npos);
}

TEST(Gateway, the_name_that_a_token_brings_is_stored_once) {
  GatewayWorld w;
  auto& ann = w.open();
  w.store.lane_full = true;  // it can not be: the next connection tries again
  ann.text(w.auth(w.token("ann", {.name = "Ann A."})));
  w.run();
  w.store.lane_full = false;
  EXPECT_EQ(w.ask(ann, "user.get", R"({"users":["ann"]})").find("Ann A."), std::string::npos);
  auto& again = w.open();
  again.text(w.auth(w.token("ann", {.name = "Ann A."})));
  EXPECT_EQ(w.store.entries_waiting(), 1U);
  w.run();
  auto& third = w.open();
  third.text(w.auth(w.token("ann", {.name = "Ann A."})));
  EXPECT_EQ(w.store.entries_waiting(), 0U);
  w.run();
  EXPECT_NE(w.ask(ann, "user.get", R"({"users":["ann"]})").find("Ann A."), std::string::npos);
}

}  // namespace
}  // namespace kith::gateway
