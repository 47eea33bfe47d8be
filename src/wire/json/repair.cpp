#include "wire/json/repair.hpp"

#include <charconv>
#include <cstdint>
#include <optional>

namespace kith::wire::json {
namespace {

constexpr std::size_t escape_length = 6;  // \ud83d

// The code unit of an escape \uXXXX at the start of `text`.
std::optional<std::uint32_t> unit_at_start(std::string_view text) {
  if (text.size() < escape_length || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  std::uint32_t unit = 0;
  const auto digits = text.substr(2, 4);
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), unit, 16);
  if (error != std::errc{} || end != digits.end()) return std::nullopt;
  return unit;
}

bool is_high(std::uint32_t unit) {
  return unit >= 0xd800 && unit < 0xdc00;
}

bool is_low(std::uint32_t unit) {
  return unit >= 0xdc00 && unit < 0xe000;
}

// Handles the backslash at the start of `text`; the number of bytes used.
std::size_t copy_escape(std::string_view text, std::string& out, bool& changed) {
  const auto unit = unit_at_start(text);
  std::size_t used = unit ? escape_length : 2;
  if (unit && is_high(*unit)) {
    const auto second = unit_at_start(text.substr(escape_length));
    if (second && is_low(*second)) used = 2 * escape_length;
  }
  if (unit && used == escape_length && (is_high(*unit) || is_low(*unit))) {
    out.append("\\ufffd");
    changed = true;
  } else {
    out.append(text.substr(0, used));
  }
  return used < text.size() ? used : text.size();
}

bool fits_64_bits(std::string_view digits) {
  if (digits.starts_with('-')) {
    std::int64_t negative = 0;
    return std::from_chars(digits.begin(), digits.end(), negative).ec == std::errc{};
  }
  std::uint64_t positive = 0;
  return std::from_chars(digits.begin(), digits.end(), positive).ec == std::errc{};
}

// Handles the number at the start of `text`; the number of bytes used.
std::size_t copy_number(std::string_view text, std::string& out, bool& changed) {
  std::size_t length = text.find_first_not_of("-+.0123456789eE");
  if (length == std::string_view::npos) length = text.size();
  const auto token = text.substr(0, length);
  out.append(token);
  const bool integer = token.find_first_not_of("0123456789", 1) == std::string_view::npos;
  if (integer && token != "-" && !fits_64_bits(token)) {
    out.append("e0");
    changed = true;
  }
  return length;
}

bool starts_number(char c) {
  return c == '-' || (c >= '0' && c <= '9');
}

}  // namespace

bool repair(std::string_view text, std::string& out) {
  out.clear();
  out.reserve(text.size() + 64);
  bool changed = false;
  bool in_string = false;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (in_string && c == '\\') {
      at += copy_escape(text.substr(at), out, changed);
      continue;
    }
    if (!in_string && starts_number(c)) {
      at += copy_number(text.substr(at), out, changed);
      continue;
    }
    if (c == '"') in_string = !in_string;
    out.push_back(c);
    ++at;
  }
  return changed;
}

}  // namespace kith::wire::json
