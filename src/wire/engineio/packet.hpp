#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kith::wire::engineio {

// The `EIO` of a request: exactly `4` is revision 4, anything else (also nothing) is revision 3.
enum class Revision : std::uint8_t { v3 = 3, v4 = 4 };

enum class PacketType : std::uint8_t { open, close, ping, pong, message, upgrade, noop };

// A decoded packet. `data` is what follows the type, as bytes if `binary` (then `type` is message).
struct Packet {
  PacketType type = PacketType::noop;
  bool binary = false;
  std::string_view data;

  friend bool operator==(const Packet&, const Packet&) = default;
};

// The character of a type in text form: '0' to '6'.
constexpr char to_char(PacketType type) noexcept {
  return static_cast<char>('0' + static_cast<int>(type));
}

// A packet in text form: one WebSocket text message, or one entry of a text payload. `text` is
// valid UTF-8. `b` forms are decoded into `scratch`, which `data` then views. Nothing: not a packet
// of this revision.
std::optional<Packet> decode_text_packet(Revision revision,
                                         std::string_view text,
                                         std::string& scratch);

// A WebSocket binary message: revision 4 is raw bytes, revision 3 has the byte 0x04 in front.
std::optional<Packet> decode_binary_packet(Revision revision, std::string_view bytes) noexcept;

}  // namespace kith::wire::engineio
