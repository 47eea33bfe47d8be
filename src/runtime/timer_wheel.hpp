#pragma once

#include "base/time.hpp"
#include "ports/reactor.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace kith::runtime {

// All armed timers of one reactor: a hierarchical wheel, seven levels of 64 slots, the finest 1 ms
// wide. Time is told, not asked. Arming and disarming are O(1); a timer steps down a level at most
// six times on its way. Deadlines reach 139 years after the wheel's creation; later ones are cut to
// that.
class TimerWheel {
 public:
  static constexpr base::Duration slot = std::chrono::milliseconds{1};

  // `owner` is what Timer::~Timer disarms through.
  TimerWheel(ports::Reactor& owner, base::Instant start) : owner_(owner), start_(start) {}

  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;
  ~TimerWheel();  // disarms what is armed

  // Not earlier than `deadline`, at most a slot later, and never in the advance() that is running.
  void arm(ports::Timer& timer, base::Instant deadline);
  void disarm(ports::Timer& timer) noexcept;  // legal for a timer not armed

  // Fires what is due, earlier slots first, within a slot in the order of arming. Returns how many
  // fired.
  std::size_t advance(base::Instant now);
  // When advance() is due again: never later than the next deadline, perhaps earlier. Nothing: no
  // timer is armed.
  std::optional<base::Instant> next_due() const noexcept;

  std::size_t armed() const noexcept { return armed_; }

 private:
  static constexpr unsigned bits = 6;
  static constexpr unsigned slots = 1U << bits;
  static constexpr unsigned levels = 7;
  static constexpr std::int64_t tick_max = (std::int64_t{1} << (bits * levels)) - 1;

  struct Place {
    unsigned level;
    unsigned index;
    std::int64_t tick;  // when the slot begins
  };

  std::optional<Place> next_place() const noexcept;
  Place place_of(std::int64_t due) const noexcept;
  void put(ports::Timer& timer) noexcept;
  void take_slot(const Place& place) noexcept;
  static void append(ports::Timer*& head, ports::Timer& timer) noexcept;
  static void unlink(ports::Timer*& head, ports::Timer& timer) noexcept;

  ports::Reactor& owner_;
  base::Instant start_;
  std::int64_t elapsed_ = 0;  // ticks; every timer outside due_now_ is due later
  std::int64_t target_ = 0;   // where advance() is going
  std::size_t armed_ = 0;
  ports::Timer* due_now_ = nullptr;
  std::array<std::uint64_t, levels> used_{};  // a bit for each slot that holds a timer
  // Heads of lists; the head's `previous` is the tail, the tail's `next` is null.
  std::array<std::array<ports::Timer*, slots>, levels> heads_{};
};

}  // namespace kith::runtime
