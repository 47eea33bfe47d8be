#pragma once

#include "base/limits.hpp"
#include "base/task.hpp"
#include "ports/read_gate.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace kith::commands {

// The answers to `sync` that are under way at one reactor. Each reads much, one thing after the
// other, and holds what it has read: few at a time, the others wait in the order they came.
class OpenSyncs {
 public:
  // False: the connection waits for enough of them already. Who asks over REST has none, and number
  // 0; how many of those wait is bounded there.
  bool count(std::uint64_t connection) {
    if (connection == 0) return true;
    auto& open = open_[connection];
    if (open >= base::limits::syncs_per_connection_max) return false;
    ++open;
    return true;
  }

  // Of one that is counted: now, or when its turn comes.
  void begin(base::Task start) {
    gate_.enter([start = std::move(start)]() mutable {
      start();
      return true;
    });
  }

  void end(std::uint64_t connection) {
    if (const auto found = open_.find(connection); found != open_.end() && --found->second == 0)
      open_.erase(found);
    gate_.end();
  }

 private:
  ports::ReadGate gate_{base::limits::syncs_at_once_max};
  boost::unordered_flat_map<std::uint64_t, std::size_t> open_;  // by connection
};

}  // namespace kith::commands
