#pragma once

#include "commands/feature.hpp"
#include "delivery/hub.hpp"
#include "features/presence/presence.hpp"
#include "features/rooms/rooms.hpp"
#include "server/config.hpp"

#include <memory>
#include <vector>

namespace kith::server {

// What the features of all reactors share.
struct FeatureNetworks {
  features::rooms::RoomNetwork rooms;
  features::presence::PresenceNetwork presence;
};

// What features stand on; of one reactor.
struct FeatureGround {
  delivery::Hub& hub;
  delivery::Registry& registry;
  conversations::Home& home;
  const conversations::Homes& homes;
  const Config& config;
};

// The list of features: a folder in features/ and a line here. For one reactor.
std::vector<std::unique_ptr<commands::Feature>> make_features(const FeatureGround& ground,
                                                              FeatureNetworks& networks);

}  // namespace kith::server
