#pragma once

#include "client/stage.hpp"

namespace kith::bench {

// `idle`: connections that do nothing, and what they cost; then further memberships, and what those
// cost.
class Idle final : public Scenario {
 public:
  Idle(Run& run, unsigned thread);

  std::string prepare() override { return make_groups(layers(0, options().memberships), false); }

  void run() override;

 private:
  // The groups of this thread's users: in each layer every user is in one group.
  std::vector<Group> layers(std::uint32_t from, std::uint32_t to) const;

  Share share_;
};

}  // namespace kith::bench
