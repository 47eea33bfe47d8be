// Several stores over one database, as nodes over one server: locks, and commits without an answer.
#include "ports/memory/store.hpp"
#include "ports/store_fixture_test.hpp"

namespace kith::ports::contract {
namespace {

WriteStep message_of(std::uint8_t n, Seq seq, std::string_view sender) {
  WriteStep step;
  step.events = {{key(n), message(seq, seq, sender, "m" + std::to_string(seq))}};
  return step;
}

WriteStep new_group(std::uint8_t n, std::string external_id = {}) {
  WriteStep step;
  step.conversations = {{key(n), group(n)}};
  step.conversations[0].second.external_id = std::move(external_id);
  step.members = {{key(n), member("ann")}};
  return step;
}

struct Node {
  explicit Node(std::shared_ptr<MemoryDatabase> database) : store(std::move(database)) {
    store.start(factory);
  }

  // One transaction: locks, a write, commit.
  std::shared_ptr<Outcome> submit(std::vector<ConversationKey> keys, WriteStep write) {
    return submit({[keys] { return LockStep{keys}; },
                   [write] { return write; },
                   [] { return CommitStep{}; }});
  }

  std::shared_ptr<Outcome> submit(Script script) {
    auto outcome = std::make_shared<Outcome>();
    std::unique_ptr<LaneEntry> entry = std::make_unique<ScriptEntry>(std::move(script), outcome);
    EXPECT_TRUE(store.submit(0, entry).has_value());
    return outcome;
  }

  ScriptFactory factory;
  MemoryStore store;
};

class Nodes : public ::testing::Test {
 protected:
  Nodes() {
    for (const std::uint8_t n : {1, 2}) {
      database_->execute(LockStep{{key(n)}});
      database_->execute(new_group(n));
      database_->execute(CommitStep{});
    }
  }

  Seq head(std::uint8_t n) const { return database_->heads({key(n)}).at(0); }

  static void steps(Node& node, int count) {
    for (int i = 0; i < count; ++i)
      ASSERT_TRUE(node.store.step_lane()) << "step " << i;
  }

  // Until its lane has nothing to do or waits.
  static void run(Node& node) { node.store.run_lane(); }

  static const StepResult& last(const std::shared_ptr<Outcome>& outcome) {
    return outcome->results.back();
  }

  static bool committed(const std::shared_ptr<Outcome>& outcome) {
    return !outcome->results.empty() && std::holds_alternative<Committed>(last(outcome));
  }

  static const StepFailed* failed(const std::shared_ptr<Outcome>& outcome, std::size_t step) {
    return std::get_if<StepFailed>(&outcome->results.at(step));
  }

  TransactionId only_open() const {
    EXPECT_EQ(database_->open_transactions().size(), 1U);
    return database_->open_transactions().at(0).id;
  }

