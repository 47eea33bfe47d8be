#pragma once

#include "base/ip_address.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kith::net {

// What a proxy says of a connection before its first byte: the PROXY protocol, versions 1 (a line
// of text) and 2 (binary), as HAProxy specifies them.
struct ProxyHeader {
  enum class State : std::uint8_t {
    more,   // all of it belongs to the header, and more is due
    done,   // the first `length` bytes are the header
    wrong,  // it is none
  };

  State state = State::more;
  std::size_t length = 0;
  // Who is behind the proxy. None: it speaks for itself, as for a check of health, or for what is
  // no TCP over IP.
  std::optional<base::IpAddress> source;
};

// `bytes`: what has come so far. At most proxy_header_bytes_max of it are looked at.
ProxyHeader read_proxy_header(std::string_view bytes) noexcept;

}  // namespace kith::net
