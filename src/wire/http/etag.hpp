#pragma once

#include <string_view>

namespace kith::wire::http {

// Does an If-None-Match field name `etag` (quoted, with or without `W/`)? Weak comparison of RFC
// 9110, 8.8.3.2: `W/` is ignored on both sides; `*` matches everything; a malformed field matches
// nothing.
bool etag_matches(std::string_view if_none_match, std::string_view etag) noexcept;

}  // namespace kith::wire::http
