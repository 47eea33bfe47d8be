#include "runtime/clock.hpp"

#include <chrono>

namespace kith::runtime {

base::Instant SystemClock::now() const {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
}

base::WallTime SystemClock::wall() const {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

}  // namespace kith::runtime
