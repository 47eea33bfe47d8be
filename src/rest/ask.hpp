#pragma once

#include "commands/command.hpp"
#include "rest/access.hpp"
#include "rest/route.hpp"

#include <memory>
#include <optional>
#include <string>

namespace kith::rest {

// A request that may be answered: where it goes and who asks.
struct Ask {
  const Route* route = nullptr;
  std::string element;
  std::optional<Access> access;                // none: a stranger, where he may ask
  std::shared_ptr<commands::Budget> messages;  // how often he may send; null: not limited
};

}  // namespace kith::rest
