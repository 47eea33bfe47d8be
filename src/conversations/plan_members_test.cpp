#include "base/limits.hpp"
#include "conversations/plan_fixture_test.hpp"

// Who comes and goes.
namespace kith::conversations {
namespace {

using base::Errc;
using domain::EventKind;

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

// Who has heard only the first of several knows only its rights.
TEST_F(PlanTest, every_change_of_rights_has_a_revision_of_its_own) {
  EXPECT_EQ(world_.row(group_)->conversation.access_rev, 1U);
  add({"d", "e", "f"}, "ann", Role::member);
  EXPECT_EQ(world_.row(group_)->conversation.access_rev, 4U);
  add({"d"}, "ann", Role::member);  // changes nothing
  EXPECT_EQ(world_.row(group_)->conversation.access_rev, 4U);
  remove("d", "ann");
  EXPECT_EQ(world_.row(group_)->conversation.access_rev, 5U);
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
      run<ChangeResult>(world_.remove_entry(direct, "ann", "ann")).refused(Errc::forbidden));
  EXPECT_TRUE(run<ChangeResult>(world_.remove_entry(direct, "ann")).refused(Errc::forbidden));
  EXPECT_TRUE(run<ChangeResult>(world_.remove_entry(World::group(9), "ann", "ann"))
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

}  // namespace
}  // namespace kith::conversations
