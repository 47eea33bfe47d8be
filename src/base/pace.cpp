#include "base/pace.hpp"

#include <algorithm>

namespace kith::base {

std::uint32_t Meter::take(const Pace& pace, Instant now) noexcept {
  if (!pace.limits()) return 0;
  auto next = next_ns_.load(std::memory_order_relaxed);
  for (;;) {
    const auto due = std::max(next, now.ns);
    if (const auto wait = wait_ms(pace, due - now.ns)) return wait;
    if (next_ns_.compare_exchange_weak(next, due + pace.interval_ns, std::memory_order_relaxed))
      return 0;
  }
}

void Meter::give_back(const Pace& pace) noexcept {
  if (pace.limits()) next_ns_.fetch_sub(pace.interval_ns, std::memory_order_relaxed);
}

}  // namespace kith::base
