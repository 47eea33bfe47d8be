#pragma once

#include "base/task.hpp"

#include <cstddef>
#include <deque>

namespace kith::ports {

// Lets a bounded number of reads be under way, so that thousands who come back at once do not fill
// the store's queue before everybody else. The others wait in the order they came.
class ReadGate {
 public:
  // Begins a read and says so, or has nothing to read any more.
  using Begin = base::MoveOnlyFunction<bool()>;

  explicit ReadGate(std::size_t at_most) : at_most_(at_most) {}

  // Calls `begin` now or when its turn comes. Each read that was begun is ended by `end`, later.
  void enter(Begin begin) {
    waiting_.push_back(std::move(begin));
    let_in();
  }

  void end() {
    --under_way_;
    let_in();
  }

  std::size_t waiting() const noexcept { return waiting_.size(); }

 private:
  void let_in() {
    while (under_way_ < at_most_ && !waiting_.empty()) {
      auto begin = std::move(waiting_.front());
      waiting_.pop_front();
      if (begin()) ++under_way_;
    }
  }

  const std::size_t at_most_;
  std::size_t under_way_ = 0;
  std::deque<Begin> waiting_;  // a few for each session
};

}  // namespace kith::ports
