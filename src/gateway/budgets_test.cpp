#include "gateway/budgets.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <deque>
#include <numeric>

namespace kith::gateway {
namespace {

using base::Instant;

Instant at_ms(std::int64_t ms) {
  return {ms * 1'000'000};
}

base::UserKey user(const std::string& name, std::uint32_t app = 1) {
  return {static_cast<base::AppId>(app), base::UserId{name}};
}

TEST(RateBudget, a_seconds_worth_may_be_taken_at_once) {
  RateBudget budget{5};
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(budget.take(at_ms(1'000)), 0U);
  EXPECT_GT(budget.take(at_ms(1'000)), 0U);
}

TEST(RateBudget, whoever_waits_as_long_as_he_was_told_is_served) {
  RateBudget budget{5};
  for (int i = 0; i < 5; ++i)
    budget.take(at_ms(0));
  const auto wait_ms = budget.take(at_ms(0));
  EXPECT_EQ(wait_ms, 201U);
  EXPECT_GT(budget.take(at_ms(wait_ms / 2)), 0U);
  EXPECT_EQ(budget.take(at_ms(wait_ms)), 0U);
}

TEST(RateBudget, what_is_refused_costs_nothing) {
  RateBudget budget{1};
  EXPECT_EQ(budget.take(at_ms(0)), 0U);
  for (int i = 0; i < 100; ++i)
    EXPECT_GT(budget.take(at_ms(10)), 0U);
  EXPECT_EQ(budget.take(at_ms(1'000)), 0U);
}

TEST(RateBudget, a_rested_budget_is_as_good_as_new_and_no_better) {
  RateBudget budget{3};
  EXPECT_TRUE(budget.rested(at_ms(0)));
  budget.take(at_ms(0));
  EXPECT_FALSE(budget.rested(at_ms(0)));
  EXPECT_TRUE(budget.rested(at_ms(1'000)));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(budget.take(at_ms(100'000)), 0U);
  EXPECT_GT(budget.take(at_ms(100'000)), 0U);
}

TEST(RateBudget, a_rate_of_nothing_is_one_a_second_and_a_huge_one_holds_too) {
  RateBudget none{0};
  EXPECT_EQ(none.take(at_ms(0)), 0U);
  EXPECT_GT(none.take(at_ms(0)), 0U);
  RateBudget huge{4'000'000'000U};
  for (int i = 0; i < 1'000; ++i)
    EXPECT_EQ(huge.take(at_ms(0)), 0U);
}

TEST(RateBudget, no_second_ever_sees_twice_the_rate) {
  EXPECT_TRUE(rc::check([](std::uint8_t rate, const std::vector<std::uint8_t>& pauses_ms) {
    const std::uint32_t per_s = rate % 20 + 1;
    RateBudget budget{per_s};
    std::deque<std::int64_t> taken_ms;
    std::int64_t now_ms = 0;
    for (const auto pause : pauses_ms) {
      now_ms += pause;
      if (budget.take(at_ms(now_ms)) == 0) taken_ms.push_back(now_ms);
      while (!taken_ms.empty() && taken_ms.front() <= now_ms - 1'000)
        taken_ms.pop_front();
      RC_ASSERT(taken_ms.size() <= 2 * per_s);
    }
  }));
}

TEST(Budgets, a_user_has_one_budget_and_another_user_another) {
  Budgets budgets{5};
  const auto ann = budgets.get(user("ann"), at_ms(0));
  EXPECT_EQ(budgets.get(user("ann"), at_ms(0)), ann);
  EXPECT_NE(budgets.get(user("bob"), at_ms(0)), ann);
  EXPECT_NE(budgets.get(user("ann", 2), at_ms(0)), ann);
}

TEST(Budgets, rested_budgets_that_nobody_holds_are_forgotten) {
  Budgets budgets{5};
  for (int i = 0; i < 10'000; ++i)
    budgets.get(user("u" + std::to_string(i)), at_ms(i))->take(at_ms(i));
  // Only those of the last second are not rested; twice as many may wait for the next sweep.
  EXPECT_LE(budgets.size(), 2'100U);
}

TEST(Budgets, one_that_is_held_or_not_rested_stays) {
  Budgets budgets{1};
  const auto held = budgets.get(user("held"), at_ms(0));
  budgets.get(user("busy"), at_ms(0))->take(at_ms(99'500));
  for (int i = 0; i < 1'000; ++i)
    budgets.get(user("u" + std::to_string(i)), at_ms(100'000));
  EXPECT_EQ(budgets.get(user("held"), at_ms(100'000)), held);
  EXPECT_GT(budgets.get(user("busy"), at_ms(100'000))->take(at_ms(100'000)), 0U);
}

}  // namespace
}  // namespace kith::gateway
