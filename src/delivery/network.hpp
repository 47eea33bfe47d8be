#pragma once

#include "conversations/homes.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace kith::delivery {

class Hub;
class Registry;

// The delivery parts of all reactors of a node; filled once, before the reactors start.
struct Network {
  const conversations::Homes* homes = nullptr;
  std::vector<Hub*> hubs;
  std::vector<Registry*> registries;
};

// Who of those that listen to a conversation is told what is not durable.
struct Whom {
  std::uint64_t except = 0;  // a session's id; 0: everybody
  // Nobody in a conversation that is known to have more.
  std::size_t members_max = std::numeric_limits<std::size_t>::max();
};

// A home keeps its listeners as bits of one word.
inline constexpr std::size_t reactors_max = 64;

}  // namespace kith::delivery
