#pragma once

#include "client/rest.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kith::bench {

// Users `first` and on, who are put into groups of `size`.
struct Crowd {
  std::string tag;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t size = 0;
};

// Layers `from` up to `to`: in each of them every user is in one group, in each with others.
std::vector<Group> make_layers(const Crowd& crowd, std::uint32_t from, std::uint32_t to);

// Members of group `group` of a layer, as places within the crowd.
std::vector<std::uint32_t> layer_members(const Crowd& crowd,
                                         std::uint32_t layer,
                                         std::uint32_t group);

std::uint32_t groups_of_layer(const Crowd& crowd) noexcept;
std::string layer_group_name(const Crowd& crowd, std::uint32_t layer, std::uint32_t group);

}  // namespace kith::bench
