#include "commands/world_test.hpp"

#include <array>
#include <set>

// Who may do what, right by right, as callers meet it: every role, every kind of conversation.
namespace kith::commands {
namespace {

// Those who ask, in the order of the table's columns.
constexpr std::array<std::string_view, 6> actors{"owen", "adam", "mona", "max", "fred", "eve"};

struct Row {
  std::string_view right;  // as `rights` names it; empty: one of the finer rows
  std::string_view command;
  std::string_view args;
  // owner, admin, moderator, member, former member, stranger
  std::array<std::string_view, 6> answers;
};

constexpr std::string_view ok = "ok";
constexpr std::string_view no = "forbidden";
constexpr std::string_view was = "not_member";
constexpr std::string_view none = "not_found";

// Of owen, the owner; adam and abel, admins; mona and mila, moderators; max and mia, members; and
// fred, who was one.
constexpr std::array group_rows{
    Row{"", "message.history", "", {ok, ok, ok, ok, ok, none}},
    Row{"", "conversation.get", "", {ok, ok, ok, ok, ok, none}},
    Row{"", "member.list", "", {ok, ok, ok, ok, was, none}},
    Row{"send", "message.send", R"("text":"x")", {ok, ok, ok, ok, was, none}},
    Row{"invite", "member.add", R"("users":["new"])", {ok, ok, no, no, was, none}},
    Row{"", "member.add", R"("users":["new"],"role":"moderator")", {ok, ok, no, no, was, none}},
    Row{"", "member.add", R"("users":["new"],"role":"admin")", {ok, no, no, no, was, none}},
    Row{"", "member.add", R"("users":["new"],"role":"owner")", {no, no, no, no, was, none}},
    Row{"kick", "member.remove", R"("user":"mia")", {ok, ok, ok, no, was, none}},
    Row{"", "member.remove", R"("user":"mila")", {ok, ok, no, no, was, none}},
    Row{"", "member.remove", R"("user":"abel")", {ok, no, no, no, was, none}},
    Row{"", "member.remove", R"("user":"owen")", {ok, no, no, no, was, none}},  // he leaves
    Row{"", "member.remove", R"("user":"fred")", {none, none, none, none, was, none}},
    Row{"", "member.remove", R"("user":"nobody")", {none, none, none, none, was, none}},
    Row{"roles",
        "member.update",
        R"("user":"mia","role":"moderator")",
        {ok, ok, no, no, was, none}},
    Row{"", "member.update", R"("user":"mia","role":"admin")", {ok, no, no, no, was, none}},
    Row{"", "member.update", R"("user":"mila","role":"member")", {ok, ok, no, no, was, none}},
    Row{"", "member.update", R"("user":"abel","role":"member")", {ok, no, no, no, was, none}},
    Row{"", "member.update", R"("user":"owen","role":"member")", {no, no, no, no, was, none}},
    Row{"transfer", "member.update", R"("user":"mia","role":"owner")", {ok, no, no, no, was, none}},
    Row{"edit_info", "conversation.update", R"("title":"t")", {ok, ok, no, no, was, none}},
    Row{"leave", "conversation.leave", "", {ok, ok, ok, ok, was, none}},
};

// Of ann and bob; eve is none of them.
struct DirectRow {
  std::string_view command;
  std::string_view args;
  std::string_view one_of_them;
};

constexpr std::array direct_rows{
    DirectRow{"message.history", "", ok},
    DirectRow{"conversation.get", "", ok},
    DirectRow{"member.list", "", ok},
    DirectRow{"message.send", R"("text":"x")", ok},
    DirectRow{"member.add", R"("users":["new"])", no},
    DirectRow{"member.remove", R"("user":"bob")", no},
    DirectRow{"member.remove", R"("user":"ann")", no},
    DirectRow{"member.update", R"("user":"bob","role":"admin")", no},
    DirectRow{"member.update", R"("user":"bob","role":"owner")", no},
    DirectRow{"conversation.update", R"("title":"t")", no},
    DirectRow{"conversation.leave", "", no},
};

class RightsTest : public CommandTest {
 protected:
  std::string group() {
    const auto cid =
        make_group("owen", R"("members":["adam","abel","mona","mila","max","mia","fred"])");
    const auto give = [&](const char* user, const char* role) {
      EXPECT_TRUE(run("member.update",
                      "owen",
                      in(cid, std::string{R"("user":")"} + user + R"(","role":")" + role + '"'))
                      .ok());
    };
    give("adam", "admin");
    give("abel", "admin");
    give("mona", "moderator");
    give("mila", "moderator");
    EXPECT_TRUE(run("conversation.leave", "fred", in(cid)).ok());
    return cid;
  }

  std::string_view answer(std::string_view command,
                          std::string_view who,
                          const std::string& cid,
                          std::string_view args) {
    const auto& given = run(command, who, in(cid, args));
    return given.ok() ? ok : base::info(given.fault->code).name;
  }

  std::string_view role_of(const std::string& cid, std::string_view who) {
    const auto& member = world_.row(key_of(cid))->members.at(user(who));
    return member.active() ? domain::to_text(member.role) : "none";
  }
};

TEST_F(RightsTest, every_role_may_in_a_group_what_the_table_says) {
  for (const auto& row : group_rows)
    for (std::size_t i = 0; i < actors.size(); ++i)
      EXPECT_EQ(answer(row.command, actors[i], group(), row.args), row.answers[i])
          << actors[i] << ' ' << row.command << ' ' << row.args;
}

TEST_F(RightsTest, a_conversation_names_the_rights_that_one_has) {
  const auto cid = group();
  for (std::size_t i = 0; i < actors.size(); ++i) {
    std::set<std::string> expected;
    for (const auto& row : group_rows)
      if (!row.right.empty() && row.answers[i] == ok) expected.emplace(row.right);
    auto& seen = run("conversation.get", actors[i], in(cid));
    if (!seen.ok()) continue;  // nothing is named to a stranger
    const auto named = seen.texts("rights");
    EXPECT_EQ(std::set(named.begin(), named.end()), expected) << actors[i];
  }
}

TEST_F(RightsTest, what_is_refused_changes_nothing) {
  const auto cid = group();
  const auto head = world_.head(key_of(cid));
  for (const auto& row : group_rows)
    for (std::size_t i = 0; i < actors.size(); ++i)
      if (row.answers[i] != ok) answer(row.command, actors[i], cid, row.args);
  EXPECT_EQ(world_.head(key_of(cid)), head);
}

TEST_F(RightsTest, of_a_direct_conversation_both_may_the_same_and_others_find_nothing) {
  const auto cid = run("message.send", "ann", R"({"to":"bob","text":"x"})").text("cid");
  for (const auto& row : direct_rows) {
    for (const auto* who : {"ann", "bob"})
      EXPECT_EQ(answer(row.command, who, cid, row.args), row.one_of_them) << who << row.command;
    EXPECT_EQ(answer(row.command, "eve", cid, row.args), none) << row.command;
  }
  EXPECT_EQ(run("conversation.get", "ann", in(cid)).texts("rights"),
            (std::vector<std::string>{"send"}));
}

TEST_F(RightsTest, an_own_log_is_read_by_its_user_and_changed_by_nobody) {
  make_group("ann", R"("members":["bob"])");
  const auto log = base::to_text(world_.own_log("ann").cid);
  const auto head = world_.head(world_.own_log("ann"));
  for (const auto& row : direct_rows) {
    const bool reads = row.command == "message.history" || row.command == "conversation.get" ||
                       row.command == "member.list";
    EXPECT_EQ(answer(row.command, "ann", log, row.args), reads ? ok : no) << row.command;
    EXPECT_EQ(answer(row.command, "bob", log, row.args), none) << row.command;
  }
  EXPECT_TRUE(run("conversation.get", "ann", in(log)).texts("rights").empty());
  EXPECT_EQ(world_.head(world_.own_log("ann")), head);
}

TEST_F(RightsTest, the_application_may_change_all_but_has_no_voice_and_makes_no_second_owner) {
  const auto cid = group();
  EXPECT_EQ(answer("message.send", "", cid, R"("text":"x")"), "validation_failed");
  EXPECT_EQ(answer("conversation.leave", "", cid, ""), "validation_failed");
  EXPECT_EQ(answer("member.add", "", cid, R"("users":["new"],"role":"admin")"), ok);
  EXPECT_EQ(answer("member.add", "", cid, R"("users":["newer"],"role":"owner")"), no);
  EXPECT_EQ(answer("member.update", "", cid, R"("user":"abel","role":"member")"), ok);
  EXPECT_EQ(answer("member.update", "", cid, R"("user":"abel","role":"owner")"), no);
  EXPECT_EQ(answer("member.update", "", cid, R"("user":"owen","role":"member")"), no);
  EXPECT_EQ(answer("conversation.update", "", cid, R"("title":"t")"), ok);
  EXPECT_EQ(answer("member.remove", "", cid, R"("user":"mia")"), ok);
  EXPECT_EQ(answer("member.remove", "", cid, R"("user":"owen")"), ok);
  EXPECT_EQ(role_of(cid, "adam"), "owner");  // the oldest admin
}

TEST_F(RightsTest, who_hands_a_group_over_stays_as_admin) {
  const auto cid = group();
  EXPECT_EQ(answer("member.update", "owen", cid, R"("user":"max","role":"owner")"), ok);
  EXPECT_EQ(role_of(cid, "max"), "owner");
  EXPECT_EQ(role_of(cid, "owen"), "admin");
  EXPECT_EQ(answer("member.update", "owen", cid, R"("user":"max","role":"member")"), no);
}

TEST_F(RightsTest, when_the_owner_leaves_the_oldest_admin_follows_else_the_oldest_member) {
  const auto cid = make_group("owen");
  const auto join = [&](const char* user, const char* role) {
    world_.clock.advance(std::chrono::seconds{1});
    EXPECT_TRUE(run("member.add",
                    "owen",
                    in(cid, std::string{R"("users":[")"} + user + R"("],"role":")" + role + '"'))
                    .ok());
  };
  join("mia", "member");
  join("mona", "moderator");
  join("adam", "admin");
  join("abel", "admin");
  EXPECT_EQ(answer("conversation.leave", "owen", cid, ""), ok);
  EXPECT_EQ(role_of(cid, "adam"), "owner");
  EXPECT_EQ(answer("conversation.leave", "adam", cid, ""), ok);
  EXPECT_EQ(role_of(cid, "abel"), "owner");
  EXPECT_EQ(answer("conversation.leave", "abel", cid, ""), ok);
  EXPECT_EQ(role_of(cid, "mia"), "owner");  // longer there than the moderator
  EXPECT_EQ(role_of(cid, "mona"), "moderator");
  const auto& log = world_.row(key_of(cid))->log;
  const auto& last = *log.rbegin()->second;
  EXPECT_EQ(last.kind, domain::EventKind::member_removed);  // he still sees who follows him
  EXPECT_EQ(std::next(log.rbegin())->second->subject, user("mia"));
}

TEST_F(RightsTest, a_group_that_all_have_left_is_kept_and_the_application_may_fill_it_anew) {
  const auto cid = make_group("owen");
  send("owen", cid, "alone");
  EXPECT_EQ(answer("conversation.leave", "owen", cid, ""), ok);
  EXPECT_EQ(world_.row(key_of(cid))->conversation.members, 0U);
  EXPECT_EQ(answer("message.send", "owen", cid, R"("text":"x")"), was);
  EXPECT_EQ(answer("member.add", "owen", cid, R"("users":["owen"])"), was);
  EXPECT_EQ(run("message.history", "owen", in(cid)).seqs().size(), 1U);  // what he saw
  EXPECT_EQ(answer("member.add", "", cid, R"("users":["ann","bob"],"role":"moderator")"), ok);
  EXPECT_EQ(role_of(cid, "ann"), "owner");
  EXPECT_EQ(role_of(cid, "bob"), "moderator");
  EXPECT_EQ(run("conversation.get", "ann", in(cid)).text("role"), "owner");
  EXPECT_EQ(answer("member.add", "ann", cid, R"("users":["owen"])"), ok);
  EXPECT_EQ(role_of(cid, "owen"), "member");
}

}  // namespace
}  // namespace kith::commands
