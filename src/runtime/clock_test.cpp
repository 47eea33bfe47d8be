#include "runtime/clock.hpp"

#include <gtest/gtest.h>

namespace kith::runtime {
namespace {

TEST(Clock, SystemTimeNeverGoesBackAndIsLaterThanThisProject) {
  SystemClock clock;
  const auto first = clock.now();
  EXPECT_GE(clock.now(), first);
  EXPECT_GT(clock.wall().ms, 1'700'000'000'000);
}

TEST(Clock, ATickClockStandsStillUntilItIsRefreshed) {
  base::ManualClock source;
  TickClock clock{source};
  const auto now = clock.now();
  const auto wall = clock.wall();
  source.advance(std::chrono::seconds{2});
  EXPECT_EQ(clock.now(), now);
  EXPECT_EQ(clock.wall(), wall);
  EXPECT_EQ(clock.refresh_now() - now, std::chrono::seconds{2});
  EXPECT_EQ(clock.wall(), wall);
  clock.refresh();
  EXPECT_EQ(clock.wall().ms - wall.ms, 2'000);
}

}  // namespace
}  // namespace kith::runtime
