#include "base/fault.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "base/time.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace kith::base {
namespace {

TEST(LogLine, is_key_equals_value) {
  EXPECT_EQ(
      format_log_line(LogLevel::info, "listening", {{"address", "127.0.0.1:80"}, {"port", 80}}),
      "level=info event=listening address=127.0.0.1:80 port=80");
  EXPECT_EQ(format_log_line(LogLevel::error, "x", {}), "level=error event=x");
}

TEST(LogLine, takes_numbers_of_every_kind) {
  EXPECT_EQ(
      format_log_line(
          LogLevel::debug,
          "x",
          {{"a", -1}, {"b", ~std::uint64_t{0}}, {"c", 1.5}, {"d", true}, {"e", std::string{"s"}}}),
      "level=debug event=x a=-1 b=18446744073709551615 c=1.5 d=true e=s");
}

TEST(LogLine, can_not_be_forged_by_a_value) {
  EXPECT_EQ(format_log_line(LogLevel::warning, "x", {{"a", "b\nlevel=info event=y"}}),
            "level=warning event=x a=\"b\\x0alevel=info event=y\"");
  EXPECT_EQ(format_log_line(LogLevel::warning, "x", {{"a", "say \"hi\" \\"}}),
            "level=warning event=x a=\"say \\\"hi\\\" \\\\\"");
  EXPECT_EQ(format_log_line(LogLevel::warning, "x", {{"a", ""}, {"b", "c=d"}}),
            "level=warning event=x a=\"\" b=\"c=d\"");
  EXPECT_EQ(format_log_line(LogLevel::warning, "x", {{"a", "\x7f\t"}}),
            "level=warning event=x a=\"\\x7f\\x09\"");
}

TEST(LogLine, a_null_logger_takes_everything) {
  NullLogger{}.log(LogLevel::info, "x", {{"a", 1}});
}

TEST(Time, is_written_with_milliseconds_and_z) {
  EXPECT_EQ(to_rfc3339({0}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339({951'782'400'123}), "2000-02-29T00:00:00.123Z");
  EXPECT_EQ(to_rfc3339({1'767'261'600'007}), "2026-01-01T10:00:00.007Z");
  EXPECT_EQ(to_rfc3339({253'402'300'799'999}), "9999-12-31T23:59:59.999Z");
  std::string out(rfc3339_bytes + 2, 'x');
  write_rfc3339(&out[1], {1});
  EXPECT_EQ(out, "x1970-01-01T00:00:00.001Zx");
}

TEST(Time, instants_are_ordered_and_differ_by_durations) {
  const Instant start{5};
  EXPECT_LT(start, start + Duration{1});
  EXPECT_EQ((start + Duration{7}) - start, Duration{7});
}

TEST(Time, a_manual_clock_moves_both_times_together) {
  ManualClock clock;
  const auto wall = clock.wall();
  const auto now = clock.now();
  clock.advance(std::chrono::milliseconds{1'500});
  EXPECT_EQ(clock.now() - now, std::chrono::milliseconds{1'500});
  EXPECT_EQ(clock.wall().ms - wall.ms, 1'500);
  clock.advance(std::chrono::microseconds{700});
  clock.advance(std::chrono::microseconds{300});
  EXPECT_EQ(clock.wall().ms - wall.ms, 1'501);
}

TEST(FaultTable, every_code_has_a_name_of_its_own_and_an_error_status) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < errc_count; ++i) {
    const auto& entry = info(static_cast<Errc>(i));
    EXPECT_EQ(entry.code, static_cast<Errc>(i));
    EXPECT_TRUE(names.insert(entry.name).second);
    EXPECT_GE(entry.http_status, 400);
    EXPECT_LT(entry.http_status, 600);
  }
}

TEST(FaultTable, what_time_heals_is_retryable_and_what_is_wrong_stays_wrong) {
  for (const auto code : {Errc::unavailable, Errc::draining, Errc::overloaded, Errc::rate_limited})
    EXPECT_TRUE(info(code).retryable);
  for (const auto code : {Errc::forbidden,
                          Errc::not_member,
                          Errc::not_found,
                          Errc::validation_failed,
                          Errc::conflict})
    EXPECT_FALSE(info(code).retryable);
  EXPECT_EQ(info(Errc::not_found).http_status, 404);
  EXPECT_EQ(info(Errc::rate_limited).http_status, 429);
}

TEST(FaultTable, faults_are_compared_by_their_code) {
  EXPECT_EQ((Fault{Errc::conflict, "a"}), (Fault{Errc::conflict, "b", 5}));
  EXPECT_FALSE((Fault{Errc::conflict, "a"}) == (Fault{Errc::internal, "a"}));
}

Result<int> half(int n) {
  if (n % 2 != 0) return Fault{Errc::validation_failed, "give an even number"};
  return n / 2;
}

Result<int> quarter(int n) {
  KITH_TRY(once, half(n));
  KITH_TRY(twice, half(once));
  return twice;
}

Result<void> both_even(int a, int b) {
  KITH_CHECK(half(a));
  KITH_CHECK(half(b));
  return {};
}

TEST(Results, a_fault_on_the_way_is_returned) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().code, Errc::validation_failed);
  EXPECT_TRUE(both_even(2, 4).has_value());
  EXPECT_TRUE(both_even(2, 5).has_error());
}

TEST(ResultsDeathTest, the_value_of_a_fault_ends_the_process) {
  EXPECT_DEATH(static_cast<void>(half(3).value()), "holds a Fault");
}

TEST(Tasks, may_own_what_can_not_be_copied) {
  auto owned = std::make_unique<int>(7);
  MoveOnlyFunction<int(int)> add = [owned = std::move(owned)](int n) { return *owned + n; };
  EXPECT_EQ(add(1), 8);
  auto moved = std::move(add);
  EXPECT_TRUE(moved);
  EXPECT_FALSE(add);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(moved(2), 9);
}

TEST(Tasks, destroy_what_they_own_even_unrun) {
  auto owned = std::make_shared<int>(1);
  {
    Task task = [owned] {};
    EXPECT_EQ(owned.use_count(), 2);
  }
  EXPECT_EQ(owned.use_count(), 1);
}

TEST(Tasks, an_empty_one_says_so) {
  EXPECT_FALSE(Task{});
}

TEST(TasksDeathTest, calling_an_empty_one_ends_the_process) {
  EXPECT_DEATH(Task{}(), "body_");
}

TEST(Random, a_seed_gives_the_same_numbers_and_another_seed_others) {
  SeededRandom a{1};
  SeededRandom b{1};
  SeededRandom c{2};
  const auto first = a.next_u64();
  EXPECT_EQ(first, b.next_u64());
  EXPECT_NE(first, c.next_u64());
  EXPECT_NE(first, a.next_u64());
}

}  // namespace
}  // namespace kith::base
