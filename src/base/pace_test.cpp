#include "base/pace.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <deque>
#include <vector>

namespace kith::base {
namespace {

Instant at_ms(std::int64_t ms) {
  return {ms * 1'000'000};
}

TEST(Pace, a_seconds_worth_may_be_taken_at_once) {
  constexpr auto pace = Pace::per_s(5);
  Meter meter;
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(meter.take(pace, at_ms(1'000)), 0U);
  EXPECT_GT(meter.take(pace, at_ms(1'000)), 0U);
}

TEST(Pace, as_many_at_once_as_it_says_and_then_its_rate) {
  constexpr auto pace = Pace::per_s(10, 50);
  Meter meter;
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(meter.take(pace, at_ms(0)), 0U);
  EXPECT_EQ(meter.take(pace, at_ms(0)), 101U);
  EXPECT_EQ(meter.take(pace, at_ms(101)), 0U);
  EXPECT_GT(meter.take(pace, at_ms(101)), 0U);
}

TEST(Pace, whoever_waits_as_long_as_he_was_told_is_served) {
  constexpr auto pace = Pace::per_s(5);
  Meter meter;
  for (int i = 0; i < 5; ++i)
    meter.take(pace, at_ms(0));
  const auto wait = meter.take(pace, at_ms(0));
  EXPECT_EQ(wait, 201U);
  EXPECT_GT(meter.take(pace, at_ms(wait / 2)), 0U);
  EXPECT_EQ(meter.take(pace, at_ms(wait)), 0U);
}

TEST(Pace, what_is_refused_costs_nothing) {
  constexpr auto pace = Pace::per_s(1);
  Meter meter;
  EXPECT_EQ(meter.take(pace, at_ms(0)), 0U);
  for (int i = 0; i < 100; ++i)
    EXPECT_GT(meter.take(pace, at_ms(10)), 0U);
  EXPECT_EQ(meter.take(pace, at_ms(1'000)), 0U);
}

TEST(Pace, what_is_given_back_may_be_taken_again) {
  constexpr auto pace = Pace::per_s(2);
  Meter meter;
  EXPECT_EQ(meter.take(pace, at_ms(0)), 0U);
  EXPECT_EQ(meter.take(pace, at_ms(0)), 0U);
  meter.give_back(pace);
  EXPECT_EQ(meter.take(pace, at_ms(0)), 0U);
  EXPECT_GT(meter.take(pace, at_ms(0)), 0U);
}

TEST(Pace, a_rested_meter_is_as_good_as_new_and_no_better) {
  constexpr auto pace = Pace::per_s(3);
  Meter meter;
  EXPECT_TRUE(meter.rested(at_ms(0)));
  meter.take(pace, at_ms(0));
  EXPECT_FALSE(meter.rested(at_ms(0)));
  EXPECT_TRUE(meter.rested(at_ms(1'000)));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(meter.take(pace, at_ms(100'000)), 0U);
  EXPECT_GT(meter.take(pace, at_ms(100'000)), 0U);
}

TEST(Pace, none_is_no_limit_and_a_huge_one_holds_too) {
  Meter free;
  Meter huge;
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_EQ(free.take(Pace::per_s(0), at_ms(0)), 0U);
    EXPECT_EQ(huge.take(Pace::per_s(4'000'000'000U), at_ms(0)), 0U);
  }
  free.give_back(Pace{});
  EXPECT_TRUE(free.rested(at_ms(0)));
}

TEST(Pace, no_second_ever_sees_twice_the_rate) {
  EXPECT_TRUE(rc::check([](std::uint8_t rate, const std::vector<std::uint8_t>& pauses_ms) {
    const std::uint32_t per_s = rate % 20 + 1;
    const auto pace = Pace::per_s(per_s);
    Meter meter;
    std::deque<std::int64_t> taken_ms;
    std::int64_t now_ms = 0;
    for (const auto pause : pauses_ms) {
      now_ms += pause;
      if (meter.take(pace, at_ms(now_ms)) == 0) taken_ms.push_back(now_ms);
      while (!taken_ms.empty() && taken_ms.front() <= now_ms - 1'000)
        taken_ms.pop_front();
      RC_ASSERT(taken_ms.size() <= 2 * per_s);
    }
  }));
}

}  // namespace
}  // namespace kith::base
