// The pretend reactor keeps the promises of its port, so that what is tested on it is tested.
#include "ports/fake_reactor.hpp"

#include "ports/reactor_contract_test.hpp"

namespace kith::ports::contract {

namespace {

class FakeWorld final : public ReactorWorld {
 public:
  Reactor& reactor() override { return *reactor_; }

  void turn() override { reactor_->turn(); }

  bool run_until(const std::function<bool()>& done) override {
    const base::Instant end = clock_.now() + std::chrono::seconds{20};
    while (!done()) {
      if (clock_.now() > end) return false;
      if (!reactor_->turn()) clock_.advance(std::chrono::milliseconds{1});
    }
    return true;
  }

  void post_from(const std::vector<std::function<void()>>& posters) override {
    for (const auto& poster : posters)
      poster();
  }

  void end() override { reactor_.reset(); }

 private:
  base::ManualClock clock_;
  std::unique_ptr<FakeReactor> reactor_ = std::make_unique<FakeReactor>(clock_);
};

INSTANTIATE_TEST_SUITE_P(Fake,
                         ReactorContract,
                         ::testing::Values(ReactorAdapter{
                             "fake", [] { return std::make_unique<FakeWorld>(); }}),
                         reactor_name);

// What the fake promises beyond the port.

class FakeReactorTest : public ::testing::Test {
 protected:
  using Ms = std::chrono::milliseconds;

  base::ManualClock clock;
  FakeReactor reactor{clock, 0, 2};
  FakeReactor other{clock, 1, 2};
  Lines lines;
};

TEST_F(FakeReactorTest, time_passes_from_deadline_to_deadline_on_all_reactors) {
  const base::Instant start = clock.now();
  Probe first{[&] {
    lines.emplace_back("first");
    EXPECT_EQ(clock.now() - start, Ms{10});
    other.post([&] { lines.emplace_back("task"); });
  }};
  Probe second{[&] {
    lines.emplace_back("second");
    EXPECT_EQ(clock.now() - start, Ms{15});
  }};
  other.arm(second, Ms{15});
  reactor.arm(first, Ms{10});
  EXPECT_EQ(reactor.armed_timers(), 1U);
  reactor.advance(Ms{14}, {&other});
  EXPECT_EQ(lines, (Lines{"first", "task"}));
  reactor.advance(Ms{6}, {&other});
  EXPECT_EQ(lines, (Lines{"first", "task", "second"}));
  EXPECT_EQ(clock.now() - start, Ms{20});
}

TEST_F(FakeReactorTest, a_mailbox_said_to_be_full_refuses_and_keeps_nothing) {
  reactor.mailbox_full = true;
  base::Task task = [&] { lines.emplace_back("ran"); };
  EXPECT_FALSE(reactor.try_post(task));
  reactor.run();
  EXPECT_TRUE(lines.empty());
  reactor.mailbox_full = false;
  EXPECT_TRUE(reactor.try_post(task));
  reactor.run();
  EXPECT_EQ(lines, Lines{"ran"});
}

}  // namespace

}  // namespace kith::ports::contract
