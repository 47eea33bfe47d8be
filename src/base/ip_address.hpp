#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kith::base {

// An IPv4 or IPv6 address. IPv4 is held as IPv6 has it, `::ffff:1.2.3.4`, and is the same address.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  static IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) noexcept;
  // A literal, without brackets, port or zone. Numbers of IPv4 have no leading zeros: who reads
  // them as octal would see another address.
  static std::optional<IpAddress> parse(std::string_view text) noexcept;

  bool is_v4() const noexcept;
  bool is_loopback() const noexcept;

  // What stands for one who is counted: an IPv4 address, the /64 of an IPv6 address (one customer
  // has all of it).
  std::string_view counted() const noexcept;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

// `10.0.0.0/8`, `2001:db8::/32`, or one address. Bits behind the prefix are ignored.
class IpNetwork {
 public:
  static std::optional<IpNetwork> parse(std::string_view text) noexcept;

  bool contains(const IpAddress& address) const noexcept;

 private:
  IpAddress base_;
  std::uint8_t bits_ = 0;  // of the 128
};

}  // namespace kith::base
