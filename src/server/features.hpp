#pragma once

#include "commands/feature.hpp"
#include "delivery/hub.hpp"
#include "delivery/registry.hpp"
#include "server/config.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace kith::server {

// What features stand on; of one reactor.
struct FeatureGround {
  delivery::Hub& hub;
  delivery::Registry& registry;
  conversations::Home& home;
  const conversations::Homes& homes;
  const Config& config;
};

// A feature of a node: makes its part for each reactor, and keeps what those parts share.
class FeatureLine {
 public:
  FeatureLine() = default;
  FeatureLine(const FeatureLine&) = delete;
  FeatureLine& operator=(const FeatureLine&) = delete;
  virtual ~FeatureLine() = default;
  virtual std::unique_ptr<commands::Feature> make(const FeatureGround& ground) = 0;
};

// The features of this binary, which KITH_FEATURES of the build names. One for each node.
class FeatureLines {
 public:
  FeatureLines();

  // In the order of their bits.
  commands::Features make(const FeatureGround& ground);

 private:
  std::vector<std::unique_ptr<FeatureLine>> lines_;
};

// What an application does without, of these.
commands::FeatureBits switched_off(const commands::Features& features,
                                   const FeatureSwitches& switches);

// The commands of the features that the build left out answer `feature_disabled`.
void add_left_out(commands::Table& table);

}  // namespace kith::server
