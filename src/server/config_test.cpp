#include "server/config.hpp"

#include "server/settings.hpp"

#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <fstream>

namespace kith::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ConfigSources from(std::vector<EnvironmentVariable> environment) {
  return {.file_name = "kith.toml", .environment = std::move(environment), .settings = {}};
}

LoadedConfig load(std::string_view file, std::vector<EnvironmentVariable> environment = {}) {
  return load_config(from(std::move(environment)), file);
}

std::string only_error(const LoadedConfig& loaded) {
  EXPECT_EQ(loaded.errors.size(), 1U) << ::testing::PrintToString(loaded.errors);
  return loaded.errors.empty() ? "" : loaded.errors.front();
}

TEST(Config, RunsWithNoFileAtAll) {
  const auto loaded = load_config(ConfigSources{});
  EXPECT_THAT(loaded.errors, IsEmpty());
  EXPECT_EQ(loaded.config.server.listen, "127.0.0.1:8080");
  EXPECT_THAT(loaded.origins, IsEmpty());
}

TEST(Config, ReadsEveryKindOfValueFromTheFile) {
  const auto loaded = load(R"(
[socketio]
ping_interval_ms = 1_500
allow_eio3 = false
cors_origins = ["https://a.example"]
[server]
listen = "[::1]:9000"
)");
  EXPECT_THAT(loaded.errors, IsEmpty());
  EXPECT_EQ(loaded.config.socketio.ping_interval_ms, 1500U);
  EXPECT_FALSE(loaded.config.socketio.allow_eio3);
  EXPECT_THAT(loaded.config.socketio.cors_origins, ElementsAre("https://a.example"));
  EXPECT_EQ(loaded.config.server.listen, "[::1]:9000");
  EXPECT_EQ(loaded.origins.at("socketio.ping_interval_ms"), "kith.toml:3");
}

TEST(Config, TheEnvironmentWinsOverTheFileAndTheCommandLineOverBoth) {
  auto sources = from({{"KITH_SERVER_LISTEN", "127.0.0.1:2"}, {"KITH_SERVER_REACTORS", "2"}});
  constexpr std::string_view file =
      "[server]\nlisten = \"127.0.0.1:1\"\nreactors = 1\ndata_dir = \"a\"\n";
  const auto before = load_config(sources, file);
  EXPECT_EQ(before.config.server.listen, "127.0.0.1:2");
  sources.settings = {{"server.listen", "127.0.0.1:3"}};
  const auto loaded = load_config(sources, file);
  EXPECT_EQ(loaded.config.server.listen, "127.0.0.1:3");
  EXPECT_EQ(loaded.config.server.reactors, 2U);
  EXPECT_EQ(loaded.config.server.data_dir, "a");
  EXPECT_EQ(loaded.origins.at("server.listen"), "command line");
  EXPECT_EQ(loaded.origins.at("server.reactors"), "environment variable KITH_SERVER_REACTORS");
}

TEST(Config, EverySettingCanBeGivenInTheFileAndInTheEnvironment) {
  for (const auto& setting : settings()) {
    Config config;
    const auto slot = setting.of_config(config);
    const auto dot = setting.key.find('.');
    const auto file = "[" + std::string{setting.key.substr(0, dot)} + "]\n" +
                      std::string{setting.key.substr(dot + 1)} + " = " + to_toml(slot) + "\n";
    const auto by_file = load(file);
    EXPECT_THAT(by_file.errors, IsEmpty()) << file;
    EXPECT_EQ(by_file.origins.count(setting.key), 1U);

    std::string text = to_toml(slot);
    std::erase_if(text, [](char c) { return c == '"' || c == '[' || c == ']'; });
    const auto by_environment = load("", {{environment_name(setting.key), text}});
    EXPECT_THAT(by_environment.errors, IsEmpty()) << text;
    EXPECT_EQ(by_environment.origins.count(setting.key), 1U);
  }
}

