#include "runtime/timer_wheel.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <bit>

// The invariant all rests on: a timer lies on the level of the highest 6-bit digit in which its
// tick differs from `elapsed_`. Moving `elapsed_` forward without passing a used slot keeps it
// true, and so a timer's slot is found again from its tick alone.
namespace kith::runtime {

using ports::Timer;
using Access = ports::Timer::Access;

TimerWheel::~TimerWheel() {
  const auto forget = [](Timer* timer) {
    while (timer != nullptr) {
      Timer* next = Access::next(*timer);
      Access::owner(*timer) = nullptr;
      timer = next;
    }
  };
  forget(due_now_);
  for (auto& level : heads_)
    std::for_each(level.begin(), level.end(), forget);
}

void TimerWheel::arm(Timer& timer, base::Instant deadline) {
  disarm(timer);
  const std::int64_t ns = std::max<std::int64_t>(0, deadline.ns - start_.ns);
  const std::int64_t tick = ns / slot.count() + (ns % slot.count() != 0 ? 1 : 0);
  Access::due(timer) = std::clamp(tick, std::min(target_ + 1, tick_max), tick_max);
  Access::owner(timer) = &owner_;
  ++armed_;
  put(timer);
}

void TimerWheel::disarm(Timer& timer) noexcept {
  if (Access::owner(timer) == nullptr) return;
  Access::owner(timer) = nullptr;
  --armed_;
  if (Access::due(timer) <= elapsed_) {
    unlink(due_now_, timer);
    return;
  }
  const Place place = place_of(Access::due(timer));
  Timer*& head = heads_[place.level][place.index];
  unlink(head, timer);
  if (head == nullptr) used_[place.level] &= ~(std::uint64_t{1} << place.index);
}

std::size_t TimerWheel::advance(base::Instant now) {
  const std::int64_t ticks = (now.ns - start_.ns) / slot.count();
  target_ = std::clamp(ticks, elapsed_, tick_max);
  std::size_t fired = 0;
  while (const auto place = next_place()) {
    if (place->tick > target_) break;
    elapsed_ = place->tick;
    take_slot(*place);
    while (Timer* timer = due_now_) {
      unlink(due_now_, *timer);
      Access::owner(*timer) = nullptr;
      --armed_;
      ++fired;
      Access::fire(*timer);  // may arm, disarm and destroy any timer, this one too
    }
  }
  elapsed_ = target_;
  return fired;
}

std::optional<base::Instant> TimerWheel::next_due() const noexcept {
  const auto place = next_place();
  if (!place) return std::nullopt;
  return start_ + slot * place->tick;
}

std::optional<TimerWheel::Place> TimerWheel::next_place() const noexcept {
  for (unsigned level = 0; level < levels; ++level) {
    if (used_[level] == 0) continue;
    // Every used slot of a level lies behind the level's present digit, so the lowest is the next.
    const auto index = static_cast<unsigned>(std::countr_zero(used_[level]));
    const unsigned shift = level * bits;
    const std::int64_t above = elapsed_ >> (shift + bits) << (shift + bits);
    return Place{level, index, above | (static_cast<std::int64_t>(index) << shift)};
  }
  return std::nullopt;
}

TimerWheel::Place TimerWheel::place_of(std::int64_t due) const noexcept {
  const auto differs = static_cast<std::uint64_t>(due ^ elapsed_);
  KITH_ASSERT(differs != 0);  // it is later
  const unsigned level = (static_cast<unsigned>(std::bit_width(differs)) - 1) / bits;
  const auto index = static_cast<unsigned>(due >> (level * bits)) & (slots - 1);
  return {level, index, 0};
}

void TimerWheel::put(Timer& timer) noexcept {
  if (Access::due(timer) <= elapsed_) {
    append(due_now_, timer);
    return;
  }
  const Place place = place_of(Access::due(timer));
  append(heads_[place.level][place.index], timer);
  used_[place.level] |= std::uint64_t{1} << place.index;
}

void TimerWheel::take_slot(const Place& place) noexcept {
  Timer* timer = std::exchange(heads_[place.level][place.index], nullptr);
  used_[place.level] &= ~(std::uint64_t{1} << place.index);
  while (timer != nullptr) {
    Timer* next = Access::next(*timer);
    put(*timer);  // due now, or on a finer level
    timer = next;
  }
}

void TimerWheel::append(Timer*& head, Timer& timer) noexcept {
  Access::next(timer) = nullptr;
  if (head == nullptr) {
    Access::previous(timer) = &timer;
    head = &timer;
    return;
  }
  Timer* tail = Access::previous(*head);
  Access::next(*tail) = &timer;
  Access::previous(timer) = tail;
  Access::previous(*head) = &timer;
}

void TimerWheel::unlink(Timer*& head, Timer& timer) noexcept {
  Timer* next = Access::next(timer);
  Timer* previous = Access::previous(timer);
  if (&timer == head) {
    head = next;
  } else {
    Access::next(*previous) = next;
  }
  if (next != nullptr) {
    Access::previous(*next) = previous;
  } else if (head != nullptr) {
    Access::previous(*head) = previous;
  }
}

}  // namespace kith::runtime
