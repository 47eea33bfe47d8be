#pragma once

#include "base/limits.hpp"
#include "base/time.hpp"

#include <cstddef>

namespace kith::ports {

// How long a writer lane waits for company after a transaction, before it begins the next one.
//
// A commit costs about the same for one message as for a hundred. While messages come faster than
// commits, waiting a little gathers them; whoever sends alone, or one after the other, never waits.
class LanePace {
 public:
  explicit LanePace(base::Duration linger) noexcept : linger_(linger) {}

  // `taken`: how many of those that somebody waits for the last transaction held.
  void note(std::size_t taken) noexcept { company_ = taken > 1; }

  // With `waiting` entries at hand. Zero: begin at once.
  base::Duration linger(std::size_t waiting) const noexcept {
    const bool enough = waiting >= base::limits::lane_linger_entries_max;
    return company_ && !enough ? linger_ : base::Duration::zero();
  }

 private:
  base::Duration linger_;
  bool company_ = false;
};

}  // namespace kith::ports
