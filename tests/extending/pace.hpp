#pragma once

#include "commands/feature.hpp"

#include <cstdint>
#include <map>
#include <string_view>

namespace kith::features::pace {

// Slow mode: a connection sends one message in `least`. pace.get says how long it has to wait.
class Pace final : public commands::Feature {
 public:
  Pace(ports::Reactor& reactor, base::Duration least) : reactor_(reactor), least_(least) {}

  std::string_view name() const noexcept override { return "pace"; }

  void add_commands(commands::Table& table) override;
  void on_session_begin(const commands::SessionInfo& session) override;
  void on_session_end(const commands::SessionInfo& session) override;

 private:
  std::uint32_t wait_ms(std::uint64_t session) const;

  ports::Reactor& reactor_;
  const base::Duration least_;
  std::map<std::uint64_t, base::Instant> free_at_;  // one for each connection, no more
};

}  // namespace kith::features::pace
