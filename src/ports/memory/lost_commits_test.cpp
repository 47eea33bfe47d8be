// Commits without an answer, and nodes that die within a transaction.
#include "ports/memory/nodes_fixture_test.hpp"

namespace kith::ports::contract {
namespace {

class LostCommits : public Nodes {
 protected:
  // A commit with this fate, then the next transaction of the lane, which asks what became of it.
  void lose(CommitFate fate) {
    one_.store.commit_fate = [this, fate] { return commits_++ == 0 ? fate : CommitFate::answered; };
    first_ = one_.submit({key(1)}, message_of(1, 1, "ann"));
    second_ = one_.submit({[] { return LockStep{{key(1)}}; },
                           [] { return RecallStep{}; },
                           [] { return CommitStep{}; }});
    run(one_);
    const auto* failure = failed(first_, 2);
    ASSERT_NE(failure, nullptr);
    EXPECT_TRUE(failure->again);
    EXPECT_TRUE(failure->unknown);
    EXPECT_TRUE(std::holds_alternative<RolledBack>(last(first_)));
  }

  void expect_recalled(bool stands) {
    EXPECT_EQ(std::get<Recalled>(second_->results.at(1)).committed, stands);
    EXPECT_EQ(std::get<Locked>(second_->results.at(0)).found.at(0)->last_seq, stands ? 1U : 0U);
    EXPECT_EQ(head(1), stands ? 1U : 0U);
    EXPECT_TRUE(committed(second_));
    EXPECT_TRUE(database_->open_transactions().empty());
  }

  int commits_ = 0;
  std::shared_ptr<Outcome> first_;
  std::shared_ptr<Outcome> second_;
};

TEST_F(LostCommits, one_that_stands_is_recalled_as_such) {
  lose(CommitFate::lost_committed);
  expect_recalled(true);
}

TEST_F(LostCommits, one_that_was_rolled_back_is_recalled_as_such) {
  lose(CommitFate::lost_rolled_back);
  expect_recalled(false);
}

TEST_F(LostCommits, one_that_is_open_keeps_its_rows_until_it_is_resolved) {
  for (const bool stands : {false, true}) {
    commits_ = 0;
    lose(CommitFate::lost_open);
    EXPECT_TRUE(one_.store.lane_waits());
    const auto open = database_->open_transactions();
    ASSERT_EQ(open.size(), 2U);
    EXPECT_TRUE(open[0].in_doubt);
    EXPECT_FALSE(open[0].waits);
    EXPECT_TRUE(open[1].waits);
    EXPECT_EQ(head(1), 0U);
    database_->resolve(open[0].id, stands);
    run(one_);
    expect_recalled(stands);
  }
}

TEST_F(LostCommits, one_of_no_rows_is_waited_for_when_it_is_recalled) {
  one_.store.commit_fate = [this] {
    return commits_++ == 0 ? CommitFate::lost_open : CommitFate::answered;
  };
  one_.submit({}, WriteStep{});
  second_ = one_.submit(
      {[] { return LockStep{}; }, [] { return RecallStep{}; }, [] { return CommitStep{}; }});
  run(one_);
  EXPECT_TRUE(one_.store.lane_waits());
  database_->resolve(database_->open_transactions().at(0).id, true);
  run(one_);
  EXPECT_TRUE(std::get<Recalled>(second_->results.at(1)).committed);
}

TEST_F(Nodes, the_transaction_of_a_dead_node_keeps_its_rows_until_it_is_resolved) {
  auto dead = std::make_unique<Node>(database_);
  dead->submit({key(1)}, message_of(1, 1, "ann"));
  steps(*dead, 2);
  dead->store.abandon();
  EXPECT_FALSE(dead->store.step_lane());
  dead.reset();
  const auto a = one_.submit({key(1)}, message_of(1, 1, "bob"));
  run(one_);
  EXPECT_TRUE(one_.store.lane_waits());
  const auto left = database_->open_transactions().at(0);
  EXPECT_FALSE(left.in_doubt);
  database_->resolve(left.id, false);
  run(one_);
  EXPECT_TRUE(committed(a));
}

TEST_F(Nodes, a_node_that_dies_at_its_commit_leaves_it_in_doubt) {
  auto dead = std::make_unique<Node>(database_);
  dead->submit({key(1)}, message_of(1, 1, "ann"));
  steps(*dead, 3);
  dead->store.abandon();
  dead.reset();
  const auto left = only_open();
  EXPECT_TRUE(database_->open_transactions().at(0).in_doubt);
  database_->resolve(left, true);
  EXPECT_EQ(head(1), 1U);
  EXPECT_EQ(database_->outcome(left), std::nullopt);  // nobody is there to ask
}

TEST_F(Nodes, a_store_that_ends_rolls_back_what_is_open) {
  auto ends = std::make_unique<Node>(database_);
  ends->submit({key(1)}, message_of(1, 1, "ann"));
  steps(*ends, 3);
  ends.reset();
  EXPECT_TRUE(database_->open_transactions().empty());
  EXPECT_EQ(head(1), 0U);
}

}  // namespace
}  // namespace kith::ports::contract
