#include "base/limits.hpp"
#include "conversations/plan_fixture_test.hpp"

// What is sent, read and told.
namespace kith::conversations {
namespace {

using base::Errc;
using domain::EventKind;

// --- sending

TEST_F(PlanTest, sending_is_reading) {
  send("ann", "m1");
  send("bob", "m2");
  EXPECT_EQ(member("ann").read_no, 1U);
  EXPECT_EQ(member("bob").read_no, 2U);
  EXPECT_EQ(member("bob").read_seq, 2U);
  EXPECT_EQ(member("carl").read_no, 0U);
}

TEST_F(PlanTest, only_messages_count_as_unread) {
  send("ann", "m1");
  add({"dora"}, "ann", Role::member);
  EXPECT_EQ(send("ann", "m2").value->no, 2U);
  EXPECT_EQ(event(group_, 2).no, 1U);
  EXPECT_EQ(read("carl", 2).value->at(0).unread, 1U);
}

TEST_F(PlanTest, a_message_that_is_not_counted_has_a_place_and_raises_no_count) {
  send("ann", "m1");
  const auto silent = [&](std::string_view sender, std::string_view id) {
    auto entry = world_.send_entry(group_, sender, id);
    entry->counted = false;
    return run<SendResult>(std::move(entry)).value;
  };
  const auto first = silent("ann", "s1");
  EXPECT_EQ(first->seq, 2U);
  EXPECT_EQ(first->no, 1U);
  EXPECT_EQ(event(group_, 2).no, 1U);
  EXPECT_EQ(world_.row(group_)->now().last_no, 1U);
  EXPECT_EQ(silent("ann", "s1")->no, 1U);  // again
  EXPECT_EQ(send("ann", "m2").value->no, 2U);
  EXPECT_EQ(read("carl", 1).value->at(0).unread, 1U);
  EXPECT_EQ(read("carl", 2).value->at(0).unread, 1U);
  EXPECT_EQ(read("carl", 3).value->at(0).unread, 0U);
}

TEST_F(PlanTest, who_sends_what_is_not_counted_has_read_what_was_before_it) {
  send("ann", "m1");
  auto entry = world_.send_entry(group_, "bob", "s1");
  entry->counted = false;
  run<SendResult>(std::move(entry));
  EXPECT_EQ(member("bob").read_seq, 2U);
  EXPECT_EQ(member("bob").read_no, 1U);
}

TEST_F(PlanTest, a_right_decided_at_the_revision_of_the_row_is_not_asked_again) {
  auto entry = world_.send_entry(group_, "ann", "m1");
  entry->access_rev = 1;
  bool asked = false;
  world_.store.fail_step = [&](const ports::Step& step) -> std::optional<ports::StepFailed> {
    asked = asked || std::holds_alternative<ports::MembersStep>(step);
    return std::nullopt;
  };
  EXPECT_TRUE(run<SendResult>(std::move(entry)).ok());
  EXPECT_FALSE(asked);
  entry = world_.send_entry(group_, "ann", "m2");
  entry->access_rev = 7;
  EXPECT_TRUE(run<SendResult>(std::move(entry)).ok());
  EXPECT_TRUE(asked);
}

TEST_F(PlanTest, strangers_and_former_members_and_own_logs_take_no_messages) {
  EXPECT_TRUE(send("eve", "e1").refused(Errc::not_found));
  remove("bob", "ann");
  EXPECT_TRUE(send("bob", "b1").refused(Errc::not_member));
  EXPECT_TRUE(run<SendResult>(world_.send_entry(world_.own_log("ann"), "ann", "m1"))
                  .refused(Errc::forbidden));
  EXPECT_TRUE(run<SendResult>(world_.send_entry(world_.own_log("ann"), "eve", "m1"))
                  .refused(Errc::not_found));
  EXPECT_TRUE(
      run<SendResult>(world_.send_entry(World::group(9), "ann", "m1")).refused(Errc::not_found));
}

TEST_F(PlanTest, a_former_member_who_retries_gets_the_answer_he_missed) {
  send("bob", "b1");
  remove("bob", "ann");
  const auto again = send("bob", "b1");
  EXPECT_TRUE(again.value->duplicate);
  EXPECT_EQ(again.value->seq, 1U);
}

TEST_F(PlanTest, a_full_conversation_takes_no_more) {
  ports::MemoryDatabase& database = world_.store.database();
  LogEvent last;
  last.seq = base::seq_max;
  last.no = 1;
  last.actor = user("ann");
  last.client_id = ClientId{"last"};
  ports::WriteStep step;
  step.events.push_back({group_, last});
  database.execute(ports::LockStep{{group_}});
  database.execute(step);
  database.execute(ports::CommitStep{});
  EXPECT_TRUE(send("ann", "m1").refused(Errc::quota_exceeded));
  EXPECT_TRUE(add({"x"}, "ann", Role::member).refused(Errc::quota_exceeded));
  EXPECT_TRUE(remove("bob", "ann").refused(Errc::quota_exceeded));
  EXPECT_TRUE(send("ann", "last").refused(Errc::conflict));
}

// --- reading

TEST_F(PlanTest, a_mark_rises_to_what_is_stored_and_says_what_is_left) {
  for (int i = 0; i < 5; ++i)
    send("ann", "m" + std::to_string(i));
  const auto half = read("bob", 3);
  EXPECT_EQ(half.value->at(0).seq, 3U);
  EXPECT_EQ(half.value->at(0).unread, 2U);
  EXPECT_TRUE(half.value->at(0).moved);
  const auto lower = read("bob", 1);
  EXPECT_EQ(lower.value->at(0).seq, 3U);
  EXPECT_FALSE(lower.value->at(0).moved);
  const auto beyond = read("bob", base::seq_wire_max);
  EXPECT_EQ(beyond.value->at(0).seq, 5U);
  EXPECT_EQ(beyond.value->at(0).unread, 0U);
  EXPECT_EQ(member("bob").read_no, 5U);
}

TEST_F(PlanTest, a_mark_far_above_the_head_in_the_batch_of_a_send_stops_at_what_was_stored) {
  send("ann", "m1");
  Answered<std::vector<ReadMark>> marks;
  auto entry = world_.read_entry("bob", {{group_.cid, base::seq_wire_max}});
  entry->done = marks.into();
  world_.submit(world_.send_entry(group_, "ann", "m2"));
  world_.submit(std::move(entry));
  world_.settle();
  EXPECT_EQ(marks.value->at(0).seq, 1U);
  EXPECT_EQ(marks.value->at(0).unread, 1U);
  EXPECT_EQ(member("bob").read_no, 1U);
}

TEST_F(PlanTest, marks_of_one_batch_see_each_other_and_the_sends_before_them) {
  for (int i = 0; i < 4; ++i)
    send("ann", "m" + std::to_string(i));
  std::vector<Answered<std::vector<ReadMark>>> marks(3);
  const Seq places[] = {3, 2, 4};
  world_.submit(world_.send_entry(group_, "carl", "c1"));
  for (std::size_t i = 0; i < 3; ++i) {
    auto entry = world_.read_entry(i == 2 ? "carl" : "bob", {{group_.cid, places[i]}});
    entry->done = marks[i].into();
    world_.submit(std::move(entry));
  }
  world_.settle();
  EXPECT_EQ(marks[0].value->at(0).seq, 3U);
  EXPECT_EQ(marks[1].value->at(0).seq, 3U);
  EXPECT_FALSE(marks[1].value->at(0).moved);
  EXPECT_EQ(marks[2].value->at(0).seq, 5U);
  EXPECT_EQ(marks[2].value->at(0).unread, 0U);
  EXPECT_EQ(member("bob").read_seq, 3U);
}

TEST_F(PlanTest, marks_are_for_active_members_and_all_or_none_of_a_request_moves) {
  send("ann", "m1");
  EXPECT_TRUE(read("eve", 1).refused(Errc::not_found));
  remove("carl", "ann");
  EXPECT_TRUE(read("carl", 1).refused(Errc::not_member));
  const auto mixed = run<std::vector<ReadMark>>(
      world_.read_entry("bob", {{group_.cid, 1}, {World::group(9).cid, 1}}));
  EXPECT_TRUE(mixed.refused(Errc::not_found));
  EXPECT_EQ(member("bob").read_seq, 0U);
}

TEST_F(PlanTest, the_own_log_can_be_marked_too) {
  const auto log = world_.own_log("bob");
  const auto marks =
      run<std::vector<ReadMark>>(world_.read_entry("bob", {{log.cid, 1}, {group_.cid, 0}}));
  EXPECT_EQ(marks.value->at(0).seq, 1U);
  EXPECT_EQ(marks.value->at(1).seq, 0U);
}

// --- what is told

TEST_F(PlanTest, what_is_published_carries_the_number_the_rights_and_the_origin) {
  heard_.heard.clear();
  auto entry = world_.send_entry(group_, "ann", "m1");
  entry->origin = {0, 77};
  run<SendResult>(std::move(entry));
  add({"dora"}, "ann", Role::member);
  ASSERT_EQ(heard_.heard.size(), 3U);
  EXPECT_EQ(heard_.heard[0].event.seq, 1U);
  EXPECT_EQ(heard_.heard[0].origin.session, 77U);
  EXPECT_EQ(heard_.heard[0].access_rev, 1U);
  EXPECT_EQ(heard_.heard[1].event.kind, EventKind::member_added);
  EXPECT_EQ(heard_.heard[1].access_rev, 2U);
  EXPECT_EQ(heard_.heard[1].members, 4U);
  EXPECT_EQ(heard_.heard[1].origin.session, 0U);
  EXPECT_EQ(heard_.heard[2].key, world_.own_log("dora"));
}

}  // namespace
}  // namespace kith::conversations
