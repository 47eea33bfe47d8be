#pragma once

#include "base/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace kith::runtime {

// Keeps one place in the code from flooding the log: a line a second, if nothing else is said. One
// thread.
class LogLimit {
 public:
  LogLimit() = default;

  explicit LogLimit(base::Duration at_least_between) : between_(at_least_between) {}

  // Nothing: do not log. A number: log, and say that many were suppressed since the last line.
  std::optional<std::uint64_t> take(base::Instant now) {
    if (logged_ && now - last_ < between_) {
      ++suppressed_;
      return std::nullopt;
    }
    logged_ = true;
    last_ = now;
    return std::exchange(suppressed_, 0);
  }

 private:
  base::Duration between_ = std::chrono::seconds{1};
  base::Instant last_{};
  std::uint64_t suppressed_ = 0;
  bool logged_ = false;
};

}  // namespace kith::runtime
