#include "commands/world_test.hpp"
#include "wire/json/writer.hpp"

namespace kith::commands {
namespace {

class SendTest : public CommandTest {
 protected:
  std::string group_ = make_group("ann", R"("members":["bob"])");

  Given& send_args(std::string_view more) { return run("message.send", "ann", in(group_, more)); }

  // The stored body of the newest message.
  std::string body() {
    return std::string{
        domain::json_members(world_.row(key_of(group_))->log.rbegin()->second->body)};
  }
};

TEST_F(SendTest, a_message_is_answered_with_its_place_after_the_commit) {
  auto& first = send("ann", group_, "hi");
  EXPECT_EQ(first.number("seq"), 1U);
  EXPECT_EQ(first.number("no"), 1U);
  EXPECT_EQ(first.text("cid"), group_);
  EXPECT_EQ(first.text("id").size(), 22U);
  EXPECT_EQ(first.text("ts"), "2026-01-01T10:00:00.000Z");
  EXPECT_EQ(first.json().find("duplicate")->as_bool(), false);
  ASSERT_TRUE(first.sent.has_value());
  EXPECT_EQ(first.sent->seq, 1U);
  EXPECT_EQ(first.sent->key, key_of(group_));
  EXPECT_EQ(world_.head(key_of(group_)), 1U);
}

TEST_F(SendTest, a_retry_has_the_same_place_and_id) {
  auto& first = send_args(R"("client_id":"m1","text":"hi")");
  auto& again = send_args(R"("client_id":"m1","text":"hi")");
  EXPECT_EQ(again.text("id"), first.text("id"));
  EXPECT_EQ(again.number("seq"), 1U);
  EXPECT_EQ(again.json().find("duplicate")->as_bool(), true);
  EXPECT_TRUE(send_args(R"("client_id":"m1","text":"other")").refused(Errc::conflict));
}

TEST_F(SendTest, without_a_client_id_two_equal_messages_are_two) {
  send("ann", group_, "hi");
  EXPECT_EQ(send("ann", group_, "hi").number("seq"), 2U);
}

TEST_F(SendTest, a_message_to_a_user_makes_the_conversation_on_first_use) {
  auto& first = run("message.send", "ann", R"({"to":"bob","text":"hi"})");
  EXPECT_EQ(first.number("seq"), 1U);
  auto& back = run("message.send", "bob", R"({"to":"ann","text":"hi"})");
  EXPECT_EQ(back.number("seq"), 2U);
  EXPECT_EQ(back.text("cid"), first.text("cid"));
  EXPECT_EQ(run("message.send", "bob", in(first.text("cid"), R"("text":"x")")).number("seq"), 3U);
  EXPECT_TRUE(
      run("message.send", "eve", in(first.text("cid"), R"("text":"x")")).refused(Errc::not_found));
}

TEST_F(SendTest, nobody_talks_to_himself_or_to_a_name_that_is_none) {
  EXPECT_TRUE(
      run("message.send", "ann", R"({"to":"ann","text":"x"})").refused(Errc::validation_failed));
  EXPECT_TRUE(
      run("message.send", "ann", R"({"to":"","text":"x"})").refused(Errc::validation_failed));
  EXPECT_TRUE(
      run("message.send", "ann", R"({"to":7,"text":"x"})").refused(Errc::validation_failed));
}

TEST_F(SendTest, the_conversation_is_named_in_exactly_one_way) {
  for (const char* args : {R"({"text":"x"})",
                           R"({"cid":"c_AAAAAAAAAAAAAAAAAAAAAA","to":"bob","text":"x"})",
                           R"({"cid":5,"text":"x"})",
                           R"({"cid":null,"text":"x"})"})
    EXPECT_TRUE(run("message.send", "ann", args).refused(Errc::validation_failed)) << args;
  EXPECT_TRUE(run("message.send", "ann", R"({"cid":null,"to":"bob","text":"x"})").ok());
}

TEST_F(SendTest, an_unknown_a_foreign_and_a_malformed_conversation_are_all_not_found) {
  const auto hidden = make_group("bob");
  EXPECT_TRUE(send("ann", hidden, "x").refused(Errc::not_found));
  EXPECT_TRUE(send("ann", "c_AAAAAAAAAAAAAAAAAAAAAA", "x").refused(Errc::not_found));
  EXPECT_TRUE(send("ann", "nonsense", "x").refused(Errc::not_found));
  auto other = caller("ann");
  other.app = static_cast<base::AppId>(2);
  EXPECT_TRUE(run_as(other, "message.send", in(group_, R"("text":"x")")).refused(Errc::not_found));
}

TEST_F(SendTest, the_application_itself_names_a_user_to_send_for) {
  EXPECT_TRUE(send("", group_, "x").refused(Errc::validation_failed));
}

TEST_F(SendTest, a_message_has_content) {
  for (const char* empty : {R"("text":"")",
                            R"("text":null)",
                            R"("type":"text")",
                            R"("attachments":[])",
                            R"("silent":true)"})
    EXPECT_TRUE(send_args(empty).refused(Errc::validation_failed)) << empty;
  EXPECT_TRUE(send_args(R"("custom":{})").ok());
}

TEST_F(SendTest, what_is_stored_is_in_one_form_whatever_was_sent) {
  send_args(
      R"("silent":true,"custom":{ "b" : 1.0, "a":[ ] },"mentions":["bob","bob"],"reply_to":3.0,)"
      R"("unknown":1,"text":"h\u0069","attachments":[{"mime":"image/png","url":"https://x/y","bytes":7,"evil":1}])");
  EXPECT_EQ(body(),
            R"("type":"text","text":"hi","reply_to":3,"mentions":["bob"],)"
            R"("attachments":[{"url":"https://x/y","mime":"image/png","bytes":7}],)"
            R"("custom":{"b":1,"a":[]},"silent":true)");
  send_args(R"("text":"hi","silent":false,"custom":null,"mentions":[],"reply_to":null)");
  EXPECT_EQ(body(), R"("type":"text","text":"hi")");
}

TEST_F(SendTest, types_are_short_plain_words) {
  EXPECT_TRUE(send_args(R"("type":"order.placed-2_x","text":"x")").ok());
  for (const char* bad : {R"("type":"","text":"x")",
                          R"("type":"Text","text":"x")",
                          R"("type":"a b","text":"x")",
                          R"("type":7,"text":"x")"})
    EXPECT_TRUE(send_args(bad).refused(Errc::validation_failed)) << bad;
  EXPECT_TRUE(
      send_args(R"("type":")" + std::string(33, 'a') + R"(","text":"x")").refused(Errc::too_large));
}

TEST_F(SendTest, text_and_custom_are_bounded_by_the_application) {
  settings_.text_bytes_max = 10;
  settings_.custom_bytes_max = 12;
  EXPECT_TRUE(send("ann", group_, "1234567890").ok());
  EXPECT_TRUE(send("ann", group_, "12345678901").refused(Errc::too_large));
  EXPECT_TRUE(send_args(R"("custom":{"a":"123456"})").refused(Errc::too_large));
  EXPECT_TRUE(send_args(R"("custom":{"a":"1234"})").ok());
}

TEST_F(SendTest, nul_is_refused_everywhere) {
  for (const char* bad : {R"("text":"a\u0000b")",
                          R"("text":"x","custom":{"a":"\u0000"})",
                          R"("text":"x","custom":{"\u0000":1})",
                          R"("text":"x","mentions":["a\u0000"])",
                          R"("text":"x","client_id":"\u0000")",
                          R"("attachments":[{"url":"https://x\u0000","mime":"a/b"}])"})
    EXPECT_TRUE(send_args(bad).refused(Errc::validation_failed)) << bad;
}

TEST_F(SendTest, fields_of_the_wrong_kind_are_refused) {
  for (const char* bad : {R"("text":7)",
                          R"("text":"x","custom":[])",
                          R"("text":"x","mentions":"bob")",
                          R"("text":"x","mentions":[7])",
                          R"("text":"x","reply_to":"3")",
                          R"("text":"x","reply_to":-1)",
                          R"("text":"x","reply_to":0)",
                          R"("text":"x","reply_to":1.5)",
                          R"("text":"x","reply_to":9007199254740992)",
                          R"("text":"x","silent":1)",
                          R"("text":"x","client_id":5)",
                          R"("text":"x","client_id":"")",
                          R"("attachments":{})",
                          R"("attachments":["x"])"})
    EXPECT_TRUE(send_args(bad).refused(Errc::validation_failed)) << bad;
}

TEST_F(SendTest, attachments_are_few_and_by_web_address) {
  const std::string good = R"({"url":"https://x/y","mime":"image/png"})";
  std::string ten = good;
  for (int i = 1; i < 10; ++i)
    ten += "," + good;
  EXPECT_TRUE(send_args("\"attachments\":[" + ten + "]").ok());
  EXPECT_TRUE(
      send_args("\"attachments\":[" + ten + "," + good + "]").refused(Errc::validation_failed));
  const std::string script = "{\"url\":\"javascript:alert(1)\",\"mime\":\"a/b\"}";
  const std::string no_mime = "{\"url\":\"https://x\"}";
  const std::string no_url = "{\"mime\":\"a/b\"}";
  const std::string bad_width = "{\"url\":\"https://x\",\"mime\":\"a/b\",\"width\":-1}";
  for (const auto& bad : {script, no_mime, no_url, bad_width})
    EXPECT_TRUE(send_args("\"attachments\":[" + bad + "]").refused(Errc::validation_failed)) << bad;
}

TEST_F(SendTest, every_field_of_an_attachment_has_its_bound) {
  const auto with = [this](const std::string& url, const std::string& mime, const char* more = "") {
    return &send_args(R"("attachments":[{"url":")" + url + R"(","mime":")" + mime + '"' + more +
                      "}]");
  };
  const std::string start = "https://x/";
  const std::string mime = "a/b";
  const std::string longest = start + std::string(base::limits::url_bytes_max - start.size(), 'u');
  EXPECT_TRUE(with(longest, mime)->ok());
  EXPECT_TRUE(with(longest + "u", mime)->refused(Errc::too_large));
  for (const char* bad : {"", "https://", "http://", "ftp://x", "x", "https://x y", "https://x\\n"})
    EXPECT_TRUE(with(bad, mime)->refused(Errc::validation_failed)) << bad;
  const std::string long_mime = "a/" + std::string(base::limits::mime_bytes_max - 2, 'm');
  EXPECT_TRUE(with(start, long_mime)->ok());
  EXPECT_TRUE(with(start, long_mime + "m")->refused(Errc::too_large));
  EXPECT_TRUE(with(start, "text/plain; charset=utf-8")->ok());
  for (const char* bad : {"", "image", "/png", "image/", "im\\nage/png", "imagé/png"})
    EXPECT_TRUE(with(start, bad)->refused(Errc::validation_failed)) << bad;
  const std::string name(base::limits::name_bytes_max, 'n');
  EXPECT_TRUE(with(start, mime, (R"(,"name":")" + name + '"').c_str())->ok());
  EXPECT_TRUE(with(start, mime, (R"(,"name":")" + name + "n\"").c_str())->refused(Errc::too_large));
  for (const char* field : {"bytes", "width", "height"}) {
    const auto sized = [&](const char* number) {
      return with(start, mime, (",\"" + std::string{field} + "\":" + number).c_str());
    };
    EXPECT_TRUE(sized("0")->ok());
    EXPECT_TRUE(sized("9007199254740991")->ok());
    EXPECT_TRUE(sized("null")->ok());
    for (const char* bad : {"9007199254740992", "-1", "1.5", "\"7\"", "[]"})
      EXPECT_TRUE(sized(bad)->refused(Errc::validation_failed)) << field << bad;
  }
}

TEST_F(SendTest, mentions_are_bounded_and_name_users) {
  std::string names;
  for (std::size_t i = 0; i < base::limits::mentions_max; ++i)
    names += (i == 0 ? "\"u" : ",\"u") + std::to_string(i) + "\"";
  EXPECT_TRUE(send_args(R"("text":"x","mentions":[)" + names + "]").ok());
  EXPECT_TRUE(
      send_args(R"("text":"x","mentions":[)" + names + R"(,"bob"])").refused(Errc::too_large));
  const std::string longest(base::limits::user_chars_max, 'u');
  EXPECT_TRUE(send_args(R"("text":"x","mentions":[")" + longest + R"("])").ok());
  for (const auto& bad : {longest + "u", std::string{}})
    EXPECT_TRUE(
        send_args(R"("text":"x","mentions":[")" + bad + R"("])").refused(Errc::validation_failed))
        << bad;
}

TEST_F(SendTest, what_is_silent_is_stored_and_told_like_any_message_and_raises_no_count) {
  send("ann", group_, "loud");
  EXPECT_EQ(send_args(R"("text":"hush","silent":true)").number("no"), 1U);
  EXPECT_EQ(body(), R"("type":"text","text":"hush","silent":true)");
  EXPECT_EQ(heard_.heard.back().event.seq, 2U);
  EXPECT_EQ(run("conversation.get", "bob", in(group_)).number("unread"), 1U);
  EXPECT_EQ(send_args(R"("text":"loud again","silent":false)").number("no"), 2U);
  EXPECT_EQ(run("conversation.get", "bob", in(group_)).number("unread"), 2U);
}

TEST_F(SendTest, a_note_is_the_applications_to_write_and_is_not_counted) {
  const auto note = [this](const Caller& who, const char* type) {
    return &run_as(
        who, "message.send", in(group_, std::string{R"("text":"x","type":")"} + type + '"'));
  };
  auto server = caller("ann");
  server.server_key = true;
  for (const char* type : {"system", "system.joined", "system."}) {
    EXPECT_TRUE(note(caller("ann"), type)->refused(Errc::forbidden)) << type;
    EXPECT_EQ(note(server, type)->number("no"), 0U) << type;
  }
  EXPECT_EQ(run("conversation.get", "bob", in(group_)).number("unread"), 0U);
  EXPECT_EQ(note(caller("ann"), "systematic")->number("no"), 1U);
  EXPECT_EQ(note(server, "text")->number("no"), 2U);  // any other type counts, whoever sends it
}

struct OnceBudget final : Budget {
  std::uint32_t take(base::Instant) override { return left-- > 0 ? 0 : 250; }

  int left = 1;
};

TEST_F(SendTest, a_budget_that_is_used_up_says_when_to_come_again) {
  OnceBudget budget;
  auto ann = caller("ann");
  ann.messages = &budget;
  EXPECT_TRUE(run_as(ann, "message.send", in(group_, R"("text":"x")")).ok());
  auto& refused = run_as(ann, "message.send", in(group_, R"("text":"x")"));
  EXPECT_TRUE(refused.refused(Errc::rate_limited));
  EXPECT_EQ(refused.fault->retry_after_ms, 250U);
}

TEST_F(SendTest, what_is_refused_before_it_costs_anything_takes_nothing_of_the_budget) {
  OnceBudget budget;
  auto ann = caller("ann");
  ann.messages = &budget;
  EXPECT_TRUE(
      run_as(ann, "message.send", in(group_, R"("text":7)")).refused(Errc::validation_failed));
  EXPECT_TRUE(run_as(ann, "message.send", in(group_, R"("text":"x")")).ok());
}

TEST_F(SendTest, the_origin_of_a_message_is_told_to_the_audience) {
  auto ann = caller("ann");
  ann.origin = {0, 5};
  run_as(ann, "message.send", in(group_, R"("text":"x")"));
  EXPECT_EQ(heard_.heard.back().origin.session, 5U);
}

}  // namespace
}  // namespace kith::commands
