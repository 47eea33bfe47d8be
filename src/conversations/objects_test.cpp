#include "conversations/objects.hpp"

#include "base/names.hpp"
#include "conversations/world_test.hpp"
#include "wire/json/parser.hpp"

#include <gtest/gtest.h>

namespace kith::conversations {
namespace {

using domain::EventKind;
using domain::Kind;
using wire::json::Value;

class ObjectsTest : public ::testing::Test {
 protected:
  ObjectsTest() {
    event_.seq = 42;
    event_.no = 40;
    event_.actor = user("u_7");
    event_.client_id = ClientId{"b6c3"};
    event_.ts = {1'767'261'600'123};
    event_.body = domain::make_body(R"("type":"text","text":"a \"quoted\" line")");
  }

  template <class Write>
  Value parsed(Write write) {
    text_.clear();
    wire::json::Writer json{text_};
    write(json);
    const auto value = parser_.parse(text_);
    EXPECT_TRUE(value.has_value()) << text_;
    return *value;
  }

  Value event() {
    return parsed([&](auto& json) { append_event(json, id_key_, key_, event_); });
  }

  Value conversation(const ports::ListedConversation& listed) {
    return parsed([&](auto& json) { append_conversation(json, id_key_, app, listed); });
  }

  static std::string text(Value value, std::string_view field) {
    const auto found = value.find(field);
    return found ? std::string{found->as_string().value_or("(not text)")} : "(absent)";
  }

  static std::uint64_t number(Value value, std::string_view field) {
    const auto found = value.find(field);
    return found ? found->as_uint().value_or(~0ULL) : ~0ULL;
  }

  static std::vector<std::string> names(Value value) {
    std::vector<std::string> out;
    for (const auto [name, member] : value.members())
      out.emplace_back(name);
    return out;
  }

  static std::vector<std::string> texts(Value value, std::string_view field) {
    std::vector<std::string> out;
    for (const auto item : value.find(field)->items())
      out.emplace_back(*item.as_string());
    return out;
  }

  static ports::ListedConversation listed(Kind kind, Role role) {
    ports::ListedConversation row;
    row.conversation.cid = World::group(1).cid;
    row.conversation.kind = kind;
    row.conversation.created_at = {1'767'261'600'000};
    row.conversation.last_seq = 42;
    row.conversation.last_no = 40;
    row.conversation.members = 12;
    row.member.user = user("ann");
    row.member.role = role;
    row.member.read_seq = 40;
    row.member.read_no = 38;
    return row;
  }

