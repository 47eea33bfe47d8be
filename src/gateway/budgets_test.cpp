#include "gateway/budgets.hpp"

#include <gtest/gtest.h>

namespace kith::gateway {
namespace {

using base::Instant;
using base::Pace;

Instant at_ms(std::int64_t ms) {
  return {ms * 1'000'000};
}

base::UserKey user(const std::string& name, std::uint32_t app = 1) {
  return {static_cast<base::AppId>(app), base::UserId{name}};
}

TEST(Allowance, takes_of_all_or_of_none) {
  base::Meter wide;
  base::Meter narrow;
  Allowance allowance;
  allowance.add(wide, Pace::per_s(3));
  allowance.add(narrow, Pace::per_s(1));
  EXPECT_EQ(allowance.take(at_ms(0)), 0U);
  for (int i = 0; i < 10; ++i)
    EXPECT_GT(allowance.take(at_ms(0)), 0U);
  Allowance others;  // of the wide one nothing was lost by what the narrow one refused
  others.add(wide, Pace::per_s(3));
  EXPECT_EQ(others.take(at_ms(0)), 0U);
  EXPECT_EQ(others.take(at_ms(0)), 0U);
  EXPECT_GT(others.take(at_ms(0)), 0U);
}

TEST(Allowance, what_has_no_pace_is_not_counted) {
  base::Meter meter;
  Allowance allowance;
  allowance.add(meter, Pace::per_s(0));
  EXPECT_TRUE(allowance.empty());
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(allowance.take(at_ms(0)), 0U);
  EXPECT_TRUE(meter.rested(at_ms(0)));
}

TEST(UserMeters, a_user_has_his_own_and_another_user_others) {
  UserMeters meters;
  const auto ann = meters.get(user("ann"), at_ms(0));
  EXPECT_EQ(meters.get(user("ann"), at_ms(0)), ann);
  EXPECT_NE(meters.get(user("bob"), at_ms(0)), ann);
  EXPECT_NE(meters.get(user("ann", 2), at_ms(0)), ann);
}

TEST(UserMeters, rested_ones_that_nobody_holds_are_forgotten) {
  UserMeters meters;
  for (int i = 0; i < 10'000; ++i)
    meters.get(user("u" + std::to_string(i)), at_ms(i))->commands.take(Pace::per_s(1), at_ms(i));
  // Only those of the last second are not rested; twice as many may wait for the next sweep.
  EXPECT_LE(meters.size(), 2'100U);
}

TEST(UserMeters, one_that_is_held_or_not_rested_stays) {
  UserMeters meters;
  const auto pace = Pace::per_s(1);
  const auto held = meters.get(user("held"), at_ms(0));
  meters.get(user("busy"), at_ms(0))->messages.take(pace, at_ms(99'500));
  for (int i = 0; i < 1'000; ++i)
    meters.get(user("u" + std::to_string(i)), at_ms(100'000));
  EXPECT_EQ(meters.get(user("held"), at_ms(100'000)), held);
  EXPECT_GT(meters.get(user("busy"), at_ms(100'000))->messages.take(pace, at_ms(100'000)), 0U);
}

TEST(UserMeters, beyond_their_bound_nobody_is_remembered_and_nobody_refused) {
  UserMeters meters{100};
  const auto pace = Pace::per_s(1);
  for (int i = 0; i < 1'000; ++i)
    EXPECT_EQ(meters.get(user("u" + std::to_string(i)), at_ms(0))->commands.take(pace, at_ms(0)),
              0U);
  EXPECT_EQ(meters.size(), 100U);
  EXPECT_GT(meters.get(user("u7"), at_ms(0))->commands.take(pace, at_ms(0)), 0U);
  meters.get(user("late"), at_ms(2'000));  // all are rested: there is room again
  EXPECT_EQ(meters.size(), 1U);
}

TEST(AppMeters, each_application_has_its_own_however_many_there_are) {
  AppMeters meters;
  std::vector<Meters*> first;
  for (std::uint32_t i = 0; i < 1'000; ++i)
    first.push_back(&meters.get(base::AppId{i}));
  for (std::uint32_t i = 0; i < 1'000; ++i)
    EXPECT_EQ(&meters.get(base::AppId{i}), first[i]);
  const auto pace = Pace::per_s(1);
  EXPECT_EQ(first[1]->messages.take(pace, at_ms(0)), 0U);
  EXPECT_GT(meters.get(base::AppId{1}).messages.take(pace, at_ms(0)), 0U);
  EXPECT_EQ(meters.get(base::AppId{257}).messages.take(pace, at_ms(0)), 0U);
}

}  // namespace
}  // namespace kith::gateway
