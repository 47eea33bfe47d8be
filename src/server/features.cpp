#include "server/features.hpp"

#include "features/receipts/receipts.hpp"
#include "features/typing/typing.hpp"

namespace kith::server {

std::vector<std::unique_ptr<commands::Feature>> make_features(const FeatureGround& ground,
                                                              FeatureNetworks& networks) {
  auto& hub = ground.hub;
  std::vector<std::unique_ptr<commands::Feature>> features;
  features.push_back(std::make_unique<features::receipts::Receipts>(hub));
  features.push_back(std::make_unique<features::typing::Typing>(hub));
  auto presence = std::make_unique<features::presence::Presences>(
      hub, ground.registry, ground.home, ground.homes, networks.presence);
  networks.presence.reactors.push_back(&hub.reactor());
  networks.presence.presences.push_back(presence.get());
  features.push_back(std::move(presence));
  auto rooms = std::make_unique<features::rooms::Rooms>(
      hub,
      networks.rooms,
      features::rooms::RoomOptions{.gather =
                                       std::chrono::microseconds{ground.config.rooms.gather_us}});
  networks.rooms.reactors.push_back(&hub.reactor());
  networks.rooms.rooms.push_back(rooms.get());
  features.push_back(std::move(rooms));
  return features;
}

}  // namespace kith::server
