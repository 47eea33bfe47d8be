#include "commands/world_test.hpp"

#include <set>

namespace kith::commands {
namespace {

using ConversationsTest = CommandTest;

std::string names(std::size_t count, std::string_view prefix = "u") {
  std::string out;
  for (std::size_t i = 0; i < count; ++i)
    out += (i == 0 ? "\"" : ",\"") + std::string{prefix} + std::to_string(i) + "\"";
  return "[" + out + "]";
}

// --- create

TEST_F(ConversationsTest, a_group_is_made_with_its_creator_as_owner) {
  auto& made = run("conversation.create",
                   "ann",
                   R"({"title":"Crew","members":["bob","ann","bob"],"custom":{"x":1}})");
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made.text("kind"), "group");
  EXPECT_EQ(made.text("title"), "Crew");
  EXPECT_EQ(made.text("role"), "owner");
  EXPECT_EQ(made.number("members"), 2U);
  EXPECT_EQ(made.number("last_seq"), 0U);
  EXPECT_EQ(made.number("unread"), 0U);
  EXPECT_EQ(*made.json().find("custom")->find("x")->as_uint(), 1U);
}

TEST_F(ConversationsTest, the_same_client_id_of_the_same_user_is_the_same_group) {
  const auto first = make_group("ann", R"("client_id":"g1","title":"one")");
  const auto again = make_group("ann", R"("client_id":"g1","title":"two")");
  EXPECT_EQ(first, again);
  EXPECT_NE(make_group("bob", R"("client_id":"g1")"), first);
  EXPECT_NE(make_group("ann"), make_group("ann"));
  EXPECT_EQ(run("conversation.get", "ann", in(first)).text("title"), "one");
}

TEST_F(ConversationsTest, many_members_come_in_slices_and_are_all_there) {
  const auto cid = make_group("ann", "\"members\":" + names(700));
  EXPECT_EQ(run("conversation.get", "ann", in(cid)).number("members"), 701U);
  EXPECT_EQ(world_.row(key_of(cid))->members.at(user("u699")).role, domain::Role::member);
}

TEST_F(ConversationsTest, a_create_that_ended_between_two_slices_is_completed_by_its_retry) {
  const auto args = R"({"client_id":"g1","members":)" + names(600) + "}";
  int writes = 0;
  world_.store.fail_step = [&](const ports::Step& step) -> std::optional<ports::StepFailed> {
    if (!std::holds_alternative<ports::WriteStep>(step) || ++writes != 2) return std::nullopt;
    return ports::StepFailed{false, Fault{Errc::unavailable, "ill"}};
  };
  EXPECT_TRUE(run("conversation.create", "ann", args).refused(Errc::unavailable));
  auto& again = run("conversation.create", "ann", args);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again.number("members"), 601U);
}

TEST_F(ConversationsTest, an_external_id_names_one_group_and_shows_it_to_its_members_only) {
  const auto cid = make_group("ann", R"("external_id":"order 7","members":["bob"])");
  EXPECT_EQ(make_group("bob", R"("external_id":"order 7")"), cid);
  EXPECT_TRUE(
      run("conversation.create", "eve", R"({"external_id":"order 7"})").refused(Errc::conflict));
  EXPECT_EQ(run("conversation.get", "ann", R"({"external_id":"order 7"})").text("cid"), cid);
  EXPECT_TRUE(
      run("conversation.get", "eve", R"({"external_id":"order 7"})").refused(Errc::not_found));
  EXPECT_TRUE(
      run("conversation.get", "ann", R"({"external_id":"order 8"})").refused(Errc::not_found));
}

TEST_F(ConversationsTest, what_can_not_be_made_is_refused) {
  for (const auto& [args, code] : std::vector<std::pair<std::string, Errc>>{
           {R"({"kind":"direct"})", Errc::validation_failed},
           {R"({"kind":7})", Errc::validation_failed},
           {R"({"title":7})", Errc::validation_failed},
           {R"({"title":"a\u0000"})", Errc::validation_failed},
           {R"({"title":")" + std::string(257, 'x') + "\"}", Errc::too_large},
           {R"({"title":")" + std::string(1'025, 'x') + "\"}", Errc::too_large},
           {R"({"external_id":""})", Errc::validation_failed},
           {R"({"external_id":")" + std::string(129, 'x') + "\"}", Errc::too_large},
           {R"({"members":"bob"})", Errc::validation_failed},
           {R"({"members":[""]})", Errc::validation_failed},
           {R"({"members":)" + names(1'001) + "}", Errc::too_large},
           {R"({"custom":7})", Errc::validation_failed}})
    EXPECT_TRUE(run("conversation.create", "ann", args).refused(code)) << args.substr(0, 60);
  EXPECT_TRUE(run("conversation.create", "", "{}").refused(Errc::validation_failed));
  settings_.members_max = 3;
  EXPECT_TRUE(run("conversation.create", "ann", R"({"members":["a","b","c"]})")
                  .refused(Errc::quota_exceeded));
  EXPECT_TRUE(run("conversation.create", "ann", R"({"members":["a","b"]})").ok());
}

TEST_F(ConversationsTest, a_title_is_counted_in_characters) {
  std::string title;
  for (int i = 0; i < 256; ++i)
    title += "\xe2\x82\xac";
  EXPECT_TRUE(run("conversation.create", "ann", R"({"title":")" + title + "\"}").ok());
}

TEST_F(ConversationsTest, a_lane_that_is_full_answers_the_creator) {
  world_.store.lane_full = true;
  EXPECT_TRUE(run("conversation.create", "ann", "{}").refused(Errc::overloaded));
}

