#include "client/layers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kith::bench {

std::uint32_t groups_of_layer(const Crowd& crowd) noexcept {
  return (crowd.count + crowd.size - 1) / crowd.size;
}

std::string layer_group_name(const Crowd& crowd, std::uint32_t layer, std::uint32_t group) {
  return fmt::format("{}g{}-{}-{}", crowd.tag, crowd.first, layer, group);
}

std::vector<std::uint32_t> layer_members(const Crowd& crowd,
                                         std::uint32_t layer,
                                         std::uint32_t group) {
  const std::uint32_t groups = groups_of_layer(crowd);
  const std::uint32_t from = group * crowd.size;
  const std::uint32_t to = std::min(from + crowd.size, crowd.count);
  std::vector<std::uint32_t> members;
  // Odd layers take every groups-th user instead of neighbours; each further pair of layers is
  // shifted.
  const std::uint32_t shift = layer / 2 * (crowd.size / 2 + 1);
  for (std::uint32_t i = from; i < to; ++i) {
    const std::uint32_t place = layer % 2 == 0 || crowd.count % crowd.size != 0
                                    ? i
                                    : (i % crowd.size) * groups + i / crowd.size;
    members.push_back(static_cast<std::uint32_t>((std::uint64_t{place} + shift) % crowd.count));
  }
  return members;
}

std::vector<Group> make_layers(const Crowd& crowd, std::uint32_t from, std::uint32_t to) {
  std::vector<Group> groups;
  if (crowd.count == 0) return groups;
  for (std::uint32_t layer = from; layer < to; ++layer) {
    for (std::uint32_t g = 0; g < groups_of_layer(crowd); ++g) {
      Group group;
      group.external_id = layer_group_name(crowd, layer, g);
      for (const std::uint32_t place : layer_members(crowd, layer, g))
        group.members.push_back(fmt::format("{}u{}", crowd.tag, crowd.first + place));
      groups.push_back(std::move(group));
    }
  }
  return groups;
}

}  // namespace kith::bench
