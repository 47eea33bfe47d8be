#include "server/settings.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace kith::server {
namespace {

TEST(ConfigurationReference, ThePageInDocsIsWhatTheTableSays) {
  std::ifstream page{KITH_SOURCE_DIR "/docs/configuration.md"};
  ASSERT_TRUE(page) << "docs/configuration.md is missing";
  std::ostringstream text;
  text << page.rdbuf();
  EXPECT_EQ(text.str(), configuration_reference())
      << "write it anew: kith check-config --reference > docs/configuration.md";
}

TEST(ConfigurationReference, EverySettingHasARow) {
  const auto page = configuration_reference();
  for (const auto table : {settings(), app_settings()})
    for (const auto& setting : table) {
      EXPECT_NE(page.find("| `" + std::string{setting.key} + "` | `"), std::string::npos)
          << setting.key;
      EXPECT_NE(page.find(setting.text), std::string::npos) << setting.key;
    }
}

TEST(ConfigurationReference, RangesAndDevelopmentDefaultsAreShown) {
  const auto page = configuration_reference();
  EXPECT_NE(page.find("| `limits.user_messages_per_s` | `50` (`--dev`: `0`) | 0 to 1000000 |"),
            std::string::npos);
  EXPECT_NE(page.find("| `socketio.allow_eio3` | `true` | `true`, `false` |"), std::string::npos);
}

}  // namespace
}  // namespace kith::server
