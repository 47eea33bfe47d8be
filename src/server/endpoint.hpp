#pragma once

#include "server/problem.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace kith::server {

struct Endpoint {
  std::string host;  // without brackets
  std::uint16_t port = 0;
};

// `127.0.0.1:8080`, `localhost:0`, `[::1]:8080`.
Outcome<Endpoint> parse_endpoint(std::string_view text);

bool is_loopback(const Endpoint& endpoint);

}  // namespace kith::server
