#include "runtime/watchdog.hpp"

#include "base/log_lines_test.hpp"

#include <gtest/gtest.h>

namespace kith::runtime {
namespace {

using std::chrono::milliseconds;

class WatchdogTest : public ::testing::Test {
 protected:
  // A turn in which the tasks take `tasks` and all else a millisecond.
  void turn(milliseconds tasks) {
    dog.turn_began(clock.now());
    spend(Phase::sockets, milliseconds{1}, 5);
    spend(Phase::tasks, tasks, 7);
    spend(Phase::timers, milliseconds{1}, 0);
    spend(Phase::tick_end, milliseconds{1}, 2);
    dog.turn_ended();
  }

  void spend(Phase phase, milliseconds time, std::size_t count) {
    clock.advance(time);
    dog.phase_ended(phase, clock.now(), count);
  }

  base::ManualClock clock;
  base::LinesLogger logger;
  Watchdog dog{logger, 3};
};

TEST_F(WatchdogTest, ATurnOfTwentyMillisecondsIsFine) {
  turn(milliseconds{17});
  EXPECT_TRUE(logger.lines.empty());
}

TEST_F(WatchdogTest, ALongerTurnIsLoggedWithThePhaseThatTookLongest) {
  turn(milliseconds{30});
  ASSERT_EQ(logger.lines.size(), 1U);
  EXPECT_EQ(logger.lines[0],
            "level=warning event=slow_turn reactor=3 turn_ms=33 phase=tasks phase_ms=30 "
            "phase_count=7 suppressed=0");
}

TEST_F(WatchdogTest, OneLineASecondAndTheNextSaysHowManyWereLeftOut) {
  for (int i = 0; i < 10; ++i)
    turn(milliseconds{27});  // 30 ms each
  EXPECT_EQ(logger.lines.size(), 1U);
  clock.advance(std::chrono::seconds{1});
  turn(milliseconds{27});
  ASSERT_EQ(logger.lines.size(), 2U);
  EXPECT_NE(logger.lines[1].find("suppressed=9"), std::string::npos);
}

TEST_F(WatchdogTest, PhasesAreLimitedApart) {
  turn(milliseconds{30});
  dog.turn_began(clock.now());
  spend(Phase::timers, milliseconds{40}, 1);
  dog.turn_ended();
  ASSERT_EQ(logger.lines.size(), 2U);
  EXPECT_NE(logger.lines[1].find("phase=timers"), std::string::npos);
}

TEST(LogLimit, TheFirstPassesAndTheIntervalIsKept) {
  LogLimit limit{milliseconds{100}};
  base::ManualClock clock;
  EXPECT_EQ(limit.take(clock.now()), 0U);
  clock.advance(milliseconds{99});
  EXPECT_EQ(limit.take(clock.now()), std::nullopt);
  clock.advance(milliseconds{1});
  EXPECT_EQ(limit.take(clock.now()), 1U);
}

}  // namespace
}  // namespace kith::runtime
