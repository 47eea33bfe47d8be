#include "runtime/real_reactor.hpp"

#include "base/limits.hpp"
#include "runtime/reactor_set.hpp"
#include "runtime/signals.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <functional>
#include <future>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace kith::runtime {
namespace {

using std::chrono::milliseconds;
constexpr std::chrono::seconds deadline{20};

struct Hook final : ports::TickHook {
  explicit Hook(std::function<void()> a) : action(std::move(a)) {}

  void on_tick_end() override { action(); }

  std::function<void()> action;
};

struct Probe final : ports::Timer {
  explicit Probe(std::function<void()> a) : action(std::move(a)) {}

  void on_timer() override { action(); }

  std::function<void()> action;
};

struct Socket final : Watch {
  explicit Socket(std::function<void(std::uint32_t)> a) : action(std::move(a)) {}

  void on_ready(std::uint32_t events) override { action(events); }

  std::function<void(std::uint32_t)> action;
};

struct Pair {
  Pair() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    here.reset(fds[0]);
    there.reset(fds[1]);
  }

  void poke() const { EXPECT_EQ(::write(there.get(), "x", 1), 1); }

  void drain() const {
    char byte = 0;
    EXPECT_EQ(::read(here.get(), &byte, 1), 1);
  }

  Fd here;
  Fd there;
};

// The reactor of a test that needs one thread: `run` returns when something called `stop`.
class RealReactorTest : public ::testing::Test {
 protected:
  base::NullLogger logger;
  RealReactor reactor{{}, logger};
};

TEST_F(RealReactorTest, ATurnRunsSocketsTasksTimersAndHooksInThisOrder) {
  std::vector<std::string> ran;
  Pair pair;
  Hook hook{[&] {
    ran.push_back("hook");
    reactor.stop();
  }};
  Probe timer{[&] { ran.push_back("timer"); }};
  Socket socket{[&](std::uint32_t events) {
    EXPECT_EQ(events, ready::read);
    pair.drain();
    ran.push_back("socket");
    reactor.at_tick_end(hook);
    reactor.arm(timer, base::Duration::zero());
    const SystemClock system;
    const base::Instant due = system.now() + 2 * TimerWheel::slot;
    while (system.now() < due) {
    }
    reactor.post([&] { ran.push_back("task"); });
  }};
  ASSERT_TRUE(reactor.watch(socket, pair.here.get(), ready::read));
  pair.poke();
  reactor.run();
  EXPECT_EQ(ran, (std::vector<std::string>{"socket", "task", "timer", "hook"}));
}

TEST_F(RealReactorTest, AHookAskedForTwiceRunsOnce) {
  int ran = 0;
  Hook hook{[&] { ++ran; }};
  reactor.at_tick_end(hook);
  reactor.at_tick_end(hook);
  reactor.post([&] { reactor.stop(); });
  reactor.run();
  EXPECT_EQ(ran, 1);
}

TEST_F(RealReactorTest, AHookThatAsksAgainRunsBoundedlyAndThenInTheNextTurnWithoutSleep) {
  const int rounds = static_cast<int>(base::limits::hook_rounds_max);
  int ran = 0;
  int seen_by_task = 0;
  Hook hook{[&] {
    if (++ran == 1) reactor.post([&] { seen_by_task = ran; });
    if (ran == 3 * rounds) return reactor.stop();
    reactor.at_tick_end(hook);
  }};
  reactor.at_tick_end(hook);
  reactor.run();  // with no socket and no timer: it would sleep for ever if it slept
  EXPECT_EQ(seen_by_task, rounds);
  EXPECT_EQ(ran, 3 * rounds);
}

TEST_F(RealReactorTest, AHookMayDestroyItselfAndWithdrawAnother) {
  auto other = std::make_unique<Hook>([&] { FAIL() << "withdrawn"; });
  std::unique_ptr<Hook> first;
  first = std::make_unique<Hook>([&] {
    reactor.stop();
    other.reset();
    first.reset();  // last: with it goes this lambda
  });
  reactor.at_tick_end(*first);
  reactor.at_tick_end(*other);
  reactor.run();
  EXPECT_EQ(first, nullptr);
}

TEST_F(RealReactorTest, BetweenTheTurnsOfAPacedReactorIsThePause) {
  constexpr auto pause = milliseconds{5};
  const SystemClock system;
  int turns = 0;
  Hook hook{[&] {
    if (++turns == 4) return reactor.stop();
    reactor.pace(pause);
    reactor.post([&] { reactor.at_tick_end(hook); });  // in the next turn
  }};
  reactor.at_tick_end(hook);
  const base::Instant began = system.now();
  reactor.run();
  EXPECT_GE(system.now() - began, 3 * pause);
}

