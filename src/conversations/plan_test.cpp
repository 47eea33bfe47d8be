#include "conversations/plan.hpp"

#include "base/limits.hpp"
#include "conversations/world_test.hpp"

#include <gtest/gtest.h>

// What single entries decide, seen through the lane.
namespace kith::conversations {
namespace {

using base::Errc;
using domain::EventKind;

class PlanTest : public ::testing::Test {
 protected:
  PlanTest() {
    world_.start({&heard_});
    world_.make_group(group_, {"ann", "bob", "carl"});
  }

  template <class T, class EntryType>
  Answered<T> run(std::unique_ptr<EntryType> entry) {
    Answered<T> answered;
    entry->done = answered.into();
    world_.submit(std::move(entry));
    world_.settle();
    return answered;
  }

  Answered<AddResult> add(std::vector<std::string> names, std::string_view actor, Role role) {
    return run<AddResult>(world_.add_entry(group_, names, actor, role));
  }

  Answered<RemoveResult> remove(std::string_view name, std::string_view actor) {
    return run<RemoveResult>(world_.remove_entry(group_, name, actor));
  }

  Answered<SendResult> send(std::string_view sender, std::string_view id) {
    return run<SendResult>(world_.send_entry(group_, sender, id));
  }

  Answered<std::vector<ReadMark>> read(std::string_view who, Seq seq) {
    return run<std::vector<ReadMark>>(world_.read_entry(who, {{group_.cid, seq}}));
  }

  const domain::Member& member(std::string_view name) {
    return world_.row(group_)->members.at(user(name));
  }

  const LogEvent& event(const ConversationKey& key, Seq seq) {
    return *world_.row(key)->log.at(seq);
  }

