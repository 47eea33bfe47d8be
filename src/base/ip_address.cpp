#include "base/ip_address.hpp"

#include <algorithm>
#include <charconv>

namespace kith::base {
namespace {

constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t groups_count = 8;

// The whole text as a number without sign and leading zeros.
std::optional<unsigned> number(std::string_view text, unsigned most, int base) noexcept {
  unsigned value = 0;
  const auto* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc{} || at != end || value > most) return std::nullopt;
  if (base == 10 && text.size() > 1 && text.front() == '0') return std::nullopt;
  return value;
}

bool read_v4(std::string_view text, std::uint8_t* to) noexcept {
  for (int i = 0; i < 4; ++i) {
    const auto dot = text.find('.');
    if ((dot == std::string_view::npos) != (i == 3)) return false;
    const auto part = number(text.substr(0, dot), 255, 10);
    if (!part) return false;
    to[i] = static_cast<std::uint8_t>(*part);
    text.remove_prefix(i == 3 ? text.size() : dot + 1);
  }
  return true;
}

// The groups of an IPv6 address, as far as they are written.
struct Groups {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t count = 0;
  std::optional<std::size_t> gap;  // where `::` stands

  // Takes the first group off `text`, with what parts it from the next.
  bool take(std::string_view& text) noexcept {
    const auto colon = text.find(':');
    const auto part = text.substr(0, colon);
    if (colon == std::string_view::npos && part.find('.') != std::string_view::npos) {
      if (count + 2 > groups_count || !read_v4(part, &bytes[2 * count])) return false;
      count += 2;
      text = {};
      return true;
    }
    const auto value = number(part, 0xffff, 16);
    if (!value || part.size() > 4 || count == groups_count) return false;
    bytes[2 * count] = static_cast<std::uint8_t>(*value >> 8);
    bytes[2 * count + 1] = static_cast<std::uint8_t>(*value & 0xff);
    ++count;
    text.remove_prefix(colon == std::string_view::npos ? text.size() : colon + 1);
    if (colon == std::string_view::npos) return true;
    if (!text.starts_with(':')) return !text.empty();
    return take_gap(text);
  }

  bool take_gap(std::string_view& text) noexcept {
    if (gap) return false;
    gap = count;
    text.remove_prefix(1);
    return true;
  }
};

std::optional<IpAddress> read_v6(std::string_view text) noexcept {
  Groups groups;
  if (text.starts_with("::")) {
    text.remove_prefix(1);
    groups.take_gap(text);
  }
  while (!text.empty())
    if (!groups.take(text)) return std::nullopt;
  if (groups.gap ? groups.count == groups_count : groups.count != groups_count) return std::nullopt;
  IpAddress address{groups.bytes};
  if (!groups.gap) return address;
  auto* const written_end = address.bytes.begin() + 2 * groups.count;
  auto* const gap = address.bytes.begin() + 2 * *groups.gap;
  std::move_backward(gap, written_end, address.bytes.end());
  std::fill(gap, address.bytes.end() - (written_end - gap), std::uint8_t{0});
  return address;
}

}  // namespace

IpAddress IpAddress::v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) noexcept {
  return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d}};
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) noexcept {
  if (text.find(':') != std::string_view::npos) return read_v6(text);
  auto address = v4(0, 0, 0, 0);
  if (!read_v4(text, &address.bytes[mapped.size()])) return std::nullopt;
  return address;
}

bool IpAddress::is_v4() const noexcept {
  return std::equal(mapped.begin(), mapped.end(), bytes.begin());
}

bool IpAddress::is_loopback() const noexcept {
  if (is_v4()) return bytes[mapped.size()] == 127;
  return bytes.back() == 1 &&
         std::all_of(bytes.begin(), bytes.end() - 1, [](std::uint8_t byte) { return byte == 0; });
}

std::string_view IpAddress::counted() const noexcept {
  const std::string_view all{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  return is_v4() ? all : all.substr(0, all.size() / 2);
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) noexcept {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned least = text.substr(0, slash).find(':') == std::string_view::npos ? 96 : 0;
  IpNetwork network;
  network.base_ = *address;
  network.bits_ = 128;
  if (slash == std::string_view::npos) return network;
  const auto bits = number(text.substr(slash + 1), 128 - least, 10);
  if (!bits) return std::nullopt;
  network.bits_ = static_cast<std::uint8_t>(least + *bits);
  return network;
}

bool IpNetwork::contains(const IpAddress& address) const noexcept {
  const auto whole = bits_ / 8U;
  if (!std::equal(base_.bytes.begin(), base_.bytes.begin() + whole, address.bytes.begin()))
    return false;
  const auto rest = bits_ % 8U;
  return rest == 0 || ((base_.bytes[whole] ^ address.bytes[whole]) >> (8 - rest)) == 0;
}

}  // namespace kith::base
