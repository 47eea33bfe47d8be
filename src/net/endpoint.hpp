#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace kith::net {

// Where to listen. `address` is an IPv4 or IPv6 literal, without brackets.
struct Endpoint {
  std::string address;
  std::uint16_t port = 0;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` (127.0.0.1). Other names are not resolved, and
// an address left out is refused: who means all of them writes 0.0.0.0 or [::].
base::Result<Endpoint> parse_endpoint(std::string_view text);
// The inverse: IPv6 gets its brackets.
std::string to_text(const Endpoint& endpoint);

// Reached from this machine only.
bool is_loopback(const Endpoint& endpoint);

}  // namespace kith::net
