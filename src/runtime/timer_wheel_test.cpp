#include "runtime/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace kith::runtime {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// What a timer needs of its owner: to be disarmed when it dies.
class WheelOwner final : public ports::Reactor {
 public:
  std::size_t index() const noexcept override { return 0; }

  std::size_t count() const noexcept override { return 1; }

  const base::Clock& clock() const noexcept override { return clock_; }

  base::Random& random() noexcept override { return random_; }

  void post(base::Task) override {}

  bool try_post(base::Task&) override { return false; }

  void arm(ports::Timer& timer, base::Duration after) override {
    wheel_.arm(timer, clock_.now() + after);
  }

  void disarm(ports::Timer& timer) noexcept override { wheel_.disarm(timer); }

  void at_tick_end(ports::TickHook&) override {}

  void withdraw(ports::TickHook&) noexcept override {}

  std::size_t pass(base::Duration time) {
    clock_.advance(time);
    return wheel_.advance(clock_.now());
  }

  base::ManualClock clock_;
  base::SeededRandom random_{1};
  TimerWheel wheel_{*this, base::Instant{}};
};

struct Probe final : ports::Timer {
  Probe() = default;

  explicit Probe(std::function<void()> a) : action(std::move(a)) {}

  void on_timer() override {
    ++fired;
    if (action) action();
  }

  int fired = 0;
  std::function<void()> action;
};

TEST(TimerWheel, FiresAtItsSlotAndNotBefore) {
  WheelOwner owner;
  Probe timer;
  owner.arm(timer, milliseconds{95});
  EXPECT_TRUE(timer.armed());
  EXPECT_EQ(owner.wheel_.armed(), 1U);
  EXPECT_EQ(owner.pass(milliseconds{94}), 0U);
  EXPECT_EQ(owner.pass(milliseconds{6}), 1U);
  EXPECT_EQ(timer.fired, 1);
  EXPECT_FALSE(timer.armed());
  EXPECT_EQ(owner.pass(hours{1}), 0U);
  EXPECT_EQ(timer.fired, 1);
}

