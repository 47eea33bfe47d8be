#pragma once

#include "base/log.hpp"
#include "base/time.hpp"
#include "runtime/log_limit.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kith::runtime {

// What a turn of a reactor is made of, in this order.
enum class Phase : std::uint8_t { sockets, tasks, timers, tick_end };
inline constexpr std::size_t phase_count = 4;
std::string_view name(Phase phase) noexcept;

// Logs a turn longer than limits::slow_turn_ms (`slow_turn`) with the phase that took longest and
// how much it did; at most one line a second for each phase.
class Watchdog {
 public:
  Watchdog(base::Logger& logger, std::size_t reactor) : logger_(logger), reactor_(reactor) {}

  void turn_began(base::Instant now) noexcept;
  // `count`: events, tasks, timers or hooks that ran.
  void phase_ended(Phase phase, base::Instant now, std::size_t count) noexcept;
  void turn_ended();

 private:
  struct Spent {
    base::Duration time{};
    std::size_t count = 0;
  };

  base::Logger& logger_;
  std::size_t reactor_;
  base::Instant began_{};
  base::Instant last_{};
  std::array<Spent, phase_count> spent_{};
  std::array<LogLimit, phase_count> limits_{};
};

}  // namespace kith::runtime