TEST(Config, AnUnknownKeyNamesItsLineAndTheNearestKey) {
  EXPECT_EQ(only_error(load("[socketio]\n\nping_intervall_ms = 1500\n")),
            "kith.toml:3: unknown setting socketio.ping_intervall_ms; did you mean "
            "socketio.ping_interval_ms?");
  EXPECT_EQ(only_error(load("[sockectio]\nping_interval_ms = 1500\n")),
            "kith.toml:1: unknown setting sockectio; did you mean socketio?");
  EXPECT_THAT(only_error(load("listen = \"a:1\"\n")),
              HasSubstr("unknown setting listen; did you mean server.listen?"));
  EXPECT_THAT(only_error(load("apps = 5\n")), HasSubstr("unknown setting apps"));
  EXPECT_THAT(only_error(load("[apps.shop.more]\nx = 1\n")),
              HasSubstr("unknown setting apps.shop.more"));
}

TEST(Config, ACertificateComesWithItsKey) {
  EXPECT_EQ(only_error(load("[server]\ntls_key_file = \"k.pem\"\n")),
            "kith.toml:2: server.tls_cert_file and server.tls_key_file are set together or not at "
            "all");
  const auto both = load("[server]\ntls_key_file = \"k.pem\"\ntls_cert_file = \"/c.pem\"\n");
  EXPECT_THAT(both.errors, IsEmpty());
  EXPECT_TRUE(both.config.tls());
  EXPECT_EQ(both.config.path_of(both.config.server.tls_key_file), "./data/k.pem");
  EXPECT_EQ(both.config.path_of(both.config.server.tls_cert_file), "/c.pem");
  EXPECT_FALSE(Config{}.tls());
}

TEST(Config, AnUnknownVariableNamesTheNearestOne) {
  EXPECT_EQ(only_error(load("", {{"KITH_SOCKETIO_PING_INTERVAL", "1500"}})),
            "environment: unknown setting KITH_SOCKETIO_PING_INTERVAL; did you mean "
            "KITH_SOCKETIO_PING_INTERVAL_MS?");
}

TEST(Config, VariablesOfOthersAndOfTheProjectsToolsAreLeftAlone) {
  EXPECT_THAT(load("",
                   {{"HOME", "/"},
                    {"XKITH_A", "b"},
                    {"KITH_TEST_DEADLINE_MS", "1"},
                    {"KITH_SETUP_REPLACE_BOOST", "1"}})
                  .errors,
              IsEmpty());
}

TEST(Config, ABadValueNamesItsPlaceAndWhatIsExpected) {
  EXPECT_EQ(only_error(load("[server]\nreactors = \"two\"\n")),
            "kith.toml:2: server.reactors must be a whole number from 0 to 64");
  EXPECT_EQ(only_error(load("[server]\nreactors = 257\n")),
            "kith.toml:2: server.reactors must be from 0 to 64, not 257");
  EXPECT_EQ(only_error(load("", {{"KITH_SERVER_REACTORS", "two"}})),
            "environment variable KITH_SERVER_REACTORS: server.reactors must be a whole number "
            "from 0 to 64");
  EXPECT_THAT(only_error(load("[server]\nreactors = 1.5\n")),
              HasSubstr("must be a number, true or false"));
  EXPECT_THAT(only_error(load("[socketio]\ntransports = [1]\n")), HasSubstr("list of texts"));
  EXPECT_THAT(only_error(load("[server.listen]\nx = 1\n")), HasSubstr("server.listen must be"));
}

TEST(Config, EverythingWrongIsListedNotOnlyTheFirst) {
  EXPECT_EQ(
      load("[server]\nreactors = -1\nlisten = \"x\"\nfoo = 1\n", {{"KITH_FOO", ""}}).errors.size(),
      4U);
}

TEST(Config, AFileThatIsNotTomlNamesTheLine) {
  EXPECT_THAT(only_error(load("[server]\nlisten = \n")), HasSubstr("kith.toml:2: "));
  EXPECT_THAT(only_error(load("[server]\nreactors = 1\nreactors = 2\n")),
              HasSubstr("kith.toml:3: "));
}

