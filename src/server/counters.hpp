#pragma once

#include "rest/metrics.hpp"

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

namespace kith::server {

// What one reactor counts, as of at most a second ago: written by it alone, read by whoever is
// asked for metrics.
struct Counters {
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> sessions{0};
  std::atomic<std::uint64_t> channels{0};
  std::atomic<std::uint64_t> loaded{0};
  std::atomic<std::uint64_t> delivered{0};
  std::atomic<std::uint64_t> fell_behind{0};
  std::atomic<std::uint64_t> commands{0};
};

// The metrics of the node, summed over its reactors.
std::vector<rest::Sample> collect(std::span<const Counters* const> reactors);

}  // namespace kith::server
