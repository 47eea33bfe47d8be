#pragma once

#include <cstdint>

namespace kith::bench {

// An open loop: when the next of `rate` things a second is due. What is late stays due at its time.
class Schedule {
 public:
  Schedule() = default;

  Schedule(double rate, std::int64_t begin_ns) : begin_ns_(begin_ns), interval_ns_(1e9 / rate) {}

  std::int64_t due_ns() const noexcept {
    return begin_ns_ + static_cast<std::int64_t>(static_cast<double>(count_) * interval_ns_);
  }

  void next() noexcept { ++count_; }

  std::uint64_t count() const noexcept { return count_; }

 private:
  std::int64_t begin_ns_ = 0;
  double interval_ns_ = 1e9;
  std::uint64_t count_ = 0;
};

}  // namespace kith::bench
