#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// RFC 6455, 5: frames as they are written. All functions append to a string.
namespace kith::wire::websocket {

enum class Opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

inline constexpr std::size_t control_payload_bytes_max = 125;
inline constexpr std::size_t close_reason_bytes_max = 123;

// Close codes (RFC 6455, 7.4 and the IANA registry).
namespace close_code {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t unsupported_data = 1003;
inline constexpr std::uint16_t no_status = 1005;  // never on the wire: a close without a code
inline constexpr std::uint16_t abnormal = 1006;   // never on the wire: the connection was lost
inline constexpr std::uint16_t invalid_text = 1007;
inline constexpr std::uint16_t policy_violation = 1008;
inline constexpr std::uint16_t too_big = 1009;
inline constexpr std::uint16_t internal_error = 1011;
inline constexpr std::uint16_t try_again_later = 1013;
}  // namespace close_code

// May this code stand in a close frame?
bool is_wire_close_code(std::uint16_t code) noexcept;

// What append_frame_header() adds: 2, 4 or 10 bytes.
std::size_t frame_header_bytes(std::size_t payload_bytes) noexcept;

// Of one whole message or control frame from the server: final, unmasked.
void append_frame_header(std::string& out, Opcode opcode, std::size_t payload_bytes);
void append_frame(std::string& out, Opcode opcode, std::string_view payload);

// `code` must be one for the wire; a reason over 123 bytes is cut between characters, and must be
// UTF-8.
void append_close_frame(std::string& out, std::uint16_t code, std::string_view reason = {});

// A whole frame from a client. A real client takes `key` from a random source.
struct MaskedFrame {
  Opcode opcode = Opcode::text;
  std::uint32_t key = 0;
  bool final = true;
};

void append_masked_frame(std::string& out, const MaskedFrame& frame, std::string_view payload);

// XORs `bytes` with the key's four bytes in wire order, the first with byte `phase` % 4. `out` has
// room for all of them and may be where they are.
void apply_mask(char* out,
                std::string_view bytes,
                std::uint32_t key,
                std::size_t phase = 0) noexcept;

}  // namespace kith::wire::websocket