TEST(Config, ApplicationsInheritWhatTheyDoNotSet) {
  const auto loaded = load(R"(
[apps.shop]
text_bytes_max = 100
[app_defaults]
members_max = 50
[apps.game]
members_max = 10
)");
  EXPECT_THAT(loaded.errors, IsEmpty());
  const auto& config = loaded.config;
  EXPECT_EQ(config.app("shop").text_bytes_max, 100U);
  EXPECT_EQ(config.app("shop").members_max, 50U);
  EXPECT_EQ(config.app("shop").deliver_within, OptionalNumber{5});
  EXPECT_EQ(config.app("game").members_max, 10U);
  EXPECT_EQ(config.app("another"), config.app_defaults);
}

TEST(Config, AnApplicationCanLowerALimitButNotRaiseIt) {
  const auto most = base::limits::text_bytes_max;
  EXPECT_THAT(load("[apps.shop]\ntext_bytes_max = " + std::to_string(most) + "\n").errors,
              IsEmpty());
  EXPECT_THAT(only_error(load("[apps.shop]\ntext_bytes_max = " + std::to_string(most + 1) + "\n")),
              HasSubstr("kith.toml:2: apps.shop.text_bytes_max must be from 1 to"));
  EXPECT_THAT(only_error(load("[app_defaults]\nmembers_max = 1000000\n")),
              HasSubstr("app_defaults.members_max must be"));
}

TEST(Config, AMessageWaitsForTheDatabaseSoLongOrUntilItIsStored) {
  const auto loaded = load("[apps.shop]\ndeliver_within = 0\n[apps.game]\ndeliver_within = 20\n",
                           {{"KITH_APP_DEFAULTS_DELIVER_WITHIN", "committed"}});
  EXPECT_THAT(loaded.errors, IsEmpty());
  EXPECT_EQ(loaded.config.app("shop").deliver_within, OptionalNumber{0});
  EXPECT_EQ(loaded.config.app("game").deliver_within, OptionalNumber{20});
  EXPECT_EQ(loaded.config.app("another").deliver_within, std::nullopt);
  EXPECT_THAT(only_error(load("[apps.shop]\ndeliver_within = 10001\n")),
              HasSubstr("must be from 0 to 10000, not 10001, or \"committed\""));
  EXPECT_THAT(only_error(load("[apps.shop]\ndeliver_within = \"soon\"\n")),
              HasSubstr("must be a whole number from 0 to 10000, or \"committed\""));
}

TEST(Config, AnUnknownSettingOfAnApplicationNamesTheNearest) {
  EXPECT_THAT(only_error(load("[apps.shop]\ntext_byte_max = 1\n")),
              HasSubstr("did you mean apps.shop.text_bytes_max?"));
  EXPECT_THAT(only_error(load("[app_defaults]\nmember_max = 1\n")),
              HasSubstr("did you mean app_defaults.members_max?"));
}

TEST(Config, ApplicationsAreSetInTheEnvironmentToo) {
  const auto loaded = load("[apps.my-shop]\nmembers_max = 9\n",
                           {{"KITH_APPS_MY_SHOP_MEMBERS_MAX", "8"},
                            {"KITH_APPS_GAME_TEXT_BYTES_MAX", "7"},
                            {"KITH_APP_DEFAULTS_MEMBERS_MAX", "6"}});
  EXPECT_THAT(loaded.errors, IsEmpty());
  EXPECT_EQ(loaded.config.app("my-shop").members_max, 8U);
  EXPECT_EQ(loaded.config.app("game").text_bytes_max, 7U);
  EXPECT_EQ(loaded.config.app("game").members_max, 6U);
  EXPECT_EQ(loaded.origins.at("apps.my-shop.members_max"),
            "environment variable KITH_APPS_MY_SHOP_MEMBERS_MAX");
}

TEST(Config, DevelopmentRaisesLimitsUnlessTheyAreGiven) {
  auto sources = from({});
  sources.dev = true;
  const auto dev = load_config(sources, "");
  EXPECT_THAT(dev.errors, IsEmpty());
  EXPECT_TRUE(dev.config.dev);
  EXPECT_EQ(dev.config.limits.user_messages_per_s, 0U);
  EXPECT_GT(dev.config.limits.handshakes_pending_max, LimitSettings{}.handshakes_pending_max);
  EXPECT_THAT(dev.config.socketio.cors_origins, ElementsAre("*"));
  EXPECT_EQ(dev.origins.at("limits.user_messages_per_s"), "--dev");

  const auto given =
      load_config(sources, "[limits]\nuser_messages_per_s = 3\n[socketio]\ncors_origins = []\n");
  EXPECT_EQ(given.config.limits.user_messages_per_s, 3U);
  EXPECT_THAT(given.config.socketio.cors_origins, IsEmpty());
}

