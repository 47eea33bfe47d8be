#include "server/settings.hpp"

#include "delivery/network.hpp"
#include "wire/json/parser.hpp"

#include <rapidcheck/gtest.h>

#include <set>

namespace kith::server {
namespace {

Slot slot_of(const Setting& setting, Config& config) {
  return setting.of_config != nullptr ? setting.of_config(config)
                                      : setting.of_app(config.app_defaults);
}

TEST(Settings, EachHasOnePlaceANameOfItsOwnAndASentence) {
  std::set<std::string> names;
  for (const auto table : {settings(), app_settings()}) {
    for (const auto& setting : table) {
      EXPECT_NE(setting.of_config == nullptr, setting.of_app == nullptr) << setting.key;
      EXPECT_TRUE(setting.text.ends_with('.')) << setting.key;
      EXPECT_TRUE(names.insert(environment_name(setting.key)).second) << setting.key;
    }
  }
}

TEST(Settings, NoTwoShareAPlace) {
  Config config;
  std::set<const void*> places;
  for (const auto table : {settings(), app_settings()})
    for (const auto& setting : table)
      std::visit([&](auto* at) { EXPECT_TRUE(places.insert(at).second) << setting.key; },
                 slot_of(setting, config));
}

TEST(Settings, EachDefaultIsAValueItWouldTake) {
  for (const auto table : {settings(), app_settings()}) {
    for (const auto& setting : table) {
      Config config;
      const auto slot = slot_of(setting, config);
      const auto value = std::visit(
          [](auto* at) -> RawValue {
            if constexpr (std::is_same_v<decltype(at), std::uint32_t*>)
              return std::int64_t{*at};
            else if constexpr (std::is_same_v<decltype(at), OptionalNumber*>)
              return *at ? RawValue{std::int64_t{**at}} : RawValue{std::string{"committed"}};
            else
              return *at;
          },
          slot);
      EXPECT_TRUE(assign(setting, slot, value).has_value()) << setting.key;
      if (setting.dev) {
        EXPECT_TRUE(assign_text(setting, slot, *setting.dev).has_value()) << setting.key;
      }
    }
  }
}

TEST(Settings, TheDefaultsAreThoseOfTheProtocol) {
  const Config config;
  EXPECT_EQ(config.socketio.ping_interval_ms, 25'000U);
  EXPECT_EQ(config.socketio.ping_timeout_ms, 20'000U);
  EXPECT_EQ(config.socketio.upgrade_timeout_ms, 10'000U);
  EXPECT_EQ(config.socketio.connect_timeout_ms, 45'000U);
  EXPECT_EQ(config.socketio.max_payload_bytes, 1'000'000U);
  EXPECT_TRUE(config.socketio.allow_eio3);
  EXPECT_EQ(config.limits.catchup_events_max, 10'000U);
  EXPECT_EQ(config.server.data_dir, "./data");
  EXPECT_EQ(config.store.url, "sqlite:kith.db");
}

TEST(Settings, NoPayloadIsAllowedThatNoParserTakes) {
  const auto* setting = find_setting("socketio.max_payload_bytes");
  ASSERT_NE(setting, nullptr);
  EXPECT_LE(setting->most, wire::json::Parser::capacity_bytes_limit);
}

TEST(Settings, NoMoreReactorsAreAllowedThanThereCanBe) {
  EXPECT_EQ(find_setting("server.reactors")->most, delivery::reactors_max);
}

TEST(Settings, NumbersAreTakenAtTheirEdgesAndNotPastThem) {
  for (const auto table : {settings(), app_settings()}) {
    for (const auto& setting : table) {
      Config config;
      const auto slot = slot_of(setting, config);
      if (!std::holds_alternative<std::uint32_t*>(slot)) continue;
      for (const auto edge : {setting.least, setting.most}) {
        ASSERT_TRUE(assign(setting, slot, std::int64_t{edge}).has_value()) << setting.key;
        EXPECT_EQ(*std::get<std::uint32_t*>(slot), edge);
      }
      for (const auto past : {std::int64_t{setting.least} - 1, std::int64_t{setting.most} + 1}) {
        EXPECT_TRUE(assign(setting, slot, past).has_error()) << setting.key;
        EXPECT_EQ(*std::get<std::uint32_t*>(slot), setting.most) << "an error changes nothing";
      }
    }
  }
}

TEST(Settings, AValueOfAnotherTypeIsRefusedWithWhatIsExpected) {
  Config config;
  const auto refused = [&](std::string_view key, const RawValue& value, std::string_view words) {
    const auto& setting = *find_setting(key);
    const auto result = assign(setting, setting.of_config(config), value);
    ASSERT_TRUE(result.has_error()) << key;
    EXPECT_NE(result.error().text.find(words), std::string::npos) << result.error().text;
  };
  refused("server.reactors", std::string{"two"}, "whole number from 0 to 64");
  refused("server.reactors", true, "whole number");
  refused("socketio.allow_eio3", std::int64_t{1}, "true or false");
  refused("server.listen", std::int64_t{8080}, "a text");
  refused("server.listen", std::string{"8080"}, "ADDRESS:PORT");
  refused("server.data_dir", std::string{}, "must not be empty");
  refused("socketio.transports", std::string{"polling"}, "list of texts");
  refused("socketio.transports", std::vector<std::string>{}, "polling, websocket or both");
  refused("socketio.transports", std::vector<std::string>{"ftp"}, "\"ftp\"");
  refused("socketio.cors_origins", std::vector<std::string>{"example.org"}, "https://");
  refused("log.level", std::string{"loud"}, "debug, info, warning or error");
}

TEST(Settings, AnotherDatabasesUrlIsRefusedWithoutRepeatingItsPassword) {
  Config config;
  const auto& setting = *find_setting("store.url");
  for (const auto* url : {"postgres://kith:hunter2@db/kith", "sqlite:", ""}) {
    const auto result = assign_text(setting, setting.of_config(config), url);
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error().text, "must be sqlite:FILE");
  }
}

TEST(Settings, OriginsAreSchemeAndHostOrAny) {
  Config config;
  const auto& setting = *find_setting("socketio.cors_origins");
  const auto takes = [&](const char* text) {
    return assign_text(setting, setting.of_config(config), text).has_value();
  };
  for (const auto* good : {"*",
                           "https://a.example",
                           "http://localhost:3000",
                           "https://a.example, https://b.example",
                           ""})
    EXPECT_TRUE(takes(good)) << good;
  for (const auto* bad : {"a.example", "ftp://a", "https://", "https://a/path", "https://a?b"})
    EXPECT_FALSE(takes(bad)) << bad;
}

TEST(Settings, TextOfTheEnvironmentBecomesNumbersTruthsAndLists) {
  Config config;
  const auto set = [&](std::string_view key, std::string_view text) {
    const auto& setting = *find_setting(key);
    return assign_text(setting, setting.of_config(config), text).has_value();
  };
  EXPECT_TRUE(set("socketio.ping_interval_ms", "1500"));
  EXPECT_EQ(config.socketio.ping_interval_ms, 1500U);
  for (const auto* bad : {"1500ms", "", " 1500", "0x10", "1e3", "99999999999999999999"})
    EXPECT_FALSE(set("socketio.ping_interval_ms", bad)) << bad;
  EXPECT_TRUE(set("socketio.allow_eio3", "false"));
  EXPECT_FALSE(config.socketio.allow_eio3);
  EXPECT_TRUE(set("socketio.allow_eio3", "1"));
  EXPECT_TRUE(config.socketio.allow_eio3);
  EXPECT_FALSE(set("socketio.allow_eio3", "yes"));
  EXPECT_TRUE(set("socketio.transports", " websocket , polling,"));
  EXPECT_EQ(config.socketio.transports, (std::vector<std::string>{"websocket", "polling"}));
  EXPECT_TRUE(set("server.admin_listen", "")) << "none";
}

TEST(Settings, EnvironmentNamesAreCapitalsAndUnderscores) {
  EXPECT_EQ(environment_name("socketio.ping_interval_ms"), "KITH_SOCKETIO_PING_INTERVAL_MS");
  EXPECT_EQ(environment_name("apps.my-shop.members_max"), "KITH_APPS_MY_SHOP_MEMBERS_MAX");
}

TEST(Settings, ValuesPrintAsTomlWritesThem) {
  Config config;
  config.socketio.cors_origins = {"https://a", "b\"\\\n"};
  const auto print = [&](std::string_view key) {
    return to_toml(find_setting(key)->of_config(config));
  };
  EXPECT_EQ(print("server.reactors"), "0");
  EXPECT_EQ(print("socketio.allow_eio3"), "true");
  EXPECT_EQ(print("server.data_dir"), "\"./data\"");
  EXPECT_EQ(print("socketio.cors_origins"), "[\"https://a\", \"b\\\"\\\\\\u000a\"]");
}

TEST(Settings, APasswordInAUrlPrintsAsStars) {
  Config config;
  const auto print = [&](std::string url) {
    config.store.url = std::move(url);
    const auto& setting = *find_setting("store.url");
    return to_toml_without_secrets(setting, setting.of_config(config));
  };
  EXPECT_EQ(print("sqlite:kith.db"), "\"sqlite:kith.db\"");
  EXPECT_EQ(print("postgres://kith:hunter2@db:5432/kith"), "\"postgres://kith:***@db:5432/kith\"");
  EXPECT_EQ(print("postgres://kith:hun@ter2@db/kith"), "\"postgres://kith:***@db/kith\"");
  EXPECT_EQ(print("postgres://db:5432/kith"), "\"postgres://db:5432/kith\"");
}

TEST(Nearest, NamesTheCandidateWithTheFewestEdits) {
  const std::vector<std::string> keys{"ping_interval_ms", "ping_timeout_ms", "listen"};
  EXPECT_EQ(nearest("ping_intervall_ms", keys), "ping_interval_ms");
  EXPECT_EQ(nearest("ping_timeout", keys), "ping_timeout_ms");
  EXPECT_EQ(nearest("listne", keys), "listen");
}

RC_GTEST_PROP(Nearest,
              GivesBackAWordThatIsThere,
              (std::vector<std::string> others, std::string word)) {
  others.push_back(word);
  RC_ASSERT(nearest(word, others) == word);
}

}  // namespace
}  // namespace kith::server