// --- get and list

TEST_F(ConversationsTest, a_conversation_is_found_by_each_of_its_names) {
  run("message.send", "ann", R"({"to":"bob","text":"hi"})");
  auto& direct = run("conversation.get", "bob", R"({"to":"ann"})");
  EXPECT_EQ(direct.text("kind"), "direct");
  EXPECT_EQ(direct.texts("users"), (std::vector<std::string>{"ann", "bob"}));
  EXPECT_EQ(direct.number("unread"), 1U);
  EXPECT_EQ(*direct.json().find("last_message")->find("text")->as_string(), "hi");
  EXPECT_TRUE(run("conversation.get", "ann", R"({"to":"eve"})").refused(Errc::not_found));
}

TEST_F(ConversationsTest, a_list_is_by_activity_and_goes_on_where_it_stopped) {
  std::vector<std::string> cids;
  for (int i = 0; i < 5; ++i) {
    world_.pass(std::chrono::seconds{1});
    cids.push_back(make_group("ann"));
  }
  world_.pass(std::chrono::seconds{1});
  send("ann", cids[1], "hi");
  auto& first = run("conversation.list", "ann", R"({"limit":2})");
  EXPECT_EQ(first.texts("conversations", "cid"), (std::vector<std::string>{cids[1], cids[4]}));
  auto& second =
      run("conversation.list", "ann", R"({"limit":2,"next":")" + first.text("next") + "\"}");
  EXPECT_EQ(second.texts("conversations", "cid"), (std::vector<std::string>{cids[3], cids[2]}));
  auto& third =
      run("conversation.list", "ann", R"({"limit":2,"next":")" + second.text("next") + "\"}");
  EXPECT_EQ(third.texts("conversations", "cid"), std::vector<std::string>{cids[0]});
  EXPECT_EQ(third.text("next"), "(absent)");
}

TEST_F(ConversationsTest, a_page_of_a_list_is_bounded_in_bytes_and_leaves_nothing_out) {
  std::set<std::string> made;
  const std::string text(16 * 1024, 'x');
  for (int i = 0; i < 40; ++i) {
    const auto cid = make_group("ann");
    send("ann", cid, text);
    made.insert(cid);
  }
  std::set<std::string> listed;
  std::string next;
  int pages = 0;
  do {
    auto& page = run("conversation.list", "ann", R"({"limit":1000)" + next + "}");
    ASSERT_TRUE(page.ok());
    for (auto& cid : page.texts("conversations", "cid"))
      EXPECT_TRUE(listed.insert(std::move(cid)).second);
    next = page.text("next") == "(absent)" ? "" : R"(,"next":")" + page.text("next") + '"';
    ++pages;
  } while (!next.empty());
  EXPECT_EQ(listed, made);
  EXPECT_EQ(pages, 3);  // of 16 KiB each: 16 or 17 reach 256 KiB
}

TEST_F(ConversationsTest, a_page_that_ends_with_the_list_says_so) {
  make_group("ann");
  make_group("ann");
  EXPECT_EQ(run("conversation.list", "ann", R"({"limit":2})").text("next"), "(absent)");
  EXPECT_TRUE(run("conversation.list", "nobody", "{}").texts("conversations", "cid").empty());
}

TEST_F(ConversationsTest, a_place_that_no_list_gave_is_refused) {
  for (const char* next : {"", "x", "AAAA", "MTIzLg", "7", "LjEyMzQ1Njc4OTAxMjM0NTY"})
    EXPECT_TRUE(run("conversation.list", "ann", R"({"next":")" + std::string{next} + "\"}")
                    .refused(Errc::validation_failed))
        << next;
  EXPECT_TRUE(run("conversation.list", "ann", R"({"limit":0})").refused(Errc::validation_failed));
  EXPECT_TRUE(run("conversation.list", "ann", R"({"limit":"2"})").refused(Errc::validation_failed));
  EXPECT_TRUE(run("conversation.list", "", "{}").refused(Errc::validation_failed));
  EXPECT_TRUE(run("conversation.list", "ann", R"({"limit":100000})").ok());
}

TEST_F(ConversationsTest, a_former_member_still_finds_the_conversation_as_it_was) {
  const auto cid = make_group("ann", R"("members":["bob"])");
  send("ann", cid, "one");
  run("member.remove", "ann", in(cid, R"("user":"bob")"));
  send("ann", cid, "two");
  auto& found = run("conversation.get", "bob", in(cid));
  EXPECT_EQ(found.number("last_seq"), 2U);
  EXPECT_EQ(found.text("role"), "(absent)");
  EXPECT_TRUE(run("conversation.list", "bob", "{}").texts("conversations", "cid").empty());
}

TEST_F(ConversationsTest, a_store_that_can_not_read_is_told_as_it_is) {
  const auto cid = make_group("ann");
  world_.store.fail_read = [] { return std::optional<Fault>{Fault{Errc::overloaded, "later"}}; };
  EXPECT_TRUE(run("conversation.get", "ann", in(cid)).refused(Errc::overloaded));
  EXPECT_TRUE(run("conversation.list", "ann", "{}").refused(Errc::overloaded));
  EXPECT_TRUE(run("message.history", "ann", in(cid)).refused(Errc::overloaded));
  EXPECT_TRUE(run("member.list", "ann", in(cid)).refused(Errc::overloaded));
  EXPECT_TRUE(run("user.get", "ann", R"({"users":["bob"]})").refused(Errc::overloaded));
  EXPECT_TRUE(run("conversation.get", "ann", R"({"external_id":"x"})").refused(Errc::overloaded));
}

}  // namespace
}  // namespace kith::commands
