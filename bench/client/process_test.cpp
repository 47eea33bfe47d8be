#include "client/process.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

namespace kith::bench {
namespace {

constexpr std::string_view stat =
    "4711 (a (tricky) name) S 1 4711 4711 0 -1 4194560 812 0 0 0 250 75 0 0 20 0 9 0 8421 99 1024 "
    "18446744073709551615 1 1 0 0 0";
constexpr std::string_view status =
    "Name:\ta (tricky) name\nVmPeak:\t  900 kB\nVmHWM:\t   640 kB\nVmRSS:\t   512 "
    "kB\nThreads:\t9\n";

TEST(Process, its_times_and_memory_are_read_behind_any_name) {
  const auto sample = parse_process(stat, status);
  ASSERT_TRUE(sample);
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  EXPECT_DOUBLE_EQ(sample->user_s, 250 / ticks);
  EXPECT_DOUBLE_EQ(sample->system_s, 75 / ticks);
  EXPECT_EQ(sample->resident, 512U * 1024);
  EXPECT_EQ(sample->peak, 640U * 1024);
}

TEST(Process, one_that_has_ended_but_was_not_waited_for_has_no_memory) {
  const auto sample = parse_process(stat, "Name:\tx\nState:\tZ\n");
  ASSERT_TRUE(sample);
  EXPECT_EQ(sample->resident, 0U);
}

TEST(Process, what_is_no_stat_is_refused) {
  EXPECT_FALSE(parse_process("", status));
  EXPECT_FALSE(parse_process("4711 (x", status));
  EXPECT_FALSE(parse_process("4711 (x) S 1 2 3", status));
  EXPECT_FALSE(parse_process("4711 (x) S 1 2 3 4 5 6 7 8 9 10 x y 3", status));
}

TEST(Process, this_one_can_be_watched_and_one_that_is_gone_is_noticed) {
  std::vector<ProcessWatch> list(2);
  list[0].watched = {"self", ::getpid()};
  list[1].watched = {"gone", 1'999'999'999};
  sample_all(list, &ProcessWatch::begin);
  EXPECT_GT(list[0].begin.resident, 0U);
  EXPECT_GE(list[0].begin.peak, list[0].begin.resident);
  EXPECT_FALSE(list[0].gone);
  EXPECT_TRUE(list[1].gone);
}

}  // namespace
}  // namespace kith::bench
