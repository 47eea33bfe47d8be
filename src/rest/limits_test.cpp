#include "rest/limits.hpp"

#include "base/limits.hpp"
#include "wire/json/parser.hpp"

#include <gtest/gtest.h>

#include <set>

namespace kith::rest {
namespace {

TEST(RestLimits, every_limit_stands_there_once_with_its_value) {
  const std::vector<Limit> settings{{"max_payload_bytes", 1'000'000}, {"ping_interval_ms", 25'000}};
  const auto text = limits_json({.text_bytes_max = 10,
                                 .custom_bytes_max = 0,
                                 .members_max = 3,
                                 .messages_per_s = 40,
                                 .commands_per_s = 50},
                                settings);
  wire::json::Parser parser;
  const auto value = parser.parse(text);
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value->find("text_bytes_max")->as_uint(), 10U);
  EXPECT_EQ(value->find("custom_bytes_max")->as_uint(), 0U);
  EXPECT_EQ(value->find("members_max")->as_uint(), 3U);
  EXPECT_EQ(value->find("app_messages_per_s")->as_uint(), 40U);
  EXPECT_EQ(value->find("app_commands_per_s")->as_uint(), 50U);
  EXPECT_EQ(value->find("refusals_max")->as_uint(), base::limits::refusals_max);
  EXPECT_EQ(value->find("max_payload_bytes")->as_uint(), 1'000'000U);
  EXPECT_EQ(value->find("ping_interval_ms")->as_uint(), 25'000U);
  EXPECT_EQ(value->find("history_page_max")->as_uint(), base::limits::history_page_max);
  EXPECT_EQ(value->find("room_members_max")->as_uint(), base::limits::room_members_max);
  std::set<std::string> names;
  for (const auto [name, limit] : value->members()) {
    EXPECT_TRUE(names.emplace(name).second) << name;
    EXPECT_TRUE(limit.as_uint().has_value()) << name;
  }
}

}  // namespace
}  // namespace kith::rest
