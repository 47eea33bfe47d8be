#pragma once

#include "rest/route.hpp"

#include <span>
#include <string>
#include <string_view>

// What stands in the OpenAPI file about a route besides its row in the table of routes: words, and
// the shapes of bodies and answers as JSON Schema (2020-12).
namespace kith::rest {

struct Operation {
  std::string_view name;  // the command, or what a route without one is called
  std::string_view summary;
  std::string_view body;    // empty: it takes none
  std::string_view answer;  // of success
};

// The one of a route; every route has one.
const Operation& operation_of(const Route& route);

std::span<const Operation> operations();

// The schemas that others refer to, as the members of one JSON object: `"Message": {...}, ...`.
std::string component_schemas();

// A schema with its `"@limit_name"`s replaced by those of base/limits.hpp.
std::string with_limits(std::string_view schema);

}  // namespace kith::rest
