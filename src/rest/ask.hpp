#pragma once

#include "rest/access.hpp"
#include "rest/route.hpp"

#include <optional>
#include <string>

namespace kith::rest {

// A request that may be answered: where it goes and who asks.
struct Ask {
  const Route* route = nullptr;
  std::string element;
  std::optional<Access> access;  // none: GET /v1/limits of a stranger
};

}  // namespace kith::rest