TEST_F(RealReactorTest, APaceThatIsNotAskedForAgainLapses) {
  reactor.pace(ports::Reactor::pace_holds);
  Probe timer{[&] { reactor.stop(); }};
  reactor.arm(timer, 2 * ports::Reactor::pace_holds);
  reactor.run();
  // Without a timer, a hook or a task it would rest for ever if it did.
  reactor.post([&] { reactor.stop(); });
  reactor.run();
}

TEST_F(RealReactorTest, ATimerFiresNotBeforeItsDeadline) {
  base::Instant fired{};
  Probe timer{[&] {
    fired = reactor.clock().now();
    reactor.stop();
  }};
  const base::Instant armed = reactor.clock().now();
  reactor.arm(timer, milliseconds{30});
  reactor.run();
  EXPECT_GE(fired - armed, milliseconds{30});
}

TEST_F(RealReactorTest, APeriodOfManyTimersKeepsTheirOrder) {
  std::vector<int> order;
  Probe c{[&] { order.push_back(3), reactor.stop(); }};
  Probe a{[&] { order.push_back(1); }};
  Probe b{[&] { order.push_back(2); }};
  reactor.arm(c, milliseconds{60});
  reactor.arm(a, milliseconds{20});
  reactor.arm(b, milliseconds{40});
  reactor.run();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST_F(RealReactorTest, AnIdleReactorUsesNoProcessorTime) {
  Probe far{[] {}};
  Probe near{[&] { reactor.stop(); }};
  reactor.arm(far, std::chrono::hours{100});
  reactor.arm(near, milliseconds{300});
  timespec before{};
  timespec after{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
  reactor.run();
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
  const std::int64_t used_ns =
      (after.tv_sec - before.tv_sec) * 1'000'000'000 + after.tv_nsec - before.tv_nsec;
  EXPECT_LT(used_ns, 50'000'000);  // a loop that does not sleep would use 300 ms
}

TEST_F(RealReactorTest, AnEventAlreadyFetchedIsForgottenWhenItsWatchDies) {
  Pair one;
  Pair two;
  int events = 0;
  std::unique_ptr<Socket> first;
  std::unique_ptr<Socket> second;
  // Whichever is first destroys both.
  const auto destroy = [&](std::uint32_t) {
    ++events;
    reactor.post([&] { reactor.stop(); });
    auto keep_first = std::move(first);
    auto keep_second = std::move(second);
  };
  first = std::make_unique<Socket>(destroy);
  second = std::make_unique<Socket>(destroy);
  ASSERT_TRUE(reactor.watch(*first, one.here.get(), ready::read));
  ASSERT_TRUE(reactor.watch(*second, two.here.get(), ready::read));
  one.poke();
  two.poke();
  reactor.run();
  EXPECT_EQ(events, 1);
}

TEST_F(RealReactorTest, InterestCanBeChangedAndIsReportedAsAsked) {
  Pair pair;
  std::vector<std::uint32_t> seen;
  Socket socket{[&](std::uint32_t events) {
    seen.push_back(events);
    if (seen.size() == 1) return reactor.change(socket, ready::read);
    reactor.unwatch(socket);
    reactor.stop();
  }};
  ASSERT_TRUE(reactor.watch(socket, pair.here.get(), ready::write));
  pair.poke();
  reactor.run();
  EXPECT_EQ(seen, (std::vector<std::uint32_t>{ready::write, ready::read}));
  EXPECT_FALSE(socket.watched());
}

TEST_F(RealReactorTest, ADescriptorThatCanNotBeWatchedIsRefused) {
  Socket socket{[](std::uint32_t) {}};
  EXPECT_FALSE(reactor.watch(socket, -1, ready::read));
  EXPECT_FALSE(socket.watched());
}

TEST_F(RealReactorTest, TimeStandsStillWithinATask) {
  reactor.post([&] {
    const base::Instant before = reactor.clock().now();
    const SystemClock system;
    const base::Instant start = system.now();
    while (system.now() == start) {
    }
    EXPECT_EQ(reactor.clock().now(), before);
    reactor.stop();
  });
  reactor.run();
}

TEST(RealReactor, ATaskThatBlocksTheTurnIsLogged) {
  struct Collecting final : base::Logger {
    void log(base::LogLevel level,
             std::string_view event,
             std::initializer_list<base::LogField> fields) override {
      lines += base::format_log_line(level, event, fields) + "\n";
    }

    std::string lines;
  } logger;

  RealReactor reactor{{.index = 1, .count = 2}, logger};
  reactor.post([&] {
    const SystemClock system;
    const base::Instant end = system.now() + milliseconds{base::limits::slow_turn_ms + 5};
    while (system.now() < end) {
    }
    reactor.stop();
  });
  reactor.run();
  EXPECT_NE(logger.lines.find("event=slow_turn reactor=1"), std::string::npos);
  EXPECT_NE(logger.lines.find("phase=tasks"), std::string::npos);
  EXPECT_NE(logger.lines.find("phase_count=1"), std::string::npos);
}

TEST(ReactorSet, TasksFromOutsideAndFromReactorsKeepTheirOrder) {
  constexpr int each = 5'000;
  base::NullLogger logger;
  ReactorSet set{{.count = 3}, logger};
  set.start();
  // Reactors 1 and 2 and this thread all send numbered tasks to reactor 0.
  std::vector<int> next(3, 0);
  int wrong = 0;
  int done = 0;
  std::promise<void> all;
  const auto send = [&](int producer) {
    for (int i = 0; i < each; ++i)
      set[0].post([&, producer, i] {
        wrong += next[producer]++ == i ? 0 : 1;
        if (i == each - 1 && ++done == 3) all.set_value();
      });
  };
  set[1].post([&] { send(1); });
  set[2].post([&] { send(2); });
  send(0);
  ASSERT_EQ(all.get_future().wait_for(deadline), std::future_status::ready);
  set.stop();
  EXPECT_EQ(wrong, 0);
}

TEST(ReactorSet, OnEachRunsOnEveryReactorsThreadAndWaits) {
  base::NullLogger logger;
  ReactorSet set{{.count = 3, .pin = true}, logger};
  std::vector<std::thread::id> ids(3);
  std::vector<int> calls(3, 0);
  const auto note = [&](RealReactor& reactor) {
    EXPECT_EQ(reactor.count(), 3U);
    ids[reactor.index()] = std::this_thread::get_id();
    ++calls[reactor.index()];
  };
  set.on_each(note);  // not started: here
  EXPECT_EQ(ids[1], std::this_thread::get_id());
  set.start();
  set.on_each(note);
  EXPECT_NE(ids[0], ids[1]);
  EXPECT_NE(ids[1], ids[2]);
  EXPECT_NE(ids[0], std::this_thread::get_id());
  set.stop();
  set.on_each(note);
  EXPECT_EQ(calls, (std::vector<int>{3, 3, 3}));
}

TEST(ReactorSet, TasksLeftAreDestroyedUnrunAlsoThoseTheirDestructorsPost) {
  base::NullLogger logger;
  ReactorSet set{{.count = 2}, logger};
  std::atomic<int> ran{0};
  std::atomic<int> destroyed{0};

  struct Chain {
    Chain(ReactorSet& s, std::atomic<int>& r, std::atomic<int>& d, int l)
        : set(s), ran(r), destroyed(d), left(l) {}

    ~Chain() {
      ++destroyed;
      if (left > 0)
        set[static_cast<std::size_t>(left % 2)].post(
            [next = std::make_unique<Chain>(set, ran, destroyed, left - 1)] { ++next->ran; });
    }

    ReactorSet& set;
    std::atomic<int>& ran;
    std::atomic<int>& destroyed;
    int left;
  };

  set[0].post([chain = std::make_unique<Chain>(set, ran, destroyed, 5)] { ++chain->ran; });
  set.stop();  // never started: nothing can have run
  EXPECT_EQ(ran, 0);
  EXPECT_EQ(destroyed, 6);
}

TEST(ReactorSet, StoppingTwiceAndStoppingUnderLoadIsFine) {
  base::NullLogger logger;
  ReactorSet set{{.count = 2}, logger};
  set.start();
  std::atomic<bool> enough{false};
  std::function<void(std::size_t)> volley = [&](std::size_t from) {
    if (!enough) set[1 - from].post([&, from] { volley(1 - from); });
  };
  set[0].post([&] { volley(0); });
  std::thread outsider{[&] {
    for (int i = 0; i < 10'000; ++i)
      set[0].post([] {});
  }};
  set.stop();
  outsider.join();
  set.stop();
  enough = true;
}

TEST(Signals, SigtermAndSigintBecomeCallsOnTheReactor) {
  base::NullLogger logger;
  RealReactor reactor{{}, logger};
  std::vector<int> seen;
  Signals signals{reactor, [&](int signal) {
                    seen.push_back(signal);
                    if (seen.size() == 2) return reactor.stop();
                    ::kill(::getpid(), SIGINT);
                  }};
  ::kill(::getpid(), SIGTERM);
  reactor.run();
  EXPECT_EQ(seen, (std::vector<int>{SIGTERM, SIGINT}));
}

TEST(Signals, ABrokenPipeIsAnErrorAndNoSignal) {
  base::NullLogger logger;
  RealReactor reactor{{}, logger};
  const Signals signals{reactor, [](int) {}};
  Pair pair;
  pair.there.reset();
  EXPECT_EQ(::write(pair.here.get(), "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
}

}  // namespace
}  // namespace kith::runtime