  const base::Key16 id_key_{1, 2, 3};
  const ConversationKey key_ = World::group(1);
  LogEvent event_;
  std::string text_;
  wire::json::Parser parser_;
};

TEST_F(ObjectsTest, a_message_has_the_fields_of_the_protocol_in_order) {
  const auto json = event();
  EXPECT_EQ(names(json),
            (std::vector<std::string>{
                "cid", "seq", "no", "id", "client_id", "sender", "type", "text", "ts"}));
  EXPECT_EQ(text(json, "cid"), base::to_text(key_.cid));
  EXPECT_EQ(number(json, "seq"), 42U);
  EXPECT_EQ(number(json, "no"), 40U);
  EXPECT_EQ(text(json, "id"),
            base::to_text(domain::message_id(id_key_, key_, user("u_7"), ClientId{"b6c3"})));
  EXPECT_EQ(text(json, "sender"), "u_7");
  EXPECT_EQ(text(json, "text"), "a \"quoted\" line");
  EXPECT_EQ(text(json, "ts"), "2026-01-01T10:00:00.123Z");
}

TEST_F(ObjectsTest, names_with_quotes_and_backslashes_are_escaped) {
  event_.actor = user("a\"b\\c");
  event_.client_id = ClientId{"\"},{\""};
  const auto json = event();
  EXPECT_EQ(text(json, "sender"), "a\"b\\c");
  EXPECT_EQ(text(json, "client_id"), "\"},{\"");
}

TEST_F(ObjectsTest, a_message_with_an_empty_body_is_whole) {
  event_.body.clear();
  EXPECT_EQ(names(event()),
            (std::vector<std::string>{"cid", "seq", "no", "id", "client_id", "sender", "ts"}));
}

TEST_F(ObjectsTest, a_member_event_names_whom_it_is_about_and_who_did_it) {
  event_.kind = EventKind::member_added;
  event_.subject = user("bob");
  event_.role = Role::admin;
  const auto json = event();
  EXPECT_EQ(names(json), (std::vector<std::string>{"cid", "seq", "user", "role", "actor", "ts"}));
  EXPECT_EQ(text(json, "user"), "bob");
  EXPECT_EQ(text(json, "role"), "admin");
  EXPECT_EQ(text(json, "actor"), "u_7");
  event_.actor = {};
  EXPECT_EQ(text(event(), "actor"), "(absent)");
}

TEST_F(ObjectsTest, the_own_log_tells_of_conversations) {
  auto row = listed(Kind::group, Role::member).conversation;
  row.title = "Crew";
  row.custom = R"({"orderId":7})";
  event_.kind = EventKind::conversation_added;
  event_.target = row.cid;
  event_.body = conversation_added_body(row, Role::moderator, {});
  const auto added = event();
  EXPECT_EQ(names(added), (std::vector<std::string>{"cid", "seq", "conversation", "ts"}));
  const auto inner = *added.find("conversation");
  EXPECT_EQ(text(inner, "cid"), base::to_text(row.cid));
  EXPECT_EQ(text(inner, "title"), "Crew");
  EXPECT_EQ(text(inner, "role"), "moderator");
  EXPECT_EQ(number(*inner.find("custom"), "orderId"), 7U);
  EXPECT_EQ(number(inner, "members"), 12U);
  EXPECT_FALSE(inner.find("users").has_value());
  event_.kind = EventKind::conversation_removed;
  event_.body.clear();
  const auto removed = event();
  EXPECT_EQ(text(*removed.find("conversation"), "cid"), base::to_text(row.cid));
}

TEST_F(ObjectsTest, a_direct_conversation_is_told_with_both_users) {
  auto row = listed(Kind::direct, Role::member).conversation;
  event_.kind = EventKind::conversation_added;
  event_.body = conversation_added_body(row, Role::member, {user("ann"), user("bob")});
  const auto inner = *event().find("conversation");
  EXPECT_EQ(texts(inner, "users"), (std::vector<std::string>{"ann", "bob"}));
  EXPECT_EQ(text(inner, "kind"), "direct");
}

TEST_F(ObjectsTest, a_conversation_is_shown_as_one_member_sees_it) {
  auto row = listed(Kind::group, Role::admin);
  row.conversation.external_id = "order 7";
  row.last_message = event_;
  const auto json = conversation(row);
  EXPECT_EQ(text(json, "role"), "admin");
  EXPECT_EQ(number(json, "last_seq"), 42U);
  EXPECT_EQ(number(json, "members"), 12U);
  EXPECT_EQ(number(json, "read_seq"), 40U);
  EXPECT_EQ(number(json, "unread"), 2U);
  EXPECT_EQ(text(json, "external_id"), "order 7");
  EXPECT_EQ(text(json, "title"), "(absent)");
  EXPECT_EQ(json.find("custom")->size(), 0U);
  EXPECT_EQ(number(*json.find("last_message"), "seq"), 42U);
  EXPECT_EQ(text(json, "created_at"), "2026-01-01T10:00:00.000Z");
}

TEST_F(ObjectsTest, rights_follow_role_and_kind) {
  using Rights = std::vector<std::string>;
  const auto rights = [&](Kind kind, Role role) {
    return texts(conversation(listed(kind, role)), "rights");
  };
  EXPECT_EQ(rights(Kind::group, Role::owner),
            (Rights{"send", "invite", "kick", "roles", "edit_info", "transfer", "leave"}));
  EXPECT_EQ(rights(Kind::group, Role::admin),
            (Rights{"send", "invite", "kick", "roles", "edit_info", "leave"}));
  EXPECT_EQ(rights(Kind::group, Role::moderator), (Rights{"send", "kick", "leave"}));
  EXPECT_EQ(rights(Kind::group, Role::member), (Rights{"send", "leave"}));
  EXPECT_EQ(rights(Kind::direct, Role::member), Rights{"send"});
  EXPECT_EQ(rights(Kind::user_log, Role::member), Rights{});
}

TEST_F(ObjectsTest, a_former_member_sees_no_role_and_no_rights) {
  auto row = listed(Kind::group, Role::admin);
  row.member.until_seq = 42;
  const auto json = conversation(row);
  EXPECT_FALSE(json.find("role").has_value());
  EXPECT_FALSE(json.find("rights").has_value());
}

TEST_F(ObjectsTest, unread_is_never_below_zero) {
  auto row = listed(Kind::group, Role::member);
  row.member.read_no = 99;
  EXPECT_EQ(number(conversation(row), "unread"), 0U);
}

TEST_F(ObjectsTest, a_member_of_a_list_has_role_time_and_mark) {
  auto member = listed(Kind::group, Role::moderator).member;
  member.joined_at = {1'767'261'600'000};
  const auto json = parsed([&](auto& writer) { append_member(writer, member); });
  EXPECT_EQ(names(json), (std::vector<std::string>{"user", "role", "joined_at", "read_seq"}));
  EXPECT_EQ(text(json, "role"), "moderator");
  EXPECT_EQ(number(json, "read_seq"), 40U);
}

}  // namespace
}  // namespace kith::conversations
