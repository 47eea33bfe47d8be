#include "server/reload.hpp"

#include "server/settings.hpp"

namespace kith::server {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Reload, WithoutAChangeSaysNothing) {
  Config config;
  config.apps["shop"] = config.app_defaults;
  const auto out = take_live(config, config);
  EXPECT_THAT(out.changed, IsEmpty());
  EXPECT_THAT(out.needs_restart, IsEmpty());
}

TEST(Reload, TakesWhatMayChangeAndKeepsTheRest) {
  const Config running;
  Config fresh;
  fresh.log.level = "debug";
  fresh.limits.user_messages_per_s = 7;
  fresh.server.listen = "127.0.0.1:1";
  fresh.socketio.cors_origins = {"*"};
  const auto out = take_live(running, fresh);
  EXPECT_THAT(out.changed, ElementsAre("limits.user_messages_per_s", "log.level"));
  EXPECT_THAT(out.needs_restart, ElementsAre("server.listen", "socketio.cors_origins"));
  EXPECT_EQ(out.config.log.level, "debug");
  EXPECT_EQ(out.config.limits.user_messages_per_s, 7U);
  EXPECT_EQ(out.config.server.listen, running.server.listen);
  EXPECT_THAT(out.config.socketio.cors_origins, IsEmpty());
}

TEST(Reload, ApplicationsChangeComeAndGo) {
  Config running;
  running.apps["old"].members_max = 5;
  running.apps["same"].members_max = 6;
  Config fresh = running;
  fresh.apps.erase("old");
  fresh.apps["new"].members_max = 7;
  const auto out = take_live(running, fresh);
  EXPECT_THAT(out.changed, ElementsAre("apps.new", "apps.old"));
  EXPECT_EQ(out.config.app("new").members_max, 7U);
  EXPECT_EQ(out.config.app("old").members_max, running.app_defaults.members_max);
  fresh.app_defaults.text_bytes_max = 9;
  EXPECT_THAT(take_live(running, fresh).changed, Contains("app_defaults"));
}

TEST(Reload, CertificatesChangeButTlsIsNotSwitchedOnOrOff) {
  Config plain;
  Config tls;
  tls.server.tls_cert_file = "a.pem";
  tls.server.tls_key_file = "b.pem";
  const auto on = take_live(plain, tls);
  EXPECT_THAT(on.needs_restart, ElementsAre("server.tls_cert_file", "server.tls_key_file"));
  EXPECT_FALSE(on.config.tls());
  EXPECT_TRUE(take_live(tls, plain).config.tls());
  Config other = tls;
  other.server.tls_cert_file = "c.pem";
  const auto changed = take_live(tls, other);
  EXPECT_THAT(changed.changed, ElementsAre("server.tls_cert_file"));
  EXPECT_EQ(changed.config.server.tls_cert_file, "c.pem");
}

TEST(Reload, EachLiveSettingIsOneThatThereIs) {
  const auto all = settings();
  for (const auto key : live_settings())
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const auto& one) {
      return one.key == key && is_live(key);
    })) << key;
  EXPECT_FALSE(is_live("server.listen"));
}

}  // namespace
}  // namespace kith::server
