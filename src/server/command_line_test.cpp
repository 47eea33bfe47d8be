#include "server/command_line.hpp"

namespace kith::server {
namespace {

using ::testing::HasSubstr;
using Arguments = std::vector<std::string>;

Invocation parsed(const Arguments& arguments) {
  const auto result = parse_command_line(arguments);
  const auto* said = std::get_if<Said>(&result);
  EXPECT_EQ(said, nullptr) << (said == nullptr ? "" : said->err + said->out);
  return said == nullptr ? std::get<Invocation>(result) : Invocation{};
}

template <class T>
T command(const Arguments& arguments) {
  const auto invocation = parsed(arguments);
  if constexpr (std::is_same_v<T, Serve> || std::is_same_v<T, CheckConfig> ||
                std::is_same_v<T, ShowOpenapi> || std::is_same_v<T, ShowVersion>)
    return std::get<T>(invocation.command);
  else
    return std::get<T>(std::get<AdminCommand>(invocation.command));
}

template <class T>
T store_command(const Arguments& arguments) {
  return std::get<T>(std::get<StoreCommand>(parsed(arguments).command));
}

Said said(const Arguments& arguments) {
  const auto result = parse_command_line(arguments);
  EXPECT_TRUE(std::holds_alternative<Said>(result));
  return std::holds_alternative<Said>(result) ? std::get<Said>(result) : Said{};
}

TEST(CommandLine, ServesByDefaultWithoutDevelopmentMode) {
  const auto serve = command<Serve>({"serve"});
  EXPECT_FALSE(serve.dev);
  EXPECT_FALSE(serve.listen.has_value());
  const auto invocation = parsed({"serve"});
  EXPECT_FALSE(invocation.data.has_value());
  EXPECT_EQ(invocation.config, "");
  EXPECT_FALSE(invocation.json);
}

TEST(CommandLine, ServeTakesDevelopmentModeAndAnAddress) {
  const auto serve = command<Serve>({"serve", "--dev", "--listen", "127.0.0.1:0"});
  EXPECT_TRUE(serve.dev);
  EXPECT_EQ(serve.listen, "127.0.0.1:0");
}

TEST(CommandLine, TakesTheDatabaseAsAFile) {
  EXPECT_EQ(store_command<CheckStore>({"store", "check"}).file, "");
  EXPECT_EQ(store_command<CheckStore>({"store", "check", "a.db"}).file, "a.db");
  EXPECT_FALSE(store_command<BackUpStore>({"store", "backup", "a.db"}).overwrite);
  const auto backup = store_command<BackUpStore>({"store", "backup", "a.db", "--force"});
  EXPECT_EQ(backup.file, "a.db");
  EXPECT_TRUE(backup.overwrite);
  EXPECT_EQ(store_command<RestoreStore>({"store", "restore", "a.db"}).file, "a.db");
  EXPECT_EQ(said({"store", "restore"}).exit_code, 2);
}

TEST(CommandLine, EveryCommandTakesDataAndConfig) {
  for (Arguments words : {Arguments{"serve"},
                          {"app", "create", "shop"},
                          {"app", "list"},
                          {"app", "key", "add", "shop", "--kind", "server"},
                          {"app", "key", "list", "shop"},
                          {"app", "key", "retire", "shop", "k1"},
                          {"token", "shop", "ann"},
                          {"check-config", "f"},
                          {"openapi"},
                          {"version"}}) {
    words.insert(words.end(), {"--data", "d", "--config", "c.toml"});
    const auto invocation = parsed(words);
    EXPECT_EQ(invocation.data, "d") << words[0];
    EXPECT_EQ(invocation.config, "c.toml") << words[0];
  }
}

TEST(CommandLine, ApplicationsAndKeys) {
  EXPECT_EQ(command<CreateApp>({"app", "create", "shop"}).name, "shop");
  command<ListApps>({"app", "list"});
  const auto signing = command<AddKey>({"app", "key", "add", "shop", "--kind", "signing"});
  EXPECT_EQ(signing.app, "shop");
  EXPECT_EQ(signing.kind, AdminKeyKind::signing);
  EXPECT_EQ(command<AddKey>({"app", "key", "add", "--kind", "server", "shop"}).kind,
            AdminKeyKind::server);
  EXPECT_EQ(command<ListKeys>({"app", "key", "list", "shop"}).app, "shop");
  const auto retire = command<RetireKey>({"app", "key", "retire", "shop", "k1"});
  EXPECT_EQ(retire.app, "shop");
  EXPECT_EQ(retire.kid, "k1");
  EXPECT_TRUE(parsed({"app", "list", "--json"}).json);
}

TEST(CommandLine, TokensLiveADayUnlessToldOtherwise) {
  const auto token = command<MakeToken>({"token", "shop", "ann"});
  EXPECT_EQ(token.app, "shop");
  EXPECT_EQ(token.user, "ann");
  EXPECT_EQ(token.ttl_s, 86'400U);
  EXPECT_EQ(command<MakeToken>({"token", "shop", "ann", "--ttl", "60"}).ttl_s, 60U);
}

TEST(CommandLine, ChecksAFileOrPrintsTheReference) {
  EXPECT_EQ(command<CheckConfig>({"check-config", "a.toml"}).file, "a.toml");
  EXPECT_EQ(command<CheckConfig>({"check-config"}).file, "");
  EXPECT_TRUE(command<CheckConfig>({"check-config", "--reference"}).reference);
  command<ShowOpenapi>({"openapi"});
  command<ShowVersion>({"version"});
}

TEST(CommandLine, HelpIsThereForEachCommandAndIsNoError) {
  for (Arguments words : {Arguments{},
                          {"serve"},
                          {"app"},
                          {"app", "create"},
                          {"app", "list"},
                          {"app", "key"},
                          {"app", "key", "add"},
                          {"app", "key", "list"},
                          {"app", "key", "retire"},
                          {"token"},
                          {"check-config"},
                          {"openapi"},
                          {"version"}}) {
    words.emplace_back("--help");
    const auto help = said(words);
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_THAT(help.out, HasSubstr("Usage"));
    EXPECT_EQ(help.err, "");
  }
  EXPECT_THAT(said({"serve", "--help"}).out, HasSubstr("--listen"));
  EXPECT_THAT(said({"app", "key", "add", "--help"}).out, HasSubstr("--kind"));
}

TEST(CommandLine, WhatIsWrongIsSaidAndEndsWithTwo) {
  const auto wrong = [](const Arguments& words, const char* text) {
    const auto result = said(words);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr(text));
    EXPECT_THAT(result.err, HasSubstr("--help"));
    EXPECT_EQ(result.out, "");
  };
  wrong({}, "subcommand");
  wrong({"dance"}, "");
  wrong({"app"}, "subcommand");
  wrong({"app", "create"}, "NAME");
  wrong({"app", "key", "add", "shop"}, "--kind");
  wrong({"app", "key", "add", "shop", "--kind", "other"}, "signing");
  wrong({"app", "key", "retire", "shop"}, "KID");
  wrong({"token", "shop"}, "USER");
  wrong({"token", "shop", "ann", "--ttl", "0"}, "--ttl");
  wrong({"token", "shop", "ann", "--ttl", "soon"}, "--ttl");
  wrong({"serve", "--loud"}, "--loud");
  wrong({"serve", "extra"}, "extra");
}

}  // namespace
}  // namespace kith::server
