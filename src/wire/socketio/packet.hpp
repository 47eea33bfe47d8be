#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kith::wire::socketio {

// The revision of the packets: 4 is spoken over Engine.IO 3 (clients 1.x, 2.x), 5 over Engine.IO 4
// (3.x, 4.x).
enum class Protocol : std::uint8_t { v4 = 4, v5 = 5 };

enum class PacketType : std::uint8_t {
  connect,
  disconnect,
  event,
  ack,
  connect_error,
  binary_event,
  binary_ack,
};

// Ack ids come from a counter in JavaScript: nothing above is exact there.
inline constexpr std::uint64_t ack_id_max = (std::uint64_t{1} << 53) - 1;

// What stands before the JSON of a packet. All views are into the packet's text.
struct Head {
  PacketType type = PacketType::connect;
  std::size_t attachments = 0;  // at least 1 for the two binary types, else 0
  std::string_view nsp = "/";
  std::string_view query;  // protocol 4: `k=v&k2=v2` of `/chat?k=v&k2=v2`, still percent-encoded
  std::optional<std::uint64_t> ack_id;
  std::string_view payload;  // raw JSON, or empty; not looked at
};

// Splits `<type>[<attachments>-][<namespace>,][<ack id>][<json>]` as clients send it; a
// CONNECT_ERROR is refused, only servers send it. One pass, no copy. `validation_failed` for every
// violation, `too_large` for too many attachments or too long a namespace; the connection is closed
// then.
base::Result<Head> parse_head(std::string_view text, Protocol protocol);

// Names that mean something inside the official clients and never travel as events.
bool is_reserved_event(std::string_view name) noexcept;

}  // namespace kith::wire::socketio
