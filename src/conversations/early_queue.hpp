#pragma once

#include "base/limits.hpp"
#include "base/time.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>

namespace kith::conversations {

// What early delivery may cost: where the machine is busy, messages are late because of that, and
// showing them twice would make them later. Counted in deliveries, with a second's worth at once.
class EarlyBudget {
 public:
  bool take(std::size_t cost, base::Instant now) noexcept {
    const auto passed = now - filled_at_;
    filled_at_ = now;
    const auto gained = static_cast<double>(passed.count()) * per_s / 1e9;
    left_ = std::min<double>(left_ + gained, per_s);
    if (left_ < static_cast<double>(cost)) return false;
    left_ -= static_cast<double>(cost);
    return true;
  }

 private:
  static constexpr double per_s = base::limits::early_deliveries_per_s;
  double left_ = per_s;
  base::Instant filled_at_;
};

// The sends of one conversation on their way to be shown, in their order: one whose look at the
// database takes longer holds up those behind it, so that nobody sees messages turned round.
class EarlyQueue {
 public:
  enum class Verdict : std::uint8_t { open, show, skip };

  void push(std::uint64_t number, Verdict verdict) { entries_.push_back({number, verdict}); }

  void decide(std::uint64_t number, Verdict verdict) noexcept {
    // Looks end nearly in their order: it is near the front.
    const auto it = std::find_if(entries_.begin(), entries_.end(), [&](const auto& entry) {
      return entry.number == number;
    });
    if (it != entries_.end()) it->verdict = verdict;
  }

  // Calls `show(number)` for each that nothing holds up any more. What is not `pending(number)` any
  // more holds up nothing.
  template <class IsPending, class Show>
  void flush(IsPending pending, Show show) {
    while (!entries_.empty()) {
      const auto entry = entries_.front();
      const bool waits = pending(entry.number);
      if (waits && entry.verdict == Verdict::open) return;
      entries_.pop_front();
      if (waits && entry.verdict == Verdict::show) show(entry.number);
    }
  }

  std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    std::uint64_t number;
    Verdict verdict;
  };

  std::deque<Entry> entries_;  // of sends on their way
};

}  // namespace kith::conversations
