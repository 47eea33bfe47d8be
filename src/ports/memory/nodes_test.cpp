// Transactions of several nodes: who waits for whom, and what stands.
#include "ports/memory/nodes_fixture_test.hpp"

namespace kith::ports::contract {
namespace {

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

}  // namespace
}  // namespace kith::ports::contract
