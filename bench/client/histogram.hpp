#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace kith::bench {

// Counts durations in buckets that grow with the value: 128 for each power of two, so that a
// quantile is at most 0.4 % away from what was added. The greatest value is kept as it is.
class Histogram {
 public:
  void add(std::int64_t ns) noexcept {
    const auto value = ns < 0 ? 0 : static_cast<std::uint64_t>(ns);
    ++buckets_[index_of(value)];
    ++count_;
    sum_ += static_cast<double>(value);
    if (value > max_) max_ = value;
  }

  void merge(const Histogram& other) noexcept;

  std::uint64_t count() const noexcept { return count_; }

  double max_ms() const noexcept { return static_cast<double>(max_) / 1e6; }

  double mean_ms() const noexcept {
    return count_ == 0 ? 0 : sum_ / static_cast<double>(count_) / 1e6;
  }

  // The value that a `share` (0 to 1) of all does not exceed; 0 while nothing was added.
  double quantile_ms(double share) const noexcept;

 private:
  static constexpr int sub_bits_ = 7;
  static constexpr std::uint64_t sub_count_ = 1U << sub_bits_;

  static std::size_t index_of(std::uint64_t value) noexcept {
    if (value < sub_count_) return value;
    const auto shift = static_cast<std::size_t>(std::bit_width(value)) - 1 - sub_bits_;
    return (shift + 1) * sub_count_ + ((value >> shift) - sub_count_);
  }

  static double middle_of(std::size_t index) noexcept;

  std::vector<std::uint64_t> buckets_ =
      std::vector<std::uint64_t>((64 - sub_bits_ + 1) * sub_count_);
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace kith::bench
