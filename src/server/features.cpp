#include "server/features.hpp"

#include "features/receipts/receipts.hpp"
#include "features/typing/typing.hpp"

namespace kith::server {

std::vector<std::unique_ptr<commands::Feature>> make_features(delivery::Hub& hub,
                                                              FeatureNetworks& networks) {
  std::vector<std::unique_ptr<commands::Feature>> features;
  features.push_back(std::make_unique<features::receipts::Receipts>(hub));
  features.push_back(std::make_unique<features::typing::Typing>(hub));
  auto rooms = std::make_unique<features::rooms::Rooms>(hub, networks.rooms);
  networks.rooms.reactors.push_back(&hub.reactor());
  networks.rooms.rooms.push_back(rooms.get());
  features.push_back(std::move(rooms));
  return features;
}

}  // namespace kith::server
