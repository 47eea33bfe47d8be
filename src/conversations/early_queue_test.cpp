#include "conversations/early_queue.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kith::conversations {
namespace {

using Verdict = EarlyQueue::Verdict;
using Numbers = std::vector<std::uint64_t>;

Numbers flushed(EarlyQueue& queue) {
  Numbers numbers;
  queue.flush([](std::uint64_t number) { return number < 100; },
              [&](std::uint64_t number) { numbers.push_back(number); });
  return numbers;
}

base::Instant at_ms(std::int64_t ms) {
  return {ms * 1'000'000};
}

TEST(EarlyQueue, one_that_is_not_decided_holds_up_those_behind_it) {
  EarlyQueue queue;
  queue.push(1, Verdict::open);
  queue.push(2, Verdict::show);
  queue.push(3, Verdict::open);
  EXPECT_EQ(flushed(queue), Numbers{});
  queue.decide(3, Verdict::show);
  EXPECT_EQ(flushed(queue), Numbers{});
  queue.decide(1, Verdict::show);
  EXPECT_EQ(flushed(queue), (Numbers{1, 2, 3}));
  EXPECT_EQ(queue.size(), 0U);
}

TEST(EarlyQueue, what_is_skipped_is_passed_over) {
  EarlyQueue queue;
  queue.push(1, Verdict::open);
  queue.push(2, Verdict::show);
  queue.decide(1, Verdict::skip);
  queue.decide(9, Verdict::show);
  EXPECT_EQ(flushed(queue), Numbers{2});
}

TEST(EarlyQueue, what_is_answered_meanwhile_is_not_shown_and_holds_up_nothing) {
  EarlyQueue queue;
  queue.push(100, Verdict::open);
  queue.push(101, Verdict::show);
  queue.push(2, Verdict::show);
  EXPECT_EQ(flushed(queue), Numbers{2});
}

TEST(EarlyBudget, a_second_is_worth_so_many_deliveries_and_no_more_are_saved_up) {
  constexpr std::size_t all = base::limits::early_deliveries_per_s;
  EarlyBudget budget;
  EXPECT_TRUE(budget.take(all, at_ms(0)));
  EXPECT_FALSE(budget.take(1, at_ms(0)));
  EXPECT_TRUE(budget.take(all / 10, at_ms(101)));
  EXPECT_FALSE(budget.take(all / 10, at_ms(101)));
  EXPECT_TRUE(budget.take(all, at_ms(60'000)));
  EXPECT_FALSE(budget.take(all / 100, at_ms(60'000)));
}

}  // namespace
}  // namespace kith::conversations
