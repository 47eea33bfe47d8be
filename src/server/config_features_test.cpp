#include "server/config.hpp"

#include <gtest/gtest.h>

#include <gmock/gmock.h>

namespace kith::server {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

LoadedConfig load(std::string_view file, std::vector<EnvironmentVariable> environment = {}) {
  return load_config(
      {.file_name = "kith.toml", .environment = std::move(environment), .settings = {}}, file);
}

std::string only_error(std::string_view file) {
  const auto loaded = load(file);
  EXPECT_EQ(loaded.errors.size(), 1U) << ::testing::PrintToString(loaded.errors);
  return loaded.errors.empty() ? "" : loaded.errors.front();
}

TEST(Config, FeaturesAreSwitchedForAllApplicationsOrForOne) {
  const auto loaded = load(R"(
[app_defaults]
features.rooms = false
[apps.shop.features]
typing = false
rooms = true
[apps.game]
features = {presence = false}
)",
                           {{"KITH_APPS_SHOP_FEATURES_RECEIPTS", "false"}});
  EXPECT_THAT(loaded.errors, IsEmpty());
  EXPECT_EQ(loaded.config.app("another").features, (FeatureSwitches{.rooms = false}));
  EXPECT_EQ(loaded.config.app("shop").features,
            (FeatureSwitches{.receipts = false, .typing = false}));
  EXPECT_EQ(loaded.config.app("game").features,
            (FeatureSwitches{.presence = false, .rooms = false}));
  EXPECT_EQ(loaded.origins.at("apps.shop.features.typing"), "kith.toml:5");
}

TEST(Config, AFeatureThatThereIsNotNamesTheNearest) {
  EXPECT_THAT(only_error("[apps.shop.features]\nroom = true\n"),
              HasSubstr("kith.toml:2: unknown setting apps.shop.features.room; did you mean "
                        "apps.shop.features.rooms?"));
  EXPECT_THAT(only_error("[app_defaults]\nfeatures.calls = true\n"),
              HasSubstr("unknown setting app_defaults.features.calls"));
  EXPECT_THAT(only_error("[features]\nrooms = true\n"), HasSubstr("unknown setting features"));
  EXPECT_THAT(only_error("[app_defaults]\nfeatures = false\n"),
              HasSubstr("unknown setting app_defaults.features"));
  EXPECT_THAT(only_error("[app_defaults]\nfeatures.rooms = 0\n"),
              HasSubstr("must be true or false"));
}

}  // namespace
}  // namespace kith::server
