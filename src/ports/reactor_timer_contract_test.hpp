#pragma once

#include "ports/reactor_fixture_test.hpp"

// The timers of a reactor.
namespace kith::ports::contract {

TEST_P(ReactorContract, a_timer_fires_once_disarmed_already_and_not_before_its_deadline) {
  const base::Instant armed = now();
  Probe timer{[&] {
    EXPECT_FALSE(timer.armed());
    EXPECT_GE(now() - armed, Ms{20});
    say("fired");
  }};
  EXPECT_FALSE(timer.armed());
  reactor().arm(timer, Ms{20});
  EXPECT_TRUE(timer.armed());
  pass(Ms{60});
  EXPECT_EQ(lines_, Lines{"fired"});
}

TEST_P(ReactorContract, a_timer_armed_again_forgets_the_earlier_deadline) {
  const base::Instant armed = now();
  Probe later{[&] {
    EXPECT_GE(now() - armed, Ms{50});
    say("later");
  }};
  Probe sooner{saying("sooner")};
  reactor().arm(later, Ms{10});
  reactor().arm(later, Ms{50});
  reactor().arm(sooner, std::chrono::hours{1});
  reactor().arm(sooner, Ms{10});
  pass(Ms{80});
  EXPECT_EQ(lines_, (Lines{"sooner", "later"}));
}

TEST_P(ReactorContract, a_timer_disarmed_or_destroyed_does_not_fire) {
  Probe disarmed{saying("disarmed")};
  auto destroyed = std::make_unique<Probe>(saying("destroyed"));
  reactor().arm(disarmed, Ms{10});
  reactor().arm(*destroyed, Ms{10});
  reactor().disarm(disarmed);
  reactor().disarm(disarmed);
  EXPECT_FALSE(disarmed.armed());
  destroyed.reset();
  pass(Ms{40});
  EXPECT_TRUE(lines_.empty());
}

TEST_P(ReactorContract, a_timer_may_arm_itself_again_when_it_fires) {
  base::Instant last = now();
  Probe timer{[&] {
    EXPECT_GE(now() - last, Ms{10});
    last = now();
    say("fired");
    if (lines_.size() < 3) reactor().arm(timer, Ms{10});
  }};
  reactor().arm(timer, Ms{10});
  ASSERT_TRUE(run_until_said(3));
  pass(Ms{40});
  EXPECT_EQ(lines_.size(), 3U);
}

TEST_P(ReactorContract, a_timer_may_destroy_itself_and_another_that_is_due) {
  std::unique_ptr<Probe> first;
  std::unique_ptr<Probe> second;
  std::unique_ptr<Probe> third = std::make_unique<Probe>(saying("third"));
  first = std::make_unique<Probe>([&] {
    say("first");
    second.reset();
    first.reset();  // last: with it goes this lambda
  });
  second = std::make_unique<Probe>(saying("second"));
  for (const auto* timer : {&first, &second, &third})
    reactor().arm(**timer, Ms{10});
  pass(Ms{40});
  EXPECT_EQ(lines_, (Lines{"first", "third"}));
}

TEST_P(ReactorContract, timers_fire_in_the_order_of_their_deadlines_equal_ones_in_that_of_arming) {
  std::vector<std::unique_ptr<Probe>> timers;
  const auto arm = [&](const char* name, Ms after) {
    timers.push_back(std::make_unique<Probe>(saying(name)));
    reactor().arm(*timers.back(), after);
  };
  arm("d", Ms{60});
  arm("b", Ms{30});
  arm("a", Ms{5});
  arm("c", Ms{30});
  ASSERT_TRUE(run_until_said(4));
  EXPECT_EQ(lines_, (Lines{"a", "b", "c", "d"}));
}

TEST_P(ReactorContract, a_timer_armed_for_now_by_a_timer_lets_tasks_run_first) {
  Probe timer{[&] {
    say("timer");
    if (lines_.size() > 1) return;
    reactor().arm(timer, base::Duration::zero());
    reactor().post(saying("task"));
  }};
  reactor().arm(timer, base::Duration::zero());
  ASSERT_TRUE(run_until_said(3));
  EXPECT_EQ(lines_, (Lines{"timer", "task", "timer"}));
}

TEST_P(ReactorContract, a_deadline_in_the_past_is_now_and_one_out_of_reach_is_never) {
  Probe past{saying("past")};
  Probe never{saying("never")};
  reactor().arm(never, base::Duration::max());
  reactor().arm(past, base::Duration::min());
  pass(Ms{40});
  EXPECT_EQ(lines_, Lines{"past"});
  EXPECT_TRUE(never.armed());
}

TEST_P(ReactorContract, timers_and_hooks_may_outlive_the_reactor) {
  Probe timer{saying("timer")};
  Hook hook{saying("hook")};
  reactor().arm(timer, Ms{10});
  reactor().at_tick_end(hook);
  world_->end();
  EXPECT_FALSE(timer.armed());
  EXPECT_EQ(hook.hooked_to, nullptr);
  EXPECT_TRUE(lines_.empty());
}

TEST_P(ReactorContract, an_alarm_calls_its_owner) {
  struct Owner {
    void on_alarm() { rang = true; }

    bool rang = false;
    Alarm<Owner, &Owner::on_alarm> alarm{*this};
  } owner;

  reactor().arm(owner.alarm, Ms{1});
  EXPECT_TRUE(world_->run_until([&] { return owner.rang; }));
}

}  // namespace kith::ports::contract
