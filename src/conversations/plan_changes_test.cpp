#include "conversations/objects.hpp"
#include "conversations/plan_fixture_test.hpp"
#include "domain/body.hpp"

// Roles, titles, custom data.
namespace kith::conversations {
namespace {

using base::Errc;
using domain::EventKind;

class ChangesTest : public PlanTest {
 protected:
  Answered<ChangeResult> set_role(std::string_view name, Role role, std::string_view actor) {
    return run<ChangeResult>(world_.role_entry(group_, name, role, actor));
  }

  Answered<ChangeResult> update(std::optional<std::string> title,
                                std::optional<std::string> custom,
                                std::string_view actor = "ann") {
    return run<ChangeResult>(
        world_.update_entry(group_, std::move(title), std::move(custom), actor));
  }

  const domain::Conversation& row() { return world_.row(group_)->conversation; }
};

TEST_F(ChangesTest, a_role_that_is_given_is_an_event_and_a_revision) {
  send("ann", "m1");
  read("bob", 1);
  EXPECT_EQ(set_role("bob", Role::admin, "ann").value->seq, 2U);
  EXPECT_EQ(event(group_, 2).kind, EventKind::member_updated);
  EXPECT_EQ(event(group_, 2).subject, user("bob"));
  EXPECT_EQ(event(group_, 2).actor, user("ann"));
  EXPECT_EQ(event(group_, 2).role, Role::admin);
  EXPECT_EQ(member("bob").role, Role::admin);
  EXPECT_EQ(member("bob").read_seq, 1U);
  EXPECT_EQ(row().access_rev, 2U);
  EXPECT_EQ(row().members, 3U);
}

TEST_F(ChangesTest, the_role_he_has_already_changes_nothing) {
  EXPECT_EQ(set_role("bob", Role::member, "ann").value->seq, 0U);
  EXPECT_EQ(world_.head(group_), 0U);
  EXPECT_EQ(row().access_rev, 1U);
}

TEST_F(ChangesTest, who_makes_somebody_owner_stays_as_admin) {
  EXPECT_EQ(set_role("bob", Role::owner, "ann").value->seq, 1U);
  EXPECT_EQ(event(group_, 2).subject, user("ann"));
  EXPECT_EQ(event(group_, 2).role, Role::admin);
  EXPECT_EQ(member("bob").role, Role::owner);
  EXPECT_EQ(member("ann").role, Role::admin);
  EXPECT_EQ(row().access_rev, 3U);
  EXPECT_TRUE(set_role("bob", Role::admin, "ann").refused(Errc::forbidden));
}

TEST_F(ChangesTest, roles_are_judged_by_the_rights_of_this_moment) {
  EXPECT_TRUE(set_role("carl", Role::moderator, "bob").refused(Errc::forbidden));
  EXPECT_TRUE(set_role("carl", Role::moderator, "eve").refused(Errc::not_found));
  EXPECT_TRUE(set_role("eve", Role::moderator, "ann").refused(Errc::not_found));
  EXPECT_TRUE(set_role("bob", Role::admin, "ann").ok());
  EXPECT_TRUE(set_role("carl", Role::moderator, "bob").ok());
  EXPECT_TRUE(set_role("carl", Role::admin, "bob").refused(Errc::forbidden));
  EXPECT_TRUE(set_role("bob", Role::member, "bob").ok());
  EXPECT_TRUE(set_role("carl", Role::member, "bob").refused(Errc::forbidden));
  EXPECT_TRUE(run<ChangeResult>(world_.role_entry(World::group(9), "bob", Role::admin))
                  .refused(Errc::not_found));
}

TEST_F(ChangesTest, the_application_gives_roles_but_takes_no_group_from_its_owner) {
  EXPECT_TRUE(set_role("bob", Role::admin, "").ok());
  EXPECT_TRUE(event(group_, 1).actor.empty());
  EXPECT_TRUE(set_role("bob", Role::owner, "").refused(Errc::forbidden));
  EXPECT_TRUE(set_role("ann", Role::member, "").refused(Errc::forbidden));
  EXPECT_TRUE(set_role("eve", Role::admin, "").refused(Errc::not_found));
}

TEST_F(ChangesTest, a_reading_mark_of_the_same_batch_is_not_lost_by_a_new_role) {
  send("ann", "m1");
  Answered<std::vector<ReadMark>> marked;
  Answered<ChangeResult> changed;
  auto reading = world_.read_entry("bob", {{group_.cid, 1}});
  reading->done = marked.into();
  auto role = world_.role_entry(group_, "bob", Role::moderator, "ann");
  role->done = changed.into();
  world_.submit(std::move(reading));
  world_.submit(std::move(role));
  world_.settle();
  EXPECT_TRUE(changed.ok());
  EXPECT_EQ(member("bob").read_seq, 1U);
}

TEST_F(ChangesTest, a_title_is_an_event_that_tells_what_it_is_now) {
  EXPECT_EQ(update("Crew", std::nullopt).value->seq, 1U);
  EXPECT_EQ(event(group_, 1).kind, EventKind::conversation_updated);
  EXPECT_EQ(event(group_, 1).actor, user("ann"));
  EXPECT_EQ(domain::json_members(event(group_, 1).body), R"("title":"Crew")");
  EXPECT_EQ(row().title, "Crew");
  EXPECT_EQ(row().access_rev, 1U);
  EXPECT_EQ(update("", std::nullopt).value->seq, 2U);
  EXPECT_EQ(row().title, "");
  EXPECT_EQ(domain::json_members(event(group_, 2).body), R"("title":"")");
}

TEST_F(ChangesTest, custom_data_is_merged_with_what_is_there) {
  update(std::nullopt, R"({"a":1,"b":{"c":2}})");
  EXPECT_EQ(row().custom, R"({"a":1,"b":{"c":2}})");
  update(std::nullopt, R"({"a":null,"b":{"d":3}})");
  EXPECT_EQ(row().custom, R"({"b":{"c":2,"d":3}})");
  EXPECT_EQ(domain::json_members(event(group_, 2).body), R"("custom":{"b":{"c":2,"d":3}})");
  update(std::nullopt, "null");
  EXPECT_EQ(row().custom, "");
  EXPECT_EQ(domain::json_members(event(group_, 3).body), R"("custom":{})");
}

TEST_F(ChangesTest, what_changes_nothing_is_no_event) {
  update("Crew", R"({"a":1})");
  EXPECT_EQ(update("Crew", R"({"a":1})").value->seq, 0U);
  EXPECT_EQ(update(std::nullopt, R"({"b":null})").value->seq, 0U);
  EXPECT_EQ(world_.head(group_), 1U);
}

TEST_F(ChangesTest, custom_data_that_would_become_too_large_is_refused_and_stays) {
  const std::string forty(40, 'x');
  EXPECT_TRUE(update(std::nullopt, "{\"a\":\"" + forty + "\"}").ok());
  EXPECT_TRUE(update("Crew", "{\"b\":\"" + forty + "\"}").refused(Errc::too_large));
  EXPECT_EQ(row().custom, "{\"a\":\"" + forty + "\"}");
  EXPECT_EQ(row().title, "a group");
  EXPECT_EQ(world_.head(group_), 1U);
}

TEST_F(ChangesTest, a_group_is_changed_by_owner_admin_and_application) {
  EXPECT_TRUE(update("x", std::nullopt, "bob").refused(Errc::forbidden));
  EXPECT_TRUE(update("x", std::nullopt, "eve").refused(Errc::not_found));
  EXPECT_TRUE(update("y", std::nullopt, "").ok());
  EXPECT_TRUE(run<ChangeResult>(world_.update_entry(World::group(9), "x", std::nullopt))
                  .refused(Errc::not_found));
  world_.submit(world_.direct_entry("ann", "bob", "d1"));
  world_.settle();
  EXPECT_TRUE(run<ChangeResult>(world_.update_entry(world_.direct("ann", "bob"), "x", std::nullopt))
                  .refused(Errc::forbidden));
}

TEST_F(ChangesTest, two_changes_of_one_batch_follow_each_other) {
  Answered<ChangeResult> first;
  Answered<ChangeResult> second;
  auto one = world_.update_entry(group_, std::nullopt, R"({"a":1})", "ann");
  one->done = first.into();
  auto two = world_.update_entry(group_, std::nullopt, R"({"b":2})", "ann");
  two->done = second.into();
  world_.submit(std::move(one));
  world_.submit(std::move(two));
  world_.settle();
  EXPECT_EQ(first.value->seq, 1U);
  EXPECT_EQ(second.value->seq, 2U);
  EXPECT_EQ(row().custom, R"({"a":1,"b":2})");
}

}  // namespace
}  // namespace kith::conversations
