#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kith::bench {

// One Engine.IO 4 text message, and in it a Socket.IO 5 packet of the namespace "/".
struct Packet {
  enum class Kind : std::uint8_t { open, ping, connected, refused, event, ack, disconnect, other };

  Kind kind = Kind::other;
  std::uint32_t attachments = 0;
  std::int64_t ack = -1;  // an event's wish for one, or the number of what is answered
  std::string_view name;  // of an event
  std::string_view body;  // behind the name; of the others everything
};

Packet parse_packet(std::string_view text) noexcept;

// The text value of `"key":"..."` wherever it stands in `json`; `found` tells an empty one from
// none. Escapes are left as they are.
std::string_view text_field(std::string_view json, std::string_view key, bool* found = nullptr);
// The number of `"key":123`; -1 when there is none.
std::int64_t number_field(std::string_view json, std::string_view key);
// `"key":true` stands in `json`. Looked for first where Kith writes it: at the beginning.
bool is_true(std::string_view json, std::string_view key);

// `42["name",` or, with `ack` >= 0, `427["name",` and so on.
void begin_event(std::string& out, std::string_view name, std::int64_t ack);

}  // namespace kith::bench
