#include "server/admin_protocol.hpp"

#include <rapidcheck/gtest.h>

namespace kith::server {
namespace {

using ::testing::HasSubstr;

// Answers with what it is told to, and keeps what it was asked.
class ScriptedAdmin final : public Admin {
 public:
  Outcome<AdminResult> execute(const AdminCommand& command) override {
    asked.push_back(command);
    return answer;
  }

  std::vector<AdminCommand> asked;
  Outcome<AdminResult> answer = AdminResult{AppList{}};
};

std::vector<AdminCommand> all_commands() {
  return {CreateApp{"shop"},
          ListApps{},
          AddKey{"shop", AdminKeyKind::signing},
          AddKey{"shop", AdminKeyKind::server},
          ListKeys{"shop"},
          RetireKey{"shop", "k1"},
          MakeToken{"shop", "ann", 60}};
}

std::vector<AdminResult> all_results() {
  return {
      AppInfo{"shop", "t1"},
      AppList{{{"shop", "t1"}, {"game", "t2"}}},
      AppList{},
      NewKey{"k1", AdminKeyKind::server, "sk_k1_x"},
      KeyList{{{"k1", AdminKeyKind::signing, "t1", ""}, {"k2", AdminKeyKind::server, "t1", "t2"}}},
      KeyRetired{"k1"},
      TokenMade{"a.b.c", "t3"}};
}

TEST(AdminProtocol, CommandsComeOutAsTheyWentIn) {
  for (const auto& command : all_commands()) {
    const auto line = encode_command(command);
    EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line";
    const auto back = decode_command(line);
    ASSERT_TRUE(back.has_value()) << line;
    EXPECT_EQ(back.value().index(), command.index());
    EXPECT_EQ(encode_command(back.value()), line);
  }
}

TEST(AdminProtocol, ResultsComeOutAsTheyWentIn) {
  for (const auto& result : all_results()) {
    const auto line = encode_result(result);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    const auto back = decode_result(line);
    ASSERT_TRUE(back.has_value()) << line;
    EXPECT_EQ(back.value().index(), result.index());
    EXPECT_EQ(encode_result(back.value()), line);
  }
}

TEST(AdminProtocol, ProblemsKeepTheirTextAndExitCode) {
  const auto back =
      decode_result(encode_result(Problem{.exit_code = 1, .text = "no \"shop\"\nhere"}));
  ASSERT_TRUE(back.has_error());
  EXPECT_EQ(back.error().text, "no \"shop\"\nhere");
  EXPECT_EQ(back.error().exit_code, 1);
}

TEST(AdminProtocol, ResultsAsJsonAreTheObjectAlone) {
  EXPECT_EQ(to_json(AppInfo{"shop", "t1"}), R"({"name":"shop","created_at":"t1"})");
  EXPECT_EQ(to_json(NewKey{"k1", AdminKeyKind::server, "s"}),
            R"({"kid":"k1","kind":"server","secret":"s"})");
  EXPECT_EQ(to_json(KeyList{{{"k1", AdminKeyKind::signing, "t1", ""}}}),
            R"({"keys":[{"kid":"k1","kind":"signing","created_at":"t1"}]})");
  EXPECT_EQ(to_json(TokenMade{"a.b.c", "t"}), R"({"token":"a.b.c","expires_at":"t"})");
}

TEST(AdminProtocol, WordsItDoesNotKnowAreRefused) {
  for (const auto* line : {"",
                           "\n",
                           "x",
                           "[]",
                           "{}",
                           R"({"command":"dance"})",
                           R"({"command":1})",
                           R"({"command":"app.create"})",
                           R"({"command":"app.create","name":1})",
                           R"({"command":"key.add","app":"a","kind":"other"})",
                           R"({"command":"token","app":"a","user":"u","ttl_s":-1})",
                           R"({"command":"token","app":"a","user":"u","ttl_s":"60"})",
                           R"({"command":"app.list"} x)"}) {
    const auto command = decode_command(line);
    ASSERT_TRUE(command.has_error()) << line;
    EXPECT_THAT(command.error().text, HasSubstr("one version"));
  }
  for (const auto* line : {"",
                           "{}",
                           R"({"ok":1})",
                           R"({"ok":true})",
                           R"({"ok":true,"result":"app"})",
                           R"({"ok":true,"result":"apps","apps":[1]})",
                           R"({"ok":true,"result":"apps","apps":[{}]})",
                           R"({"ok":true,"result":"keys","keys":{}})",
                           R"({"ok":false})",
                           R"({"ok":false,"error":"x"})",
                           R"({"ok":true,"result":"other"})"})
    EXPECT_TRUE(decode_result(line).has_error()) << line;
}

TEST(AdminProtocol, TheServerAnswersABadRequestWithoutAsking) {
  ScriptedAdmin admin;
  const auto reply = decode_result(answer_admin(admin, "nonsense\n"));
  EXPECT_TRUE(reply.has_error());
  EXPECT_TRUE(admin.asked.empty());
}

TEST(AdminProtocol, BothSidesTogetherActAsTheAdminThatIsAsked) {
  for (const auto& result : all_results()) {
    ScriptedAdmin admin;
    admin.answer = result;
    RemoteAdmin remote{[&](std::string_view line) -> Outcome<std::string> {
      return {boost::system::in_place_value, answer_admin(admin, line)};
    }};
    const auto got = remote.execute(MakeToken{"shop", "ann", 60});
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(encode_result(got), encode_result(result));
    ASSERT_EQ(admin.asked.size(), 1U);
    EXPECT_EQ(std::get<MakeToken>(admin.asked[0]).user, "ann");
  }
}

TEST(AdminProtocol, WhenNobodyAnswersThatIsTheResult) {
  RemoteAdmin remote{[](std::string_view) -> Outcome<std::string> {
    return Problem{.exit_code = 3, .text = "gone"};
  }};
  EXPECT_EQ(remote.execute(ListApps{}).error().exit_code, 3);
}

RC_GTEST_PROP(AdminProtocol, AnyBytesAreAWordOrAProblem, (const std::string& bytes)) {
  decode_command(bytes);
  decode_result(bytes);
}

RC_GTEST_PROP(AdminProtocol, AnyNameTravels, (const std::string& name)) {
  // JSON carries text: bytes that are none are the store's to refuse.
  const auto back = decode_command(encode_command(CreateApp{name}));
  if (back.has_value()) RC_ASSERT(std::get<CreateApp>(back.value()).name == name);
}

}  // namespace
}  // namespace kith::server