  Listening heard_;
  World world_;
  const ConversationKey group_ = World::group(1);
};

// --- creating

TEST_F(PlanTest, a_new_group_has_head_zero_and_each_member_hears_of_it_in_his_own_log) {
  EXPECT_EQ(world_.head(group_), 0U);
  EXPECT_EQ(world_.row(group_)->conversation.members, 3U);
  EXPECT_EQ(member("ann").role, Role::owner);
  EXPECT_EQ(member("bob").role, Role::member);
  EXPECT_EQ(member("bob").from_seq, 1U);
  for (const char* name : {"ann", "bob", "carl"}) {
    const auto log = world_.own_log(name);
    ASSERT_EQ(world_.head(log), 1U);
    EXPECT_EQ(event(log, 1).kind, EventKind::conversation_added);
    EXPECT_EQ(event(log, 1).target, group_.cid);
    EXPECT_EQ(world_.row(log)->conversation.kind, domain::Kind::user_log);
    EXPECT_EQ(world_.row(log)->members.size(), 1U);
  }
}

TEST_F(PlanTest, a_group_made_again_under_its_name_is_the_one_that_is_there) {
  const auto again = run<CreateResult>(world_.create_entry(group_, {"eve"}));
  EXPECT_TRUE(again.value->existed);
  EXPECT_FALSE(world_.row(group_)->members.contains(user("eve")));
  EXPECT_EQ(world_.row(world_.own_log("eve")), nullptr);
}

// --- adding

TEST_F(PlanTest, an_added_member_sees_the_log_from_the_event_that_added_him) {
  send("ann", "m1");
  send("ann", "m2");
  const auto added = add({"dora", "bob"}, "ann", Role::admin);
  EXPECT_EQ(added.value->added, std::vector<UserId>{user("dora")});
  EXPECT_EQ(event(group_, 3).kind, EventKind::member_added);
  EXPECT_EQ(event(group_, 3).subject, user("dora"));
  EXPECT_EQ(event(group_, 3).actor, user("ann"));
  EXPECT_EQ(event(group_, 3).role, Role::admin);
  EXPECT_EQ(member("dora").from_seq, 3U);
  EXPECT_EQ(member("dora").read_no, 2U);
  EXPECT_EQ(member("dora").role, Role::admin);
  EXPECT_EQ(member("bob").role, Role::member);
  EXPECT_EQ(world_.head(world_.own_log("dora")), 1U);
  EXPECT_EQ(world_.head(world_.own_log("bob")), 1U);
}

TEST_F(PlanTest, every_change_of_rights_raises_the_revision_once) {
  EXPECT_EQ(world_.row(group_)->conversation.access_rev, 1U);
  add({"d", "e", "f"}, "ann", Role::member);
  EXPECT_EQ(world_.row(group_)->conversation.access_rev, 2U);
  add({"d"}, "ann", Role::member);  // changes nothing
  EXPECT_EQ(world_.row(group_)->conversation.access_rev, 2U);
  remove("d", "ann");
  EXPECT_EQ(world_.row(group_)->conversation.access_rev, 3U);
  EXPECT_EQ(world_.row(group_)->conversation.members, 5U);
}

TEST_F(PlanTest, who_may_add_is_decided_by_his_role_now) {
  EXPECT_TRUE(add({"x"}, "bob", Role::member).refused(Errc::forbidden));
  EXPECT_TRUE(add({"x"}, "eve", Role::member).refused(Errc::not_found));
  EXPECT_TRUE(add({"x"}, "ann", Role::owner).refused(Errc::forbidden));
  EXPECT_TRUE(add({"adam"}, "ann", Role::admin).ok());
  EXPECT_TRUE(add({"x"}, "adam", Role::admin).refused(Errc::forbidden));
  EXPECT_TRUE(add({"x"}, "adam", Role::moderator).ok());
  EXPECT_TRUE(remove("carl", "adam").ok());
  EXPECT_TRUE(add({"y"}, "carl", Role::member).refused(Errc::not_member));
}

TEST_F(PlanTest, the_application_may_add_but_makes_no_second_owner) {
  EXPECT_TRUE(add({"x"}, "", Role::admin).ok());
  EXPECT_TRUE(add({"y"}, "", Role::owner).refused(Errc::forbidden));
  EXPECT_TRUE(run<AddResult>(world_.add_entry(World::group(9), {"x"})).refused(Errc::not_found));
  world_.submit(world_.direct_entry("ann", "bob", "d1"));
  world_.settle();
  EXPECT_TRUE(run<AddResult>(world_.add_entry(world_.direct("ann", "bob"), {"x"}))
                  .refused(Errc::forbidden));
}

TEST_F(PlanTest, a_group_takes_members_up_to_its_limit) {
  auto entry = world_.add_entry(group_, {"d", "e"}, "ann");
  entry->members_max = 4;
  EXPECT_TRUE(run<AddResult>(std::move(entry)).refused(Errc::quota_exceeded));
  entry = world_.add_entry(group_, {"d"}, "ann");
  entry->members_max = 4;
  EXPECT_TRUE(run<AddResult>(std::move(entry)).ok());
}

TEST_F(PlanTest, a_whole_slice_is_added_in_one_transaction) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < base::limits::members_slice; ++i)
    names.push_back("u" + std::to_string(i));
  EXPECT_EQ(add(names, "ann", Role::member).value->added.size(), names.size());
  EXPECT_EQ(world_.head(group_), names.size());
  EXPECT_EQ(world_.row(group_)->conversation.members, names.size() + 3);
  for (const auto& name : names)
    EXPECT_EQ(world_.head(world_.own_log(name)), 1U);
}

// --- removing

TEST_F(PlanTest, a_removed_member_keeps_his_row_up_to_the_event_that_removed_him) {
  send("bob", "b1");
  const auto removed = remove("bob", "ann");
  EXPECT_EQ(removed.value->seq, 2U);
  EXPECT_EQ(member("bob").until_seq, 2U);
  EXPECT_EQ(event(group_, 2).kind, EventKind::member_removed);
  EXPECT_EQ(event(group_, 2).subject, user("bob"));
  EXPECT_EQ(event(world_.own_log("bob"), 2).kind, EventKind::conversation_removed);
  EXPECT_EQ(event(world_.own_log("bob"), 2).target, group_.cid);
  EXPECT_EQ(world_.row(group_)->conversation.members, 2U);
}

TEST_F(PlanTest, what_a_member_wrote_in_the_batch_of_his_removal_counts_as_read) {
  world_.submit(world_.send_entry(group_, "bob", "b1"));
  world_.submit(world_.remove_entry(group_, "bob", "ann"));
  world_.settle();
  EXPECT_EQ(member("bob").until_seq, 2U);
  EXPECT_EQ(member("bob").read_seq, 1U);
  EXPECT_EQ(member("bob").read_no, 1U);
}

