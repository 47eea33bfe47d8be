#pragma once

#include <cstdint>

namespace kith::bench {

// An open loop: when the next of `rate` things a second is due. What is late stays due at its time.
class Schedule {
 public:
  // A thread that sleeps until something is due wakes some 40 us late on a virtual machine, which
  // would count as the server's time. So it sleeps that much less, and looks at its sockets for
  // the rest, where that is at most a quarter of the time.
  static constexpr std::int64_t awake_before_ns = 75'000;

  Schedule() = default;

  Schedule(double rate, std::int64_t begin_ns) : begin_ns_(begin_ns), interval_ns_(1e9 / rate) {}

  std::int64_t due_ns() const noexcept {
    return begin_ns_ + static_cast<std::int64_t>(static_cast<double>(count_) * interval_ns_);
  }

  // How long to sleep at most; nothing or less: stay awake until it is due.
  std::int64_t sleep_ns(std::int64_t now) const noexcept {
    const std::int64_t left = due_ns() - now;
    return interval_ns_ < 4 * awake_before_ns ? left : left - awake_before_ns;
  }

  void next() noexcept { ++count_; }

  std::uint64_t count() const noexcept { return count_; }

 private:
  std::int64_t begin_ns_ = 0;
  double interval_ns_ = 1e9;
  std::uint64_t count_ = 0;
};

}  // namespace kith::bench