  std::shared_ptr<MemoryDatabase> database_ = std::make_shared<MemoryDatabase>();
  Node one_{database_};
  Node two_{database_};
  Node three_{database_};
};

TEST_F(Nodes, transactions_of_different_rows_run_at_the_same_time_and_both_stand) {
  const auto a = one_.submit({key(1)}, message_of(1, 1, "ann"));
  const auto b = two_.submit({key(2)}, message_of(2, 1, "ann"));
  steps(one_, 3);  // written, not committed
  run(two_);
  EXPECT_EQ(head(1), 0U);
  EXPECT_EQ(head(2), 1U);
  run(one_);
  EXPECT_TRUE(committed(a));
  EXPECT_TRUE(committed(b));
  EXPECT_EQ(head(1), 1U);
  EXPECT_EQ(head(2), 1U);
}

TEST_F(Nodes, a_lock_waits_for_its_holder_and_then_finds_what_he_committed) {
  one_.submit({key(1)}, message_of(1, 1, "ann"));
  const auto b = two_.submit({key(1)}, message_of(1, 2, "ann"));
  steps(one_, 2);
  steps(two_, 1);
  EXPECT_FALSE(two_.store.step_lane());
  EXPECT_TRUE(two_.store.lane_waits());
  EXPECT_TRUE(two_.store.batch_under_way());
  run(one_);
  run(two_);
  EXPECT_FALSE(two_.store.lane_waits());
  EXPECT_EQ(std::get<Locked>(b->results.at(0)).found.at(0)->last_seq, 1U);
  EXPECT_TRUE(committed(b));
  EXPECT_EQ(head(1), 2U);
}

TEST_F(Nodes, a_rollback_frees_the_rows_and_leaves_nothing) {
  one_.submit({[] { return LockStep{{key(1)}}; },
               [] { return message_of(1, 1, "ann"); },
               [] { return RollbackStep{}; }});
  const auto b = two_.submit({key(1)}, message_of(1, 1, "ann"));
  steps(one_, 3);
  run(two_);
  EXPECT_TRUE(two_.store.lane_waits());
  run(one_);
  run(two_);
  EXPECT_EQ(std::get<Locked>(b->results.at(0)).found.at(0)->last_seq, 0U);
  EXPECT_EQ(head(1), 1U);
}

TEST_F(Nodes, who_asked_first_has_the_row_first) {
  one_.submit({key(1)}, message_of(1, 1, "ann"));
  const auto b = two_.submit({key(1)}, message_of(1, 2, "ann"));
  const auto c = three_.submit({key(1)}, message_of(1, 3, "ann"));
  steps(one_, 2);
  run(two_);
  run(three_);
  run(one_);
  run(three_);
  EXPECT_TRUE(three_.store.lane_waits());
  run(two_);
  run(three_);
  EXPECT_TRUE(committed(b));
  EXPECT_TRUE(committed(c));
  EXPECT_EQ(head(1), 3U);
}

TEST_F(Nodes, rows_are_locked_in_order_so_that_nobody_waits_in_a_circle) {
  const auto a = one_.submit({key(1), key(2)}, message_of(1, 1, "ann"));
  const auto b = two_.submit({key(1), key(2)}, message_of(2, 1, "ann"));
  const auto c = three_.submit({key(2)}, message_of(2, 2, "ann"));
  steps(two_, 2);
  run(one_);    // in line for the first
  run(three_);  // in line for the second
  run(two_);
  run(one_);  // has the first, in line for the second behind three_
  EXPECT_TRUE(one_.store.lane_waits());
  run(three_);
  run(one_);
  for (const auto& outcome : {a, b, c})
    EXPECT_TRUE(committed(outcome));
}

TEST_F(Nodes, of_two_who_make_the_same_conversation_the_second_waits_and_finds_it) {
  one_.submit({key(9)}, new_group(9));
  const auto b = two_.submit({[] { return LockStep{{key(9)}}; }, [] { return CommitStep{}; }});
  steps(one_, 2);
  run(two_);
  EXPECT_TRUE(two_.store.lane_waits());
  run(one_);
  run(two_);
  EXPECT_TRUE(std::get<Locked>(b->results.at(0)).found.at(0).has_value());
}

TEST_F(Nodes,
       an_external_id_that_another_is_giving_is_waited_for_and_then_refused_to_be_tried_again) {
  one_.submit({key(7)}, new_group(7, "order"));
  const auto b = two_.submit({key(8)}, new_group(8, "order"));
  const auto c = three_.submit({[] { return LockStep{{key(9)}}; },
                                [] {
                                  return ExternalStep{{{key(9).app, "order"}}};
                                },
                                [] { return CommitStep{}; }});
  steps(one_, 3);
  run(two_);
  EXPECT_TRUE(two_.store.lane_waits());
  steps(three_, 3);
  EXPECT_EQ(std::get<ExternalFound>(c->results.at(1)).found.at(0), std::nullopt);
  run(one_);
  run(two_);
  const auto* failure = failed(b, 1);
  ASSERT_NE(failure, nullptr);
  EXPECT_TRUE(failure->again);
  EXPECT_EQ(failure->fault.code, base::Errc::conflict);
  EXPECT_EQ(database_->find_external({key(7).app, "order"}), cid(7));
  EXPECT_FALSE(database_->load(key(8)).has_value());
}

TEST_F(Nodes, cursors_and_names_written_without_a_lock_are_merged) {
  const auto device = domain::DeviceId{"phone"};
  WriteStep a;
  a.cursors = {{key(1), user("ann"), device, 5}};
  a.users = {{user_key("ann"), "Ann", ""}};
  WriteStep b;
  b.cursors = {{key(1), user("ann"), device, 3}};
  b.users = {{user_key("ann"), "", "picture"}};
  one_.submit({}, a);
  two_.submit({}, b);
  steps(one_, 3);
  steps(two_, 3);
  run(one_);
  run(two_);
  const std::vector cids{cid(1)};
  EXPECT_EQ(database_->memberships(user_key("ann"), device, &cids).at(0).device_cursor, 5U);
  const auto row = database_->users(user_key("ann"), {user("ann")}).at(0);
  EXPECT_EQ(row.name, "Ann");
  EXPECT_EQ(row.avatar, "picture");
}

TEST_F(Nodes, a_row_written_without_a_lock_while_another_has_it_is_refused_to_be_tried_again) {
  one_.submit({key(1)}, message_of(1, 1, "ann"));
  const auto b = two_.submit({}, message_of(1, 1, "bob"));
  steps(one_, 3);
  run(two_);
  ASSERT_NE(failed(b, 1), nullptr);
  EXPECT_TRUE(failed(b, 1)->again);
  run(one_);
  EXPECT_EQ(head(1), 1U);
}

TEST_F(Nodes, a_wait_that_times_out_fails_and_leaves_the_line) {
  int asked = 0;
  two_.store.fail_step = [&asked](const Step& step) -> std::optional<StepFailed> {
    asked += std::holds_alternative<LockStep>(step) ? 1 : 0;
    return std::nullopt;
  };
  const auto a = one_.submit({key(1)}, message_of(1, 1, "ann"));
  const auto b = two_.submit({key(1)}, message_of(1, 1, "ann"));
  steps(one_, 2);
  run(two_);
  run(two_);
  EXPECT_EQ(asked, 1);
  two_.store.time_out();
  run(two_);
  ASSERT_NE(failed(b, 0), nullptr);
  EXPECT_TRUE(failed(b, 0)->again);
  EXPECT_FALSE(failed(b, 0)->unknown);
  EXPECT_TRUE(std::holds_alternative<RolledBack>(last(b)));
  run(one_);
  EXPECT_TRUE(committed(a));
  EXPECT_TRUE(database_->open_transactions().empty());
}

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
