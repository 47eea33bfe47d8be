#pragma once

#include "wire/json/value.hpp"

#include <string>

namespace kith::wire::json {

// Compact JSON of `target` as `patch` changes it (JSON merge patch, RFC 7396): what is null goes,
// objects are merged, anything else is put in place of what is there. The target's members keep
// their order, new ones follow. Of a name that comes several times the last one counts.
void append_merged(std::string& out, Value target, Value patch);

}  // namespace kith::wire::json
