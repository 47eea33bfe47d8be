#pragma once

#include "base/random.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kith::base {

using Key16 = std::array<std::uint8_t, 16>;

std::string sha1(std::string_view bytes);    // 20 bytes; for the WebSocket handshake only
std::string sha256(std::string_view bytes);  // 32 bytes
std::string hmac_sha256(std::string_view key, std::string_view bytes);  // 32 bytes

// SipHash-2-4 with a 128-bit result (J.-P. Aumasson, D. J. Bernstein, 2012).
std::array<std::uint8_t, 16> siphash128(const Key16& key, std::string_view bytes) noexcept;

// Takes the same time wherever two strings of one length differ.
bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

// The operating system's cryptographic generator.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace kith::base
