#include "commands/world_test.hpp"

namespace kith::commands {
namespace {

class MembersTest : public CommandTest {
 protected:
  std::string group_ = make_group("ann", R"("members":["bob","carl"])");

  Given& add(std::string_view who, std::string_view more) {
    return run("member.add", who, in(group_, more));
  }

  Given& remove(std::string_view who, const std::string& whom) {
    return run("member.remove", who, in(group_, R"("user":")" + whom + '"'));
  }
};

TEST_F(MembersTest, added_are_those_who_were_not_members_before) {
  EXPECT_EQ(add("ann", R"("users":["dora","bob","dora","eve"])").texts("added"),
            (std::vector<std::string>{"dora", "eve"}));
  EXPECT_TRUE(add("ann", R"("users":["dora"])").texts("added").empty());
}

TEST_F(MembersTest, roles_are_given_by_name) {
  EXPECT_TRUE(add("ann", R"("users":["dora"],"role":"admin")").ok());
  EXPECT_EQ(run("conversation.get", "dora", in(group_)).text("role"), "admin");
  EXPECT_TRUE(add("ann", R"("users":["eve"],"role":"king")").refused(Errc::validation_failed));
  EXPECT_TRUE(add("ann", R"("users":["eve"],"role":7)").refused(Errc::validation_failed));
  EXPECT_TRUE(add("ann", R"("users":["eve"],"role":"owner")").refused(Errc::forbidden));
  EXPECT_TRUE(add("", R"("users":["eve"],"role":"owner")").refused(Errc::forbidden));
}

TEST_F(MembersTest, only_owner_and_admin_and_the_application_add) {
  EXPECT_TRUE(add("bob", R"("users":["dora"])").refused(Errc::forbidden));
  EXPECT_TRUE(add("eve", R"("users":["dora"])").refused(Errc::not_found));
  EXPECT_TRUE(add("", R"("users":["dora"])").ok());
}

TEST_F(MembersTest, whom_to_add_must_be_said_and_be_names) {
  for (const char* bad : {R"("users":[])",
                          R"("users":null)",
                          R"("users":"dora")",
                          R"("users":[""])",
                          R"("users":[null])"})
    EXPECT_TRUE(add("ann", bad).refused(Errc::validation_failed)) << bad;
  EXPECT_TRUE(run("member.add", "ann", in(group_)).refused(Errc::validation_failed));
}

TEST_F(MembersTest, many_are_added_in_slices_and_the_limit_holds) {
  std::string users;
  for (int i = 0; i < 600; ++i)
    users += (i == 0 ? "\"u" : ",\"u") + std::to_string(i) + "\"";
  EXPECT_EQ(add("ann", "\"users\":[" + users + "]").texts("added").size(), 600U);
  settings_.members_max = 604;
  EXPECT_TRUE(add("ann", R"("users":["x","y"])").refused(Errc::quota_exceeded));
  EXPECT_TRUE(add("ann", R"("users":["x"])").ok());
}

TEST_F(MembersTest, a_removal_is_answered_with_its_place) {
  send("ann", group_, "hi");
  EXPECT_EQ(remove("ann", "bob").number("seq"), 2U);
  EXPECT_TRUE(remove("ann", "bob").refused(Errc::not_found));
  EXPECT_TRUE(send("bob", group_, "x").refused(Errc::not_member));
}

TEST_F(MembersTest, anybody_may_leave_and_only_the_higher_remove) {
  EXPECT_TRUE(remove("bob", "carl").refused(Errc::forbidden));
  EXPECT_TRUE(remove("bob", "ann").refused(Errc::forbidden));
  EXPECT_TRUE(remove("bob", "bob").ok());
  EXPECT_TRUE(remove("", "ann").ok());
  EXPECT_EQ(run("conversation.get", "carl", in(group_)).text("role"), "owner");
}

TEST_F(MembersTest, whom_to_remove_must_be_a_name) {
  for (const char* bad : {R"("user":7)", R"("user":"")", R"("user":null)", R"("users":["bob"])"})
    EXPECT_TRUE(run("member.remove", "ann", in(group_, bad)).refused(Errc::validation_failed))
        << bad;
}

TEST_F(MembersTest, a_list_is_in_pages_by_name) {
  auto& first = run("member.list", "bob", in(group_, R"("limit":2)"));
  EXPECT_EQ(first.texts("members", "user"), (std::vector<std::string>{"ann", "bob"}));
  EXPECT_EQ(first.texts("members", "role"), (std::vector<std::string>{"owner", "member"}));
  EXPECT_EQ(first.text("next"), "bob");
  auto& second = run("member.list", "bob", in(group_, R"("limit":2,"next":"bob")"));
  EXPECT_EQ(second.texts("members", "user"), std::vector<std::string>{"carl"});
  EXPECT_EQ(second.text("next"), "(absent)");
}

TEST_F(MembersTest, a_list_is_for_members_and_the_application) {
  EXPECT_TRUE(run("member.list", "eve", in(group_)).refused(Errc::not_found));
  EXPECT_TRUE(run("member.list", "", in(group_)).ok());
  remove("ann", "bob");
  EXPECT_TRUE(run("member.list", "bob", in(group_)).refused(Errc::not_member));
}

TEST_F(MembersTest, profiles_are_shown_to_acquaintances) {
  auto entry = std::make_unique<conversations::UserEntry>();
  entry->user = {app, user("bob")};
  entry->name = "Bob \"B\"";
  world_.submit(std::move(entry));
  world_.settle();
  auto& found = run("user.get", "ann", R"({"users":["bob","eve","nobody"]})");
  EXPECT_EQ(found.texts("users", "id"), std::vector<std::string>{"bob"});
  EXPECT_EQ(found.texts("users", "name"), std::vector<std::string>{"Bob \"B\""});
  EXPECT_TRUE(run("user.get", "eve", R"({"users":["bob"]})").texts("users", "id").empty());
  EXPECT_TRUE(run("user.get", "ann", "{}").refused(Errc::validation_failed));
  EXPECT_TRUE(run("user.get", "ann", R"({"users":7})").refused(Errc::validation_failed));
}

TEST_F(MembersTest, the_time_is_told) {
  world_.pass(std::chrono::milliseconds{1'234});
  EXPECT_EQ(run("time", "ann", "{}").text("server_time"), "2026-01-01T10:00:01.234Z");
}

TEST_F(MembersTest, the_table_names_every_command_once) {
  EXPECT_EQ(table_.names(),
            (std::vector<std::string_view>{"conversation.create",
                                           "conversation.get",
                                           "conversation.leave",
                                           "conversation.list",
                                           "conversation.update",
                                           "member.add",
                                           "member.list",
                                           "member.remove",
                                           "member.update",
                                           "message.history",
                                           "message.send",
                                           "time",
                                           "user.get"}));
  EXPECT_EQ(table_.find("message.edit"), nullptr);
}

}  // namespace
}  // namespace kith::commands
