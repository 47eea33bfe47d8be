#pragma once

// The contract of ports::Reactor. An implementation includes this in one of its tests and says
//   using kith::ports::contract::ReactorContract;
//   INSTANTIATE_TEST_SUITE_P(Real, ReactorContract, ::testing::Values(ReactorAdapter{...}));
#include "base/limits.hpp"
#include "ports/reactor_fixture_test.hpp"
#include "ports/reactor_timer_contract_test.hpp"

namespace kith::ports::contract {

// ---- tasks

TEST_P(ReactorContract, knows_its_place) {
  EXPECT_LT(reactor().index(), reactor().count());
}

TEST_P(ReactorContract, tasks_of_one_poster_run_in_their_order) {
  constexpr int each = 1'000;
  std::vector<std::vector<int>> ran(3);
  std::vector<std::function<void()>> posters;
  for (auto& mine : ran)
    posters.emplace_back([this, &mine] {
      for (int i = 0; i < each; ++i)
        reactor().post([&mine, i] { mine.push_back(i); });
    });
  world_->post_from(posters);
  ASSERT_TRUE(world_->run_until(
      [&] { return ran[0].size() + ran[1].size() + ran[2].size() >= 3 * std::size_t{each}; }));
  for (const auto& mine : ran)
    for (int i = 0; i < each; ++i)
      ASSERT_EQ(mine[static_cast<std::size_t>(i)], i);
}

TEST_P(ReactorContract, a_task_posted_by_a_task_runs_after_it) {
  reactor().post([this] {
    reactor().post(saying("inner"));
    say("outer");
  });
  ASSERT_TRUE(run_until_said(2));
  EXPECT_EQ(lines_, (Lines{"outer", "inner"}));
}

TEST_P(ReactorContract, a_full_mailbox_refuses_untouched_what_may_be_refused_and_takes_what_must) {
  std::size_t ran = 0;
  std::size_t taken = 0;
  for (
      base::Task task = [&ran] { ++ran; }; reactor().try_post(task); task = [&ran] { ++ran; })
    ASSERT_LE(++taken, base::limits::mailbox_tasks_max);
  EXPECT_EQ(taken, base::limits::mailbox_tasks_max);
  base::Task refused = saying("refused, kept and posted later");
  EXPECT_FALSE(reactor().try_post(refused));
  reactor().post([&ran] { ++ran; });
  EXPECT_FALSE(reactor().try_post(refused));
  ASSERT_TRUE(world_->run_until([&] { return ran == taken + 1; }));
  EXPECT_TRUE(lines_.empty());
  ASSERT_TRUE(static_cast<bool>(refused));
  EXPECT_TRUE(reactor().try_post(refused));
  EXPECT_TRUE(run_until_said(1));
}

TEST_P(ReactorContract, tasks_of_the_running_tick_count_until_it_has_run_them) {
  std::size_t taken = 0;
  for (int i = 0; i < 3; ++i)
    reactor().post([] {});
  reactor().post([this, &taken] {
    for (
        base::Task task = [] {}; reactor().try_post(task); task = [] {})
      ASSERT_LE(++taken, base::limits::mailbox_tasks_max);
    say("full");
  });
  ASSERT_TRUE(run_until_said(1));
  EXPECT_LE(taken, base::limits::mailbox_tasks_max - 4);
}

TEST_P(ReactorContract, tasks_left_are_destroyed_unrun_also_those_their_destructors_post) {
  struct Chain {
    Chain(Reactor& r, Lines& l, int n) : reactor(r), lines(l), left(n) {}

    Chain(const Chain&) = delete;
    Chain& operator=(const Chain&) = delete;

    ~Chain() {
      lines.emplace_back("destroyed");
      if (left == 0) return;
      reactor.post([next = std::make_unique<Chain>(reactor, lines, left - 1)] {
        next->lines.emplace_back("ran");
      });
    }

    Reactor& reactor;
    Lines& lines;
    int left;
  };

  reactor().post([this, chain = std::make_unique<Chain>(reactor(), lines_, 3)] { say("ran"); });
  world_->end();
  EXPECT_EQ(lines_, (Lines{"destroyed", "destroyed", "destroyed", "destroyed"}));
}

// ---- the end of the tick

TEST_P(ReactorContract, a_hook_runs_once_behind_the_tasks_of_its_tick) {
  Hook hook{saying("hook")};
  reactor().post([this, &hook] {
    say("first");
    reactor().at_tick_end(hook);
    reactor().at_tick_end(hook);
    reactor().post(saying("next tick"));
  });
  reactor().post(saying("second"));
  ASSERT_TRUE(run_until_said(4));
  for (int i = 0; i < 5; ++i)
    world_->turn();
  EXPECT_EQ(lines_, (Lines{"first", "second", "hook", "next tick"}));
}

TEST_P(ReactorContract, a_hook_that_a_timer_asks_for_runs_before_the_next_task) {
  Hook hook{saying("hook")};
  Probe timer{[&] {
    reactor().post(saying("task"));
    reactor().at_tick_end(hook);
  }};
  reactor().arm(timer, Ms{10});
  ASSERT_TRUE(run_until_said(2));
  EXPECT_EQ(lines_, (Lines{"hook", "task"}));
}

TEST_P(ReactorContract, hooks_run_in_the_order_of_asking) {
  std::vector<std::unique_ptr<Hook>> hooks;
  for (const char* name : {"a", "b", "c"}) {
    hooks.push_back(std::make_unique<Hook>(saying(name)));
    reactor().at_tick_end(*hooks.back());
  }
  world_->turn();
  EXPECT_EQ(lines_, (Lines{"a", "b", "c"}));
}

TEST_P(ReactorContract, a_hook_may_ask_again_and_does_not_keep_tasks_waiting) {
  constexpr int asked = 100;
  int ran = 0;
  int seen_by_task = 0;
  Hook hook{[&] {
    if (++ran == 1) reactor().post([&] { seen_by_task = ran; });
    if (ran < asked) reactor().at_tick_end(hook);
  }};
  reactor().at_tick_end(hook);
  ASSERT_TRUE(world_->run_until([&] { return ran == asked; }));
  EXPECT_GT(seen_by_task, 0);
  EXPECT_LT(seen_by_task, asked);
  world_->turn();
  EXPECT_EQ(ran, asked);
}

TEST_P(ReactorContract, a_hook_withdrawn_or_destroyed_is_not_called) {
  Hook withdrawn{saying("withdrawn")};
  auto destroyed = std::make_unique<Hook>(saying("destroyed"));
  reactor().at_tick_end(withdrawn);
  reactor().at_tick_end(*destroyed);
  reactor().withdraw(withdrawn);
  reactor().withdraw(withdrawn);
  destroyed.reset();
  world_->turn();
  EXPECT_TRUE(lines_.empty());
  reactor().at_tick_end(withdrawn);
  world_->turn();
  EXPECT_EQ(lines_, Lines{"withdrawn"});
}

TEST_P(ReactorContract, a_hook_may_destroy_itself_and_another_that_waits) {
  std::unique_ptr<Hook> first;
  auto second = std::make_unique<Hook>(saying("second"));
  Hook third{saying("third")};
  first = std::make_unique<Hook>([&] {
    say("first");
    second.reset();
    first.reset();  // last: with it goes this lambda
  });
  for (Hook* hook : {first.get(), second.get(), &third})
    reactor().at_tick_end(*hook);
  world_->turn();
  EXPECT_EQ(lines_, (Lines{"first", "third"}));
}

}  // namespace kith::ports::contract
