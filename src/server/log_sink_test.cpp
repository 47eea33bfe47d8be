#include "server/log_sink.hpp"

#include <boost/json.hpp>

#include <sstream>

namespace kith::server {
namespace {

using base::LogLevel;
using ::testing::HasSubstr;

class LogSinkTest : public ::testing::Test {
 protected:
  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    std::istringstream in{out_.str()};
    for (std::string line; std::getline(in, line);)
      all.push_back(line);
    return all;
  }

  base::ManualClock clock_;
  std::ostringstream out_;
};

TEST_F(LogSinkTest, WritesOneLineAnEvent) {
  LogSink sink{{}, clock_, out_};
  sink.log(LogLevel::info, "listening", {{"address", "127.0.0.1:8080"}, {"reactors", 2}});
  EXPECT_EQ(
      out_.str(),
      "ts=2026-01-01T10:00:00.000Z level=info event=listening address=127.0.0.1:8080 reactors=2\n");
}

TEST_F(LogSinkTest, WhatIsBelowTheLevelIsDropped) {
  LogSink sink{{.least = LogLevel::warning}, clock_, out_};
  sink.log(LogLevel::debug, "a", {});
  sink.log(LogLevel::info, "b", {});
  EXPECT_EQ(out_.str(), "");
  sink.log(LogLevel::warning, "c", {});
  sink.log(LogLevel::error, "d", {});
  EXPECT_EQ(lines().size(), 2U);
}

TEST_F(LogSinkTest, TheLevelMayChange) {
  LogSink sink{{.least = LogLevel::error}, clock_, out_};
  sink.log(LogLevel::info, "a", {});
  sink.set_least(LogLevel::info);
  sink.log(LogLevel::info, "b", {});
  EXPECT_EQ(lines().size(), 1U);
  EXPECT_THAT(out_.str(), HasSubstr("event=b"));
}

TEST_F(LogSinkTest, JsonLinesHoldTheSameAndCanNotBeForged) {
  LogSink sink{{.json = true}, clock_, out_};
  sink.log(LogLevel::error,
           "store_failed",
           {{"code", -3},
            {"again", true},
            {"share", 0.5},
            {"path", "a\"b\n{}"},
            {"rows", std::uint64_t{7}}});
  ASSERT_EQ(lines().size(), 1U);
  const auto line = boost::json::parse(lines()[0]).as_object();
  EXPECT_EQ(line.at("ts"), "2026-01-01T10:00:00.000Z");
  EXPECT_EQ(line.at("level"), "error");
  EXPECT_EQ(line.at("event"), "store_failed");
  EXPECT_EQ(line.at("code"), -3);
  EXPECT_EQ(line.at("again"), true);
  EXPECT_EQ(line.at("share"), 0.5);
  EXPECT_EQ(line.at("path"), "a\"b\n{}");
  EXPECT_EQ(line.at("rows").to_number<int>(), 7);
}

TEST_F(LogSinkTest, AFormatsSignsInAValueStayAsTheyAre) {
  LogSink sink{{}, clock_, out_};
  sink.log(LogLevel::info, "a", {{"text", "%v{}%%"}});
  EXPECT_THAT(out_.str(), HasSubstr("text=%v{}%%\n"));
}

TEST_F(LogSinkTest, AFloodOfOneEventIsCountedInsteadOfWritten) {
  LogSink sink{{.lines_per_event_per_s = 3}, clock_, out_};
  for (int i = 0; i < 10; ++i)
    sink.log(LogLevel::info, "flood", {});
  sink.log(LogLevel::info, "other", {});
  EXPECT_EQ(lines().size(), 4U) << "three of the flood, and another event is not held back";
  clock_.advance(std::chrono::milliseconds{999});
  sink.log(LogLevel::info, "flood", {});
  EXPECT_EQ(lines().size(), 4U);
  clock_.advance(std::chrono::milliseconds{1});
  sink.log(LogLevel::info, "flood", {});
  ASSERT_EQ(lines().size(), 6U);
  EXPECT_THAT(lines()[4], HasSubstr("level=warning event=log_suppressed of=flood lines=8"));
  EXPECT_THAT(lines()[5], HasSubstr("event=flood"));
}

TEST_F(LogSinkTest, WhatWasDoneInWhoseNameIsWrittenAtEveryLevelAndAsOftenAsItWas) {
  LogSink sink{{.least = LogLevel::error, .lines_per_event_per_s = 1}, clock_, out_};
  for (int i = 0; i < 5; ++i)
    sink.log(LogLevel::audit, "acted_for", {});
  EXPECT_EQ(lines().size(), 5U);
  EXPECT_THAT(lines()[4], HasSubstr("level=audit"));
}

TEST_F(LogSinkTest, MoreEventsThanItKeepsCountOfDoNotGrowIt) {
  LogSink sink{{.lines_per_event_per_s = 1}, clock_, out_};
  for (int i = 0; i < 3000; ++i)
    sink.log(LogLevel::info, "event_" + std::to_string(i), {});
  EXPECT_EQ(lines().size(), 3000U);
}

TEST(LogLevelText, KnowsFourLevels) {
  EXPECT_EQ(parse_log_level("debug"), LogLevel::debug);
  EXPECT_EQ(parse_log_level("info"), LogLevel::info);
  EXPECT_EQ(parse_log_level("warning"), LogLevel::warning);
  EXPECT_EQ(parse_log_level("error"), LogLevel::error);
  EXPECT_EQ(parse_log_level("INFO"), std::nullopt);
  EXPECT_EQ(parse_log_level("audit"), std::nullopt) << "it can not be switched";
}

}  // namespace
}  // namespace kith::server
