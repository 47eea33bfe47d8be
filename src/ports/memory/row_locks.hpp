#pragma once

#include "ports/store.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>

namespace kith::ports {

// Names a transaction of a MemoryDatabase; given once.
enum class TransactionId : std::uint64_t {};

// The locks of rows, whether the row is there yet or not. Who asked first has it first; whoever
// else has asked waits in line, and asks again to learn whether it is his turn. Bounded by the open
// transactions: each stands once in a line.
class RowLocks {
 public:
  // Stands in line for it from now on. True: he has it.
  bool acquire(const ConversationKey& key, TransactionId asking) {
    auto& line = lines_[key];
    if (std::find(line.begin(), line.end(), asking) == line.end()) line.push_back(asking);
    return line.front() == asking;
  }

  bool free_for(const ConversationKey& key, TransactionId asking) const {
    const auto it = lines_.find(key);
    return it == lines_.end() || it->second.front() == asking;
  }

  // Leaves all lines.
  void release(TransactionId leaving) {
    for (auto it = lines_.begin(); it != lines_.end();) {
      std::erase(it->second, leaving);
      it = it->second.empty() ? lines_.erase(it) : std::next(it);
    }
  }

 private:
  std::map<ConversationKey, std::deque<TransactionId>> lines_;
};

}  // namespace kith::ports
