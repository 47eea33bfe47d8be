#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kith::bench {

// WebSocket (RFC 6455) as a client speaks it: what it sends is masked, what it is sent is not.
enum class Opcode : std::uint8_t { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct Frame {
  Opcode opcode = Opcode::more;
  bool last = false;  // of its message
  std::string_view payload;
  std::size_t size = 0;  // with its header
};

enum class FrameState : std::uint8_t { complete, partial, bad };

// The first frame of `bytes`. `bad`: masked, reserved bits, or longer than `payload_max`.
FrameState next_frame(std::string_view bytes, std::size_t payload_max, Frame& frame) noexcept;

void append_frame(std::string& out, Opcode opcode, std::string_view payload, std::uint32_t mask);

}  // namespace kith::bench
