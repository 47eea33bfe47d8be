#pragma once

#include <string>
#include <string_view>

namespace kith::wire::json {

// Copies a JSON text to `out` (cleared first) with lone surrogate escapes as \ufffd, and integers
// that fit no 64 bits marked as doubles (`e0`). True if something was changed. For texts that
// failed to parse: any bytes will do, and what is wrong otherwise stays wrong. One pass.
bool repair(std::string_view text, std::string& out);

}  // namespace kith::wire::json
