#pragma once

#include <string>
#include <string_view>

namespace kith::domain {

// What a client brought, in the one form in which it is stored, compared and spliced into frames: a
// version byte, then the members of a JSON object without its braces, such as
// `"type":"text","text":"hi"`. Made once, at the edge (commands/).
inline constexpr char body_version = 1;

inline std::string make_body(std::string_view json_members) {
  std::string body;
  body.reserve(json_members.size() + 1);
  body += body_version;
  body += json_members;
  return body;
}

// The JSON members of a body; empty for an empty body.
inline std::string_view json_members(std::string_view body) {
  return body.empty() ? body : body.substr(1);
}

}  // namespace kith::domain
