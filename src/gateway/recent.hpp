#pragma once

#include "commands/command.hpp"
#include "delivery/hub.hpp"

namespace kith::gateway {

// What a hub remembers, as commands ask for it.
class RecentOfHub final : public commands::RecentMessages {
 public:
  explicit RecentOfHub(delivery::Hub& hub) : hub_(hub) {}

  std::optional<Page> find(const commands::Caller& caller,
                           const base::ConversationKey& key,
                           base::Seq before,
                           std::size_t limit) override;

 private:
  delivery::Hub& hub_;
};

}  // namespace kith::gateway
