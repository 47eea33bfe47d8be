#include "front/sid.hpp"

#include "base/assert.hpp"
#include "base/encoding.hpp"

#include <string>

namespace kith::front {
namespace {

constexpr std::size_t random_bytes = 16;

}  // namespace

Sid Sid::make(base::Random& random, std::size_t reactor_index) {
  KITH_ASSERT(reactor_index <= 0xffff);
  std::array<std::uint8_t, random_bytes + 2> bytes{};
  random.fill(std::span{bytes}.first<random_bytes>());
  bytes[random_bytes] = static_cast<std::uint8_t>(reactor_index >> 8);
  bytes[random_bytes + 1] = static_cast<std::uint8_t>(reactor_index);
  const std::string text =
      base::base64url_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  KITH_ASSERT(text.size() == chars);
  Sid sid;
  text.copy(sid.text_.data(), chars);
  sid.reactor_index_ = static_cast<std::uint16_t>(reactor_index);
  return sid;
}

std::optional<Sid> Sid::parse(std::string_view text) {
  if (text.size() != chars) return std::nullopt;
  const auto bytes = base::base64url_decode(text);
  if (!bytes || bytes->size() != random_bytes + 2) return std::nullopt;
  Sid sid;
  text.copy(sid.text_.data(), chars);
  const auto high = static_cast<unsigned char>((*bytes)[random_bytes]);
  const auto low = static_cast<unsigned char>((*bytes)[random_bytes + 1]);
  sid.reactor_index_ = static_cast<std::uint16_t>(high << 8 | low);
  return sid;
}

}  // namespace kith::front
