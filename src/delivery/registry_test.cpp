#include "delivery/registry.hpp"

#include "delivery/world_test.hpp"

#include <gtest/gtest.h>

namespace kith::delivery {
namespace {

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest() {
    world_.make_group(group_, {"ann", "bob"});
    home_ = world_.homes.index_of(group_);
    other_ = home_ == 1 ? 2 : 1;  // nor that of who writes, reactor 0: answers go there
  }

  DeliveryWorld world_{3};
  const ConversationKey group_ = DeliveryWorld::group(1);
  std::size_t home_ = 0;
  std::size_t other_ = 0;
};

TEST_F(RegistryTest, an_event_is_encoded_once_and_shared_by_all_reactors) {
  const auto here = world_.connect("ann", {.reactor = home_});
  const auto there = world_.connect("bob", {.reactor = other_});
  world_.write(group_, "ann", 3);
  world_.read_all();
  EXPECT_EQ(here->seqs(group_.cid), range(1, 3));
  EXPECT_EQ(there->seqs(group_.cid), range(1, 3));
}

TEST_F(RegistryTest, a_reactor_where_nobody_listens_is_told_nothing) {
  const auto there = world_.connect("bob", {.reactor = other_});
  world_.disconnect(there);
  world_.settle();
  world_.submit(world_.send_entry(group_, "ann", "m1"));
  world_.store.run_lane();
  world_.reactors[home_]->run();
  EXPECT_EQ(world_.reactors[other_]->waiting_tasks(), 0U);
  EXPECT_EQ(world_.registries[home_]->channels(), 0U);
}

TEST_F(RegistryTest, what_a_full_mailbox_refuses_is_read_a_little_later) {
  const auto there = world_.connect("bob", {.reactor = other_});
  world_.reactors[other_]->mailbox_full = true;
  world_.submit(world_.send_entry(group_, "ann", "m1"));
  world_.submit(world_.send_entry(group_, "ann", "m2"));
  world_.store.run_lane();
  world_.reactors[home_]->run();
  world_.pass(std::chrono::milliseconds{100});
  EXPECT_TRUE(there->seqs(group_.cid).empty());
  world_.reactors[other_]->mailbox_full = false;
  world_.pass(std::chrono::milliseconds{100});
  world_.read_all();
  EXPECT_EQ(there->seqs(group_.cid), range(1, 2));
}

TEST_F(RegistryTest, an_event_that_gets_through_behind_refused_ones_brings_them_too) {
  const auto there = world_.connect("bob", {.reactor = other_});
  world_.reactors[other_]->mailbox_full = true;
  world_.write(group_, "ann", 3);
  world_.reactors[other_]->mailbox_full = false;
  world_.write(group_, "ann", 1);
  world_.read_all();
  EXPECT_EQ(there->seqs(group_.cid), range(1, 4));
  world_.pass(std::chrono::milliseconds{100});
  world_.read_all();
  EXPECT_EQ(there->seqs(group_.cid), range(1, 4));
}

TEST_F(RegistryTest, the_answer_that_overtakes_a_refused_event_is_not_followed_by_it) {
  const auto bob = world_.connect("bob", {.reactor = other_});
  world_.reactors[other_]->mailbox_full = true;
  world_.begin_send(bob, group_, "b1");
  world_.settle();
  world_.read_all();
  EXPECT_EQ(bob->count("ack"), 1U);
  world_.reactors[other_]->mailbox_full = false;
  world_.write(group_, "ann", 1);
  world_.pass(std::chrono::milliseconds{100});
  world_.read_all();
  EXPECT_EQ(bob->seqs(group_.cid), range(2, 2));
}

TEST_F(RegistryTest, heads_not_told_to_a_reactor_that_left_are_forgotten) {
  const auto there = world_.connect("bob", {.reactor = other_});
  world_.reactors[other_]->mailbox_full = true;
  world_.write(group_, "ann", 1);
  world_.disconnect(there);
  world_.settle();
  world_.reactors[other_]->mailbox_full = false;
  world_.pass(std::chrono::milliseconds{100});
  world_.settle();
  EXPECT_EQ(world_.reactors[home_]->armed_timers(), 0U);
}

TEST_F(RegistryTest, leaving_what_was_never_joined_changes_nothing) {
  world_.registries[home_]->unsubscribe(other_, group_);
  EXPECT_EQ(world_.registries[home_]->channels(), 0U);
}

TEST_F(RegistryTest, each_reactor_leaves_for_itself) {
  const auto here = world_.connect("ann", {.reactor = home_});
  const auto there = world_.connect("bob", {.reactor = other_});
  world_.disconnect(there);
  world_.settle();
  world_.write(group_, "bob", 1);
  world_.read_all();
  EXPECT_EQ(here->seqs(group_.cid), range(1, 1));
}

}  // namespace
}  // namespace kith::delivery
