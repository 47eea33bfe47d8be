#include "client/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace kith::bench {

void Histogram::merge(const Histogram& other) noexcept {
  for (std::size_t i = 0; i < buckets_.size(); ++i)
    buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

double Histogram::middle_of(std::size_t index) noexcept {
  if (index < sub_count_) return static_cast<double>(index);
  const std::size_t shift = index / sub_count_ - 1;
  const std::uint64_t low = (sub_count_ + index % sub_count_) << shift;
  return static_cast<double>(low) + static_cast<double>((1ULL << shift) - 1) / 2;
}

double Histogram::quantile_ms(double share) const noexcept {
  if (count_ == 0) return 0;
  const double exact = std::ceil(share * static_cast<double>(count_));
  const auto wanted = std::clamp(static_cast<std::uint64_t>(exact), std::uint64_t{1}, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted) return std::min(middle_of(i), static_cast<double>(max_)) / 1e6;
  }
  return max_ms();
}

}  // namespace kith::bench
