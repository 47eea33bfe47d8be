#pragma once

#include "conversations/homes.hpp"

#include <cstddef>
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

// A home keeps its listeners as bits of one word.
inline constexpr std::size_t reactors_max = 64;

}  // namespace kith::delivery