TEST(TimerWheel, EarlierDeadlinesFireFirstAndEqualOnesInTheOrderOfArming) {
  WheelOwner owner;
  std::vector<int> order;
  std::vector<std::unique_ptr<Probe>> timers;
  const std::vector<milliseconds> after{milliseconds{5'000},
                                        milliseconds{20},
                                        milliseconds{700},
                                        milliseconds{20},
                                        milliseconds{5'000},
                                        milliseconds{70'000}};
  for (std::size_t i = 0; i < after.size(); ++i) {
    timers.push_back(
        std::make_unique<Probe>([&order, i] { order.push_back(static_cast<int>(i)); }));
    owner.arm(*timers.back(), after[i]);
  }
  EXPECT_EQ(owner.pass(hours{1}), 6U);
  EXPECT_EQ(order, (std::vector<int>{1, 3, 2, 0, 4, 5}));
}

TEST(TimerWheel, OrderHoldsAcrossLevelsOfTheWheel) {
  WheelOwner owner;
  std::vector<int> order;
  Probe early{[&] { order.push_back(1); }};
  Probe late{[&] { order.push_back(2); }};
  owner.arm(early, seconds{100});
  owner.pass(seconds{99});
  owner.arm(late, seconds{1});  // the same slot, armed when it is near
  owner.pass(seconds{2});
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(TimerWheel, ArmedAgainTheEarlierDeadlineIsForgotten) {
  WheelOwner owner;
  Probe timer;
  owner.arm(timer, milliseconds{50});
  owner.arm(timer, milliseconds{500});
  EXPECT_EQ(owner.wheel_.armed(), 1U);
  EXPECT_EQ(owner.pass(milliseconds{400}), 0U);
  EXPECT_EQ(owner.pass(milliseconds{100}), 1U);
}

TEST(TimerWheel, ADisarmedTimerDoesNotFireAndTheWheelIsEmpty) {
  WheelOwner owner;
  Probe timer;
  owner.arm(timer, milliseconds{50});
  owner.disarm(timer);
  owner.disarm(timer);
  EXPECT_FALSE(timer.armed());
  EXPECT_EQ(owner.wheel_.next_due(), std::nullopt);
  EXPECT_EQ(owner.pass(seconds{1}), 0U);
}

TEST(TimerWheel, ACallbackMayArmItselfAgainButNotRunTwiceInOneAdvance) {
  WheelOwner owner;
  Probe timer;
  timer.action = [&] { owner.arm(timer, base::Duration::zero()); };
  owner.arm(timer, milliseconds{10});
  EXPECT_EQ(owner.pass(seconds{10}), 1U);
  EXPECT_TRUE(timer.armed());
  EXPECT_EQ(owner.pass(milliseconds{10}), 1U);
}

TEST(TimerWheel, ACallbackMayDestroyItsTimerAndOthersDueAtTheSameTime) {
  WheelOwner owner;
  auto third = std::make_unique<Probe>();
  std::unique_ptr<Probe> first;
  std::unique_ptr<Probe> second;
  second = std::make_unique<Probe>([&] {
    first.reset();
    third.reset();
    second.reset();
  });
  first = std::make_unique<Probe>();
  owner.arm(*second, milliseconds{10});
  owner.arm(*first, milliseconds{10});
  owner.arm(*third, milliseconds{10});
  EXPECT_EQ(owner.pass(seconds{1}), 1U);
  EXPECT_EQ(owner.wheel_.armed(), 0U);
}

TEST(TimerWheel, ACallbackMayPostponeAnotherThatIsDue) {
  WheelOwner owner;
  Probe other;
  Probe first{[&] { owner.arm(other, seconds{5}); }};
  owner.arm(first, milliseconds{10});
  owner.arm(other, milliseconds{10});
  EXPECT_EQ(owner.pass(milliseconds{20}), 1U);
  EXPECT_EQ(other.fired, 0);
  EXPECT_EQ(owner.pass(seconds{6}), 1U);
}

TEST(TimerWheel, FarDeadlinesAreKept) {
  WheelOwner owner;
  Probe day;
  Probe years;
  Probe eternity;
  owner.arm(day, hours{24});
  owner.arm(years, hours{24 * 365 * 10});
  owner.arm(eternity, hours{24 * 365 * 200});
  EXPECT_EQ(owner.pass(hours{24} - milliseconds{1}), 0U);
  EXPECT_EQ(owner.pass(milliseconds{1}), 1U);
  EXPECT_EQ(owner.pass(hours{24 * 365 * 10} - hours{25}), 0U);
  EXPECT_EQ(owner.pass(hours{1}), 1U);
  EXPECT_TRUE(eternity.armed());
}

TEST(TimerWheel, NextDueIsNeverLaterThanTheNextDeadlineAndReachesItInFewSteps) {
  WheelOwner owner;
  Probe timer;
  owner.arm(timer, hours{5});
  int wakes = 0;
  while (timer.fired == 0) {
    const auto due = owner.wheel_.next_due();
    ASSERT_TRUE(due);
    ASSERT_LE(due->ns, base::Duration{hours{5}}.count());
    ASSERT_GT(*due, owner.clock_.now());
    owner.pass(*due - owner.clock_.now());
    ++wakes;
  }
  EXPECT_LE(wakes, 7);
}

TEST(TimerWheel, ADyingWheelLeavesItsTimersDisarmed) {
  Probe timer;
  {
    WheelOwner owner;
    owner.arm(timer, seconds{1});
  }
  EXPECT_FALSE(timer.armed());
}

TEST(TimerWheel, AHundredThousandTimersAreArmedAndMovedCheaply) {
  WheelOwner owner;
  std::vector<Probe> timers(100'000);
  for (std::size_t i = 0; i < timers.size(); ++i)
    owner.arm(timers[i], milliseconds{20'000 + i % 5'000});
  for (std::size_t i = 0; i < timers.size(); i += 2)
    owner.arm(timers[i], seconds{60});
  EXPECT_EQ(owner.pass(seconds{26}), 50'000U);
  EXPECT_EQ(owner.pass(seconds{40}), 50'000U);
  for (const Probe& timer : timers)
    ASSERT_EQ(timer.fired, 1);
}

// Against a map of deadlines, with random arms, disarms and steps of very different size.
TEST(TimerWheel, AgreesWithASimpleModel) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    WheelOwner owner;
    base::SeededRandom random{seed};
    std::vector<Probe> timers(40);
    std::map<std::size_t, std::int64_t> model;  // timer -> due, in slots
    std::vector<int> expected(timers.size(), 0);
    const std::int64_t slot = TimerWheel::slot.count();
    for (int step = 0; step < 2'000; ++step) {
      const std::uint64_t word = random.next_u64();
      const std::size_t which = (word >> 8) % timers.size();
      const auto span = static_cast<std::int64_t>((word >> 16) % (std::uint64_t{1} << (word % 44)));
      const std::int64_t now = owner.clock_.now().ns;
      if (word % 3 == 0) {
        owner.arm(timers[which], base::Duration{span});
        model[which] = std::max((now + span + slot - 1) / slot, now / slot + 1);
      } else if (word % 7 == 0) {
        owner.disarm(timers[which]);
        model.erase(which);
      } else if (word % 5 == 0) {
        owner.pass(base::Duration{span});
        std::erase_if(model, [&](const auto& entry) {
          const bool due = entry.second <= owner.clock_.now().ns / slot;
          expected[entry.first] += due ? 1 : 0;
          return due;
        });
      }
      ASSERT_EQ(owner.wheel_.armed(), model.size());
      for (std::size_t i = 0; i < timers.size(); ++i)
        ASSERT_EQ(timers[i].fired, expected[i]) << "seed " << seed << " step " << step;
    }
  }
}

}  // namespace
}  // namespace kith::runtime
