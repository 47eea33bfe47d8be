#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kith::delivery {

// Sessions whose turn comes, in the order of their time. One block of memory that is used again: an
// event that many sessions get enters them all at once. Each is in it once at most: its owner notes
// that.
class DueQueue {
 public:
  void push(std::uint64_t session, base::Instant at) { entries_.push_back({session, at}); }

  bool empty() const noexcept { return first_ == entries_.size(); }

  base::Instant next_at() const noexcept { return entries_[first_].at; }

  // The next one, if its time has come; 0: none.
  std::uint64_t take(base::Instant now) {
    if (empty() || next_at() > now) return 0;
    const auto session = entries_[first_++].session;
    if (empty()) {
      entries_.clear();
      first_ = 0;
    } else if (first_ >= compact_from && first_ * 2 >= entries_.size()) {
      entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
    return session;
  }

 private:
  static constexpr std::size_t compact_from = 64;

  struct Entry {
    std::uint64_t session;
    base::Instant at;
  };

  std::vector<Entry> entries_;
  std::size_t first_ = 0;  // those before it are taken
};

}  // namespace kith::delivery
