#include "runtime/watchdog.hpp"

#include "base/limits.hpp"

#include <algorithm>

namespace kith::runtime {
namespace {

std::int64_t to_ms(base::Duration d) {
  return d.count() / 1'000'000;
}

}  // namespace

std::string_view name(Phase phase) noexcept {
  static constexpr std::array<std::string_view, phase_count> names{
      "sockets", "tasks", "timers", "tick_end"};
  return names[static_cast<std::size_t>(phase)];
}

void Watchdog::turn_began(base::Instant now) noexcept {
  began_ = last_ = now;
  spent_ = {};
}

void Watchdog::phase_ended(Phase phase, base::Instant now, std::size_t count) noexcept {
  spent_[static_cast<std::size_t>(phase)] = {now - last_, count};
  last_ = now;
}

void Watchdog::turn_ended() {
  const base::Duration turn = last_ - began_;
  if (turn <= std::chrono::milliseconds{base::limits::slow_turn_ms}) return;
  const auto longest = std::max_element(
      spent_.begin(), spent_.end(), [](const Spent& a, const Spent& b) { return a.time < b.time; });
  const auto index = static_cast<std::size_t>(longest - spent_.begin());
  const auto suppressed = limits_[index].take(last_);
  if (!suppressed) return;
  logger_.log(base::LogLevel::warning,
              "slow_turn",
              {{"reactor", reactor_},
               {"turn_ms", to_ms(turn)},
               {"phase", name(static_cast<Phase>(index))},
               {"phase_ms", to_ms(longest->time)},
               {"phase_count", longest->count},
               {"suppressed", *suppressed}});
}

}  // namespace kith::runtime
