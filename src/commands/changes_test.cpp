#include "commands/world_test.hpp"

namespace kith::commands {
namespace {

class ChangesTest : public CommandTest {
 protected:
  std::string group_ = make_group("ann", R"("members":["bob","carl"])");

  Given& update(std::string_view who, std::string_view more) {
    return run("conversation.update", who, in(group_, more));
  }

  Given& set_role(std::string_view who, std::string_view more) {
    return run("member.update", who, in(group_, more));
  }
};

TEST_F(ChangesTest, title_and_custom_data_are_changed_and_cleared) {
  EXPECT_EQ(update("ann", R"("title":"Crew","custom":{"a":1})").number("seq"), 1U);
  EXPECT_EQ(run("conversation.get", "bob", in(group_)).text("title"), "Crew");
  EXPECT_EQ(update("ann", R"("title":"Crew")").number("seq"), 0U);
  EXPECT_EQ(update("", R"("title":null,"custom":null)").number("seq"), 2U);
}

TEST_F(ChangesTest, what_is_to_change_must_be_said_and_fit) {
  for (const char* bad : {R"("custom":7)", R"("custom":[])", R"("title":7)", R"("x":1)"})
    EXPECT_TRUE(update("ann", bad).refused(Errc::validation_failed)) << bad;
  EXPECT_TRUE(update("ann", "\"title\":\"" + std::string(257, 'x') + '"').refused(Errc::too_large));
  settings_.custom_bytes_max = 10;
  EXPECT_TRUE(update("ann", R"("custom":{"abc":"defgh"})").refused(Errc::too_large));
  EXPECT_TRUE(update("bob", R"("title":"x")").refused(Errc::forbidden));
  EXPECT_TRUE(update("eve", R"("title":"x")").refused(Errc::not_found));
}

TEST_F(ChangesTest, roles_are_given_by_name) {
  EXPECT_EQ(set_role("ann", R"("user":"bob","role":"moderator")").number("seq"), 1U);
  EXPECT_EQ(run("conversation.get", "bob", in(group_)).text("role"), "moderator");
  for (const char* bad : {R"("user":"bob")",
                          R"("role":"admin")",
                          R"("user":"bob","role":"king")",
                          R"("user":7,"role":"admin")",
                          R"("user":"","role":"admin")"})
    EXPECT_TRUE(set_role("ann", bad).refused(Errc::validation_failed)) << bad;
  EXPECT_TRUE(set_role("carl", R"("user":"bob","role":"member")").refused(Errc::forbidden));
}

TEST_F(ChangesTest, a_group_is_handed_over) {
  EXPECT_TRUE(set_role("ann", R"("user":"bob","role":"owner")").ok());
  EXPECT_EQ(run("conversation.get", "bob", in(group_)).text("role"), "owner");
  EXPECT_EQ(run("conversation.get", "ann", in(group_)).text("role"), "admin");
}

TEST_F(ChangesTest, a_moderator_removes_members_and_nobody_above) {
  set_role("ann", R"("user":"bob","role":"moderator")");
  EXPECT_TRUE(run("member.remove", "bob", in(group_, R"("user":"ann")")).refused(Errc::forbidden));
  EXPECT_TRUE(run("member.remove", "bob", in(group_, R"("user":"carl")")).ok());
}

TEST_F(ChangesTest, who_leaves_is_gone_and_the_group_has_an_owner) {
  EXPECT_EQ(run("conversation.leave", "ann", in(group_)).number("seq"), 2U);
  EXPECT_EQ(run("conversation.get", "bob", in(group_)).text("role"), "owner");
  EXPECT_TRUE(run("conversation.leave", "ann", in(group_)).refused(Errc::not_member));
  EXPECT_TRUE(run("conversation.leave", "eve", in(group_)).refused(Errc::not_found));
  EXPECT_TRUE(run("conversation.leave", "", in(group_)).refused(Errc::validation_failed));
}

}  // namespace
}  // namespace kith::commands
