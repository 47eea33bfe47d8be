#pragma once

#include "base/ip_address.hpp"
#include "net/endpoint.hpp"

#include <optional>
#include <sys/socket.h>

namespace kith::net {

// The kernel's form of an Endpoint; for net/ only.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }

  sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
};

std::optional<SocketAddress> to_socket_address(const Endpoint& endpoint);
// IPv4 within IPv6 (`::ffff:1.2.3.4`) is shown as IPv4. Other families: an empty address.
Endpoint to_endpoint(const SocketAddress& address);
std::string to_text(const base::IpAddress& address);

}  // namespace kith::net
