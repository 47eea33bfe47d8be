#include "runtime/mailbox.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <poll.h>
#include <thread>
#include <vector>

namespace kith::runtime {
namespace {

bool readable(const Mailbox& box, int timeout_ms) {
  pollfd waited{box.wake_fd(), POLLIN, 0};
  return ::poll(&waited, 1, timeout_ms) == 1;
}

TEST(Mailbox, TasksRunInTheirOrder) {
  Mailbox box{10};
  std::vector<int> ran;
  for (int i = 0; i < 5; ++i)
    box.post([&ran, i] { ran.push_back(i); });
  EXPECT_EQ(box.run(), 5U);
  EXPECT_EQ(ran, (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(box.run(), 0U);
}

TEST(Mailbox, WhatATaskPostsRunsInTheNextRun) {
  Mailbox box{10};
  int ran = 0;
  box.post([&] {
    ++ran;
    box.post([&] { ++ran; });
  });
  EXPECT_EQ(box.run(), 1U);
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(box.run(), 1U);
  EXPECT_EQ(ran, 2);
}

TEST(Mailbox, TryPostRefusesAtTheBoundAndLeavesTheTaskUntouched) {
  Mailbox box{2};
  int ran = 0;
  base::Task task{[&] { ++ran; }};
  EXPECT_TRUE(box.try_post(task));
  EXPECT_FALSE(task);
  box.post([&] { ++ran; });
  base::Task third{[&] { ran += 10; }};
  EXPECT_FALSE(box.try_post(third));
  ASSERT_TRUE(third);
  box.post([&] { ++ran; });  // always takes
  EXPECT_EQ(box.run(), 3U);
  EXPECT_EQ(ran, 3);
  EXPECT_TRUE(box.try_post(third));
  EXPECT_EQ(box.run(), 1U);
  EXPECT_EQ(ran, 13);
}

TEST(Mailbox, TasksBeingRunCountAgainstTheBound) {
  Mailbox box{1};
  bool taken = true;
  box.post([&] {
    base::Task another{[] {}};
    taken = box.try_post(another);
  });
  box.run();
  EXPECT_FALSE(taken);
}

TEST(Mailbox, OnlyASleeperIsWokenAndOnlyOnce) {
  Mailbox box{10};
  box.post([] {});
  EXPECT_FALSE(readable(box, 0));
  EXPECT_FALSE(box.may_sleep());
  box.run();
  EXPECT_TRUE(box.may_sleep());
  EXPECT_FALSE(readable(box, 0));
  box.post([] {});
  EXPECT_TRUE(readable(box, 0));
}

TEST(Mailbox, WhoWokeForAnotherReasonIsNotWokenByAPost) {
  Mailbox box{10};
  EXPECT_TRUE(box.may_sleep());
  box.awake();
  box.post([] {});
  EXPECT_FALSE(readable(box, 0));
}

TEST(Mailbox, DroppedTasksAreDestroyedUnrun) {
  Mailbox box{10};
  int ran = 0;
  const auto owned = std::make_shared<int>(1);
  box.post([&ran, owned] { ++ran; });
  EXPECT_EQ(owned.use_count(), 2);
  EXPECT_EQ(box.drop(), 1U);
  EXPECT_EQ(owned.use_count(), 1);
  EXPECT_EQ(ran, 0);
}

TEST(Mailbox, ATasksBelongingsDieBeforeTheNextTaskRuns) {
  Mailbox box{10};
  const auto owned = std::make_shared<int>(1);
  long seen = 0;
  box.post([copy = owned] { ASSERT_EQ(*copy, 1); });
  box.post([&] { seen = owned.use_count(); });
  box.run();
  EXPECT_EQ(seen, 1);
}

TEST(Mailbox, EachProducersOrderIsKeptUnderLoad) {
  constexpr int producers = 4;
  constexpr int each = 20'000;
  Mailbox box{1'000};
  std::vector<int> next(producers, 0);  // consumer only
  int wrong = 0;
  std::vector<std::thread> threads;
  for (int p = 0; p < producers; ++p)
    threads.emplace_back([&, p] {
      for (int i = 0; i < each; ++i) {
        base::Task task{[&, p, i] { wrong += next[p]++ == i ? 0 : 1; }};
        // Half of the producers wait for room, half insist.
        if (p % 2 == 0)
          while (!box.try_post(task))
            std::this_thread::yield();
        else
          box.post(std::move(task));
      }
    });
  std::size_t total = 0;
  while (total < std::size_t{producers} * each) {
    if (box.may_sleep()) {
      ASSERT_TRUE(readable(box, 20'000));
      box.awake();
    }
    total += box.run();
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(total, std::size_t{producers} * each);
}

}  // namespace
}  // namespace kith::runtime