TEST_F(PlanTest, who_may_remove_is_decided_by_roles) {
  add({"adam", "abel"}, "ann", Role::admin);
  EXPECT_TRUE(remove("carl", "bob").refused(Errc::forbidden));
  EXPECT_TRUE(remove("ann", "adam").refused(Errc::forbidden));
  EXPECT_TRUE(remove("abel", "adam").refused(Errc::forbidden));
  EXPECT_TRUE(remove("eve", "ann").refused(Errc::not_found));
  EXPECT_TRUE(remove("bob", "eve").refused(Errc::not_found));
  EXPECT_TRUE(remove("carl", "adam").ok());
  EXPECT_TRUE(remove("bob", "bob").ok());
  EXPECT_TRUE(remove("bob", "bob").refused(Errc::not_member));
  EXPECT_TRUE(remove("abel", "").ok());
  EXPECT_TRUE(remove("abel", "").refused(Errc::not_found));
}

TEST_F(PlanTest, a_direct_conversation_can_not_be_left) {
  world_.submit(world_.direct_entry("ann", "bob", "d1"));
  world_.settle();
  const auto direct = world_.direct("ann", "bob");
  EXPECT_TRUE(
      run<RemoveResult>(world_.remove_entry(direct, "ann", "ann")).refused(Errc::forbidden));
  EXPECT_TRUE(run<RemoveResult>(world_.remove_entry(direct, "ann")).refused(Errc::forbidden));
  EXPECT_TRUE(run<RemoveResult>(world_.remove_entry(World::group(9), "ann", "ann"))
                  .refused(Errc::not_found));
}

TEST_F(PlanTest, when_the_owner_leaves_the_oldest_admin_follows_before_the_removal_is_told) {
  world_.pass(std::chrono::seconds{1});
  add({"adam"}, "ann", Role::admin);
  world_.pass(std::chrono::seconds{1});
  add({"abel"}, "ann", Role::admin);
  EXPECT_EQ(remove("ann", "ann").value->seq, 4U);
  EXPECT_EQ(event(group_, 3).kind, EventKind::member_updated);
  EXPECT_EQ(event(group_, 3).subject, user("adam"));
  EXPECT_EQ(event(group_, 3).role, Role::owner);
  EXPECT_EQ(event(group_, 4).kind, EventKind::member_removed);
  EXPECT_EQ(member("adam").role, Role::owner);
  EXPECT_EQ(member("adam").from_seq, 1U + 0);
  EXPECT_TRUE(remove("abel", "adam").ok());
}

TEST_F(PlanTest, without_admins_the_oldest_member_follows_and_the_last_leaves_nobody) {
  world_.pass(std::chrono::seconds{1});
  add({"aaron"}, "ann", Role::member);
  EXPECT_TRUE(remove("ann", "ann").ok());
  EXPECT_EQ(member("bob").role, Role::owner);
  EXPECT_EQ(member("aaron").role, Role::member);
  EXPECT_TRUE(remove("bob", "bob").ok());
  EXPECT_EQ(member("carl").role, Role::owner);
  EXPECT_TRUE(remove("carl", "carl").ok());
  EXPECT_EQ(member("aaron").role, Role::owner);
  EXPECT_TRUE(remove("aaron", "aaron").ok());
  EXPECT_EQ(world_.row(group_)->conversation.members, 0U);
  EXPECT_TRUE(add({"bob"}, "", Role::member).ok());
}

TEST_F(PlanTest, a_member_added_again_begins_at_the_event_that_added_him_again) {
  send("ann", "m1");
  remove("bob", "ann");
  send("ann", "m2");
  add({"bob"}, "ann", Role::moderator);
  EXPECT_EQ(member("bob").from_seq, 4U);
  EXPECT_EQ(member("bob").until_seq, 0U);
  EXPECT_EQ(member("bob").role, Role::moderator);
  EXPECT_EQ(member("bob").read_no, 2U);
  EXPECT_EQ(world_.head(world_.own_log("bob")), 3U);
  EXPECT_TRUE(send("bob", "b1").ok());
}

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
