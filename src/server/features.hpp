#pragma once

#include "commands/feature.hpp"
#include "delivery/hub.hpp"
#include "features/rooms/rooms.hpp"
#include "server/config.hpp"

#include <memory>
#include <vector>

namespace kith::server {

// What the features of all reactors share.
struct FeatureNetworks {
  features::rooms::RoomNetwork rooms;
};

// The list of features: a folder in features/ and a line here. For one reactor.
std::vector<std::unique_ptr<commands::Feature>> make_features(delivery::Hub& hub,
                                                              FeatureNetworks& networks,
                                                              const RoomSettings& rooms);

}  // namespace kith::server
