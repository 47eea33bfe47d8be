#include "base/encoding.hpp"

#include <array>
#include <cstdint>

namespace kith::base {
namespace {

constexpr std::string_view standard_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> reverse(std::string_view alphabet) {
  std::array<std::int8_t, 256> table{};
  for (auto& entry : table)
    entry = -1;
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return table;
}

constexpr auto standard_reverse = reverse(standard_alphabet);
constexpr auto url_reverse = reverse(url_alphabet);

// Without padding. Gives the end.
char* write(char* to, std::string_view bytes, std::string_view alphabet) noexcept {
  const std::size_t whole = bytes.size() / 3;
  const std::size_t rest = bytes.size() % 3;
  const auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
  const char* digit = alphabet.data();
  for (std::size_t i = 0; i < whole; ++i, from += 3, to += 4) {
    to[0] = digit[from[0] >> 2];
    to[1] = digit[(from[0] & 3) << 4 | from[1] >> 4];
    to[2] = digit[(from[1] & 15) << 2 | from[2] >> 6];
    to[3] = digit[from[2] & 63];
  }
  if (rest == 0) return to;
  const unsigned char second = rest == 2 ? from[1] : 0;
  *to++ = digit[from[0] >> 2];
  *to++ = digit[(from[0] & 3) << 4 | second >> 4];
  if (rest == 2) *to++ = digit[(second & 15) << 2];
  return to;
}

void encode(std::string& out, std::string_view bytes, std::string_view alphabet, bool pad) {
  const std::size_t rest = bytes.size() % 3;
  const std::size_t start = out.size();
  out.resize(start + bytes.size() / 3 * 4 + (rest == 0 ? 0 : pad ? 4 : rest + 1), '=');
  write(out.data() + start, bytes, alphabet);
}

std::optional<std::string> decode(std::string_view text,
                                  const std::array<std::int8_t, 256>& table) {
  const std::size_t rest = text.size() % 4;
  if (rest == 1) return std::nullopt;
  std::string out(text.size() / 4 * 3 + (rest == 0 ? 0 : rest - 1), '\0');
  char* to = out.data();
  const auto* from = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = from + text.size() - rest;
  const auto value = [&](std::size_t at) -> std::int32_t { return table[from[at]]; };
  std::int32_t seen = 0;  // negative when one of them is
  for (; from != end; from += 4, to += 3) {
    seen |= value(0) | value(1) | value(2) | value(3);
    const auto bits =
        static_cast<std::uint32_t>(value(0)) << 18 | static_cast<std::uint32_t>(value(1)) << 12 |
        static_cast<std::uint32_t>(value(2)) << 6 | static_cast<std::uint32_t>(value(3));
    to[0] = static_cast<char>(bits >> 16);
    to[1] = static_cast<char>(bits >> 8);
    to[2] = static_cast<char>(bits);
  }
  std::uint32_t left = 0;  // bits that no byte has
  if (rest != 0) {
    const std::int32_t third = rest == 3 ? value(2) : 0;
    seen |= value(0) | value(1) | third;
    const auto bits = static_cast<std::uint32_t>(value(0)) << 12 |
                      static_cast<std::uint32_t>(value(1)) << 6 | static_cast<std::uint32_t>(third);
    to[0] = static_cast<char>(bits >> 10);
    if (rest == 3) to[1] = static_cast<char>(bits >> 2);
    left = rest == 3 ? bits & 3 : bits >> 6 & 15;
  }
  if (seen < 0 || left != 0) return std::nullopt;
  return out;
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string out;
  encode(out, bytes, standard_alphabet, true);
  return out;
}

void append_base64(std::string& out, std::string_view bytes) {
  encode(out, bytes, standard_alphabet, true);
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() % 4 == 3 && text.ends_with('=')) text.remove_suffix(1);
  return decode(text, standard_reverse);
}

std::string base64url_encode(std::string_view bytes) {
  std::string out;
  encode(out, bytes, url_alphabet, false);
  return out;
}

void append_base64url(std::string& out, std::string_view bytes) {
  encode(out, bytes, url_alphabet, false);
}

char* write_base64url(char* to, std::string_view bytes) noexcept {
  return write(to, bytes, url_alphabet);
}

std::optional<std::string> base64url_decode(std::string_view text) {
  return decode(text, url_reverse);
}

std::string hex_encode(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

namespace {

// The length of the valid UTF-8 sequence at the start of `rest`, 0 if there is none.
std::size_t sequence_length(std::string_view rest) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
  const auto trail = [&](std::size_t i, unsigned char low = 0x80, unsigned char high = 0xbf) {
    return i < rest.size() && at(i) >= low && at(i) <= high;
  };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return trail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const unsigned char low = first == 0xe0 ? 0xa0 : 0x80;
    const unsigned char high = first == 0xed ? 0x9f : 0xbf;
    return trail(1, low, high) && trail(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const unsigned char low = first == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = first == 0xf4 ? 0x8f : 0xbf;
    return trail(1, low, high) && trail(2) && trail(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  std::size_t i = 0;
  while (i < text.size()) {
    if (i + 8 <= text.size()) {  // most text is ASCII: eight bytes a step
      std::uint64_t word = 0;
      __builtin_memcpy(&word, text.data() + i, 8);
      if ((word & 0x8080808080808080ULL) == 0) {
        i += 8;
        continue;
      }
    }
    const std::size_t length = sequence_length(text.substr(i));
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::size_t utf8_length(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char c : text)
    count += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return count;
}

std::size_t utf16_length(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    count += (byte & 0xc0) != 0x80 ? 1 : 0;
    count += byte >= 0xf0 ? 1 : 0;
  }
  return count;
}

}  // namespace kith::base
