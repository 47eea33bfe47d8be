#include "wire/websocket/frame.hpp"

#include "base/assert.hpp"

#include <bit>
#include <cstring>

namespace kith::wire::websocket {
namespace {

bool is_control(Opcode opcode) noexcept {
  return static_cast<std::uint8_t>(opcode) >= 8;
}

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift & 0xff);
}

// The two bytes of flags and short length, and the longer length behind them.
void append_start(std::string& out, std::uint8_t first, std::uint8_t mask_bit, std::size_t length) {
  out += static_cast<char>(first);
  if (length < 126) {
    out += static_cast<char>(mask_bit | length);
  } else if (length <= 0xffff) {
    out += static_cast<char>(mask_bit | 126);
    append_big_endian(out, length, 2);
  } else {
    out += static_cast<char>(mask_bit | 127);
    append_big_endian(out, length, 8);
  }
}

}  // namespace

bool is_wire_close_code(std::uint16_t code) noexcept {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

std::size_t frame_header_bytes(std::size_t payload_bytes) noexcept {
  if (payload_bytes < 126) return 2;
  return payload_bytes <= 0xffff ? 4 : 10;
}

void append_frame_header(std::string& out, Opcode opcode, std::size_t payload_bytes) {
  KITH_ASSERT(!is_control(opcode) || payload_bytes <= control_payload_bytes_max);
  append_start(
      out, static_cast<std::uint8_t>(0x80 | static_cast<unsigned>(opcode)), 0, payload_bytes);
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
  append_frame_header(out, opcode, payload.size());
  out += payload;
}

void append_close_frame(std::string& out, std::uint16_t code, std::string_view reason) {
  KITH_ASSERT(is_wire_close_code(code));
  if (reason.size() > close_reason_bytes_max) {
    std::size_t end = close_reason_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xc0) == 0x80)
      --end;
    reason = reason.substr(0, end);
  }
  append_frame_header(out, Opcode::close, 2 + reason.size());
  append_big_endian(out, code, 2);
  out += reason;
}

void append_masked_frame(std::string& out, const MaskedFrame& frame, std::string_view payload) {
  const unsigned final_bit = frame.final ? 0x80U : 0U;
  append_start(out,
               static_cast<std::uint8_t>(final_bit | static_cast<unsigned>(frame.opcode)),
               0x80,
               payload.size());
  append_big_endian(out, frame.key, 4);
  const std::size_t at = out.size();
  out += payload;
  apply_mask(out.data() + at, payload, frame.key);
}

void apply_mask(char* out, std::string_view bytes, std::uint32_t key, std::size_t phase) noexcept {
  static_assert(std::endian::native == std::endian::little);
  // In memory order, turned so that its first byte is the one due.
  const std::uint32_t turned = std::rotr(__builtin_bswap32(key), static_cast<int>(phase % 4) * 8);
  const std::uint64_t wide = static_cast<std::uint64_t>(turned) << 32 | turned;
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    word ^= wide;
    std::memcpy(out + i, &word, 8);
  }
  for (; i < bytes.size(); ++i)
    out[i] = static_cast<char>(bytes[i] ^ static_cast<char>(turned >> (i % 4 * 8) & 0xff));
}

}  // namespace kith::wire::websocket
