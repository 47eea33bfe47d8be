#include "client/histogram.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace kith::bench {
namespace {

constexpr double allowed = 0.01;

TEST(Histogram, a_quantile_is_at_most_one_percent_off_over_twelve_powers_of_ten) {
  for (double value = 1; value < 1e12; value *= 1.37) {
    Histogram histogram;
    histogram.add(static_cast<std::int64_t>(value));
    histogram.add(static_cast<std::int64_t>(1e15));
    const double exact = std::floor(value) / 1e6;
    EXPECT_NEAR(histogram.quantile_ms(0.5), exact, exact * allowed) << value;
  }
}

TEST(Histogram, quantiles_of_a_ramp_are_where_they_belong) {
  Histogram histogram;
  for (std::int64_t ns = 1; ns <= 1'000'000; ++ns)
    histogram.add(ns);
  for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999})
    EXPECT_NEAR(histogram.quantile_ms(share), share, share * allowed);
  EXPECT_EQ(histogram.count(), 1'000'000U);
  EXPECT_NEAR(histogram.mean_ms(), 0.5, 0.001);
}

TEST(Histogram, the_greatest_value_is_exact_and_no_quantile_exceeds_it) {
  Histogram histogram;
  histogram.add(123'456'789);
  EXPECT_DOUBLE_EQ(histogram.max_ms(), 123.456789);
  EXPECT_LE(histogram.quantile_ms(1), histogram.max_ms());
}

TEST(Histogram, one_slow_in_a_hundred_shows_in_the_99th_percent_only_beyond_it) {
  Histogram histogram;
  for (int i = 0; i < 99; ++i)
    histogram.add(1'000'000);
  histogram.add(500'000'000);
  EXPECT_NEAR(histogram.quantile_ms(0.99), 1, allowed);
  EXPECT_NEAR(histogram.quantile_ms(0.999), 500, 500 * allowed);
}

TEST(Histogram, nothing_added_is_zero_and_a_clock_that_went_back_counts_as_zero) {
  Histogram histogram;
  EXPECT_EQ(histogram.quantile_ms(0.5), 0);
  EXPECT_EQ(histogram.mean_ms(), 0);
  histogram.add(-5);
  EXPECT_EQ(histogram.count(), 1U);
  EXPECT_EQ(histogram.max_ms(), 0);
}

TEST(Histogram, merged_is_as_if_added_to_one) {
  Histogram one;
  Histogram other;
  Histogram both;
  for (std::int64_t i = 1; i < 5'000; ++i) {
    (i % 3 == 0 ? one : other).add(i * i);
    both.add(i * i);
  }
  one.merge(other);
  EXPECT_EQ(one.count(), both.count());
  EXPECT_EQ(one.quantile_ms(0.9), both.quantile_ms(0.9));
  EXPECT_EQ(one.max_ms(), both.max_ms());
}

TEST(Histogram, takes_the_longest_time_there_is) {
  Histogram histogram;
  histogram.add(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(histogram.count(), 1U);
  EXPECT_GT(histogram.quantile_ms(0.5), 9e12);
}

}  // namespace
}  // namespace kith::bench
