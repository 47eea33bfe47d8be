#pragma once

#include "base/limits.hpp"
#include "ports/store.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

namespace kith::ports {

// What waits at a writer lane, and which of it the next batch takes: the rule that every adapter
// shares. No locks: the lane has its own.
class LaneQueue {
 public:
  using Entries = std::vector<std::unique_ptr<LaneEntry>>;

  // Takes the entry, or leaves it untouched: `overloaded` at lane_queue_entries_max or
  // lane_queue_bytes_max. An entry larger than that bound passes alone.
  base::Result<void> push(std::unique_ptr<LaneEntry>& entry);

  // At most `entries_max`, each kind in its order of arrival: what somebody waits for, up to
  // batch_bytes_max, then of what nobody waits for at most cursor_slice rows, so that it never
  // delays an answer by more. A single entry passes in any size.
  Entries take(std::size_t entries_max = base::limits::batch_entries_max);

  // What came before `limit` and somebody waits for, in its order.
  Entries withdraw(base::Instant limit);

  bool empty() const noexcept { return size() == 0; }

  std::size_t size() const noexcept { return awaited_.size() + background_.size(); }

 private:
  using Queue = std::deque<std::unique_ptr<LaneEntry>>;

  Queue awaited_;
  Queue background_;
  std::size_t bytes_ = 0;  // of both
};

}  // namespace kith::ports