TEST(Config, DevelopmentListensOnLoopbackOnly) {
  auto sources = from({});
  sources.dev = true;
  sources.settings = {{"server.listen", "0.0.0.0:8080"}};
  EXPECT_THAT(only_error(load_config(sources, "")),
              HasSubstr("command line: --dev trusts whoever connects"));
  sources.settings = {};
  EXPECT_THAT(only_error(load_config(sources, "[server]\nlisten = \"192.0.2.1:80\"\n")),
              HasSubstr("kith.toml:2: --dev"));
  sources.settings = {{"server.listen", "127.0.0.1:0"}};
  EXPECT_THAT(load_config(sources, "").errors, IsEmpty());
  sources.dev = false;
  sources.settings = {{"server.listen", "0.0.0.0:8080"}};
  EXPECT_THAT(load_config(sources, "").errors, IsEmpty());
}

TEST(Config, TheDatabaseLiesInTheDataFolderUnlessItsPathIsWhole) {
  Config config;
  EXPECT_EQ(config.store_path(), "./data/kith.db");
  config.store.url = "sqlite:/var/lib/kith/chat.db";
  EXPECT_EQ(config.store_path(), "/var/lib/kith/chat.db");
}

TEST(Config, TheDescriptionNamesValuesAndOrigins) {
  const auto text = describe(
      load("[apps.shop]\nmembers_max = 5\n[server]\nreactors = 2\n", {{"KITH_LOG_JSON", "true"}}));
  EXPECT_THAT(text, HasSubstr("server.reactors = 2  # kith.toml:4\n"));
  EXPECT_THAT(text, HasSubstr("log.json = true  # environment variable KITH_LOG_JSON\n"));
  EXPECT_THAT(text, HasSubstr("socketio.allow_eio3 = true  # default\n"));
  EXPECT_THAT(text, HasSubstr("app_defaults.members_max = 10000  # default\n"));
  EXPECT_THAT(text, HasSubstr("apps.shop.members_max = 5  # kith.toml:2\n"));
}

TEST(Config, AFileThatCanNotBeReadIsAnErrorWithItsName) {
  const auto loaded = load_config(
      ConfigSources{.file_name = "/nonexistent/kith.toml", .environment = {}, .settings = {}});
  EXPECT_THAT(only_error(loaded), HasSubstr("/nonexistent/kith.toml: can not be read"));
}

TEST(Config, AFileIsReadFromDiskAndBoundedInSize) {
  std::string name = ::testing::TempDir() + "kith_config_XXXXXX";
  const int fd = ::mkstemp(name.data());
  ASSERT_GE(fd, 0);
  std::ofstream{name} << "[server]\nreactors = 3\n";
  const ConfigSources sources{.file_name = name, .environment = {}, .settings = {}};
  EXPECT_EQ(load_config(sources).config.server.reactors, 3U);
  std::ofstream{name} << std::string(1024 * 1024 + 1, '#');
  EXPECT_THAT(only_error(load_config(sources)), HasSubstr("larger than 1 MiB"));
  std::remove(name.c_str());
}

RC_GTEST_PROP(Config, AnyBytesAreAFileOrAnError, (const std::string& bytes)) {
  load_config(ConfigSources{.file_name = "f", .environment = {}, .settings = {}}, bytes);
}

RC_GTEST_PROP(Config,
              AnyVariableIsASettingOrAnError,
              (const std::string& name, const std::string& text)) {
  const auto loaded = load_config(
      ConfigSources{.file_name = "", .environment = {{"KITH_" + name, text}}, .settings = {}});
  RC_ASSERT(loaded.errors.size() + loaded.origins.size() == 1 || name.starts_with("TEST_") ||
            name.starts_with("SETUP_"));
}

}  // namespace
}  // namespace kith::server
