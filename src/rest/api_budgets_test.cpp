#include "base/limits.hpp"
#include "rest/api_test_world.hpp"

#include <gtest/gtest.h>

// How often one may ask over HTTP.
namespace kith::rest {
namespace {

using testing::ApiWorld;
using testing::get_request;
using testing::post_request;
using testing::server_key;
using testing::take_answer;

class ApiBudgets : public ::testing::Test {
 protected:
  static std::string in(const std::string& rest) {
    return "/v1/conversations/c_AAAAAAAAAAAAAAAAAAAAAA" + rest;
  }

  ApiWorld world_;
  std::string ann_ = world_.token("ann");
};

// Allows so many, then says 1.5 s.
struct FewBudget final : commands::Budget {
  explicit FewBudget(int so_many) : left(so_many) {}

  std::uint32_t take(base::Instant) override { return left-- > 0 ? 0 : 1'500; }

  int left;
};

TEST_F(ApiBudgets, requests_above_the_rate_of_who_asks_are_told_when_to_come_again) {
  world_.budgets.for_commands = std::make_shared<FewBudget>(1);
  EXPECT_EQ(world_.get(in(""), ann_).status, 200);
  const auto answer = world_.get(in(""), ann_);
  EXPECT_EQ(answer.status, 429);
  EXPECT_TRUE(answer.has("Retry-After: 2"));
  EXPECT_NE(answer.body.find(R"("code":"rate_limited")"), std::string::npos);
  EXPECT_NE(answer.body.find(R"("retry_after_ms":1500)"), std::string::npos);
  EXPECT_EQ(world_.asked.size(), 1U);
  EXPECT_EQ(world_.post("/v1/users/bob/tokens", "{}", server_key).status, 429);
  EXPECT_TRUE(world_.log.lines.empty());
  EXPECT_EQ(world_.ask(get_request("/v1/limits")).status, 200);  // not counted: it says them
  EXPECT_EQ(world_.budgets_asked, (std::vector<std::string>{"ann", "ann", "bob"}));
}

TEST_F(ApiBudgets, a_message_is_given_the_budget_for_messages) {
  world_.budgets.for_messages = std::make_shared<FewBudget>(1);
  world_.post(in("/messages"), R"({"text":"hi"})", ann_);
  EXPECT_EQ(world_.taken().caller.messages, world_.budgets.for_messages.get());
}

TEST_F(ApiBudgets, a_request_waits_for_budgets_that_come_later) {
  world_.hold_budgets = true;
  auto peer = world_.connect();
  auto gone = world_.connect();
  for (auto* one : {peer.get(), gone.get()})
    one->send(post_request(in("/messages"), R"({"text":"hi"})", ApiWorld::json(ann_)));
  world_.reactor.run();
  EXPECT_TRUE(world_.asked.empty());
  EXPECT_EQ(world_.api->in_flight(), 2U);
  gone->hang_up();
  world_.reactor.run();
  for (auto& reply : std::exchange(world_.held_budgets, {}))
    reply({});
  world_.reactor.run();
  EXPECT_EQ(take_answer(peer->received).status, 201);
  EXPECT_EQ(world_.api->in_flight(), 0U);
}

TEST_F(ApiBudgets, requests_that_wait_for_budgets_are_bounded) {
  world_.hold_budgets = true;
  std::vector<std::shared_ptr<ports::FakePeer>> peers;
  for (std::size_t i = 0; i < base::limits::rest_in_flight_max; ++i) {
    peers.push_back(world_.connect());
    peers.back()->send(get_request(in(""), ApiWorld::auth(ann_)));
  }
  world_.reactor.run();
  EXPECT_EQ(world_.get(in(""), ann_).status, 503);
  for (auto& reply : std::exchange(world_.held_budgets, {}))
    reply({});
  world_.reactor.run();
  world_.hold_budgets = false;
  EXPECT_EQ(world_.get(in(""), ann_).status, 200);
}

TEST_F(ApiBudgets, a_request_whose_budgets_come_after_the_api_has_ended_is_dropped) {
  world_.hold_budgets = true;
  auto peer = world_.connect();
  peer->send(get_request(in(""), ApiWorld::auth(ann_)));
  world_.reactor.run();
  auto reply = std::move(world_.held_budgets.front());
  peer->hang_up();  // connections end before what they are served by
  world_.reactor.run();
  world_.api.reset();
  reply({});
  EXPECT_TRUE(world_.asked.empty());
}

TEST_F(ApiBudgets, refused_tokens_and_keys_are_counted_and_in_the_end_told_to_wait) {
  EXPECT_EQ(world_.get(in(""), "no token").status, 401);
  EXPECT_EQ(world_.get(in(""), "sk_srv_wrong").status, 401);
  EXPECT_EQ(world_.post(in("/messages"), R"({"text":"hi"})", "no token").status, 401);
  EXPECT_EQ(world_.refused_from, std::vector<std::string>(3, "203.0.113.7"));
  world_.refused_wait_ms = 700;
  const auto answer = world_.get(in(""), "no token");
  EXPECT_EQ(answer.status, 429);
  EXPECT_TRUE(answer.has("Retry-After: 1"));
  EXPECT_EQ(world_.get(in(""), ann_).status, 200);
  // What is forbidden or malformed was no guess.
  EXPECT_EQ(world_.get("/v1/users/bob/conversations", ann_).status, 403);
  EXPECT_EQ(world_.refused_from.size(), 4U);
}

}  // namespace
}  // namespace kith::rest
