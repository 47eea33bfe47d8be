#pragma once

#include "base/time.hpp"

#include <atomic>
#include <cstdint>
#include <limits>

namespace kith::base {

// How often something may happen (the generic cell rate algorithm): evenly, and so many at once
// after a rest. As made: as it comes.
struct Pace {
  std::int64_t interval_ns = 0;  // between two, in the long run; 0: no limit
  std::int64_t burst_ns = 0;     // how far ahead of an even pace

  // So many a second, with a second's worth at once. 0: no limit.
  static constexpr Pace per_s(std::uint32_t count) noexcept { return per_s(count, count); }

  static constexpr Pace per_s(std::uint32_t count, std::uint32_t at_once) noexcept {
    constexpr std::int64_t second_ns = 1'000'000'000;
    if (count == 0) return {};
    const auto interval = second_ns / count;
    // The first of a burst is on time.
    return {interval, interval * (at_once == 0 ? 0 : std::int64_t{at_once} - 1)};
  }

  constexpr bool limits() const noexcept { return interval_ns > 0; }
};

// What was taken of a pace: one number and no lock, for any thread. Measured always by the same
// pace.
class Meter {
 public:
  // 0: it may happen now, and is counted. Otherwise how many milliseconds to wait; that costs
  // nothing.
  std::uint32_t take(const Pace& pace, Instant now) noexcept;
  // The last one did not happen after all.
  void give_back(const Pace& pace) noexcept;

  // As good as new: nothing is forgotten with it.
  bool rested(Instant now) const noexcept {
    return next_ns_.load(std::memory_order_relaxed) <= now.ns;
  }

 private:
  // When the next would be due at an even pace.
  std::atomic<std::int64_t> next_ns_{std::numeric_limits<std::int64_t>::min()};
};

// The wait of one who is `early_ns` ahead of an even pace; 0: none.
constexpr std::uint32_t wait_ms(const Pace& pace, std::int64_t early_ns) noexcept {
  if (early_ns <= pace.burst_ns) return 0;
  return static_cast<std::uint32_t>((early_ns - pace.burst_ns) / 1'000'000 + 1);
}

}  // namespace kith::base
