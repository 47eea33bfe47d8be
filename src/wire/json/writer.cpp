#include "wire/json/writer.hpp"

#include <cmath>
#include <cstring>

namespace kith::wire::json {
namespace {

constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
constexpr std::uint64_t highs = 0x8080'8080'8080'8080;

// Whether one of eight bytes is below 0x20, a quote or a backslash. Bytes from 0x80 on count as
// none of them.
bool needs_escape(std::uint64_t word) noexcept {
  const auto zero_byte = [](std::uint64_t x) { return (x - ones) & ~x & highs; };
  const std::uint64_t control = (word - ones * 0x20) & ~word & highs;
  return (control | zero_byte(word ^ ones * '"') | zero_byte(word ^ ones * '\\')) != 0;
}

bool needs_escape(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

std::uint64_t load(const char* at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// The length of the start of `text` that can be copied as it is.
std::size_t plain_length(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at + 8 <= text.size() && !needs_escape(load(text.data() + at)))
    at += 8;
  // The last bytes once more with those before them, in one look.
  const std::size_t left = text.size() - at;
  if (left < 8 && text.size() >= 8 && !needs_escape(load(text.data() + text.size() - 8)))
    return text.size();
  while (at < text.size() && !needs_escape(text[at]))
    ++at;
  return at;
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
    case '"':
    case '\\':
      out.push_back('\\');
      out.push_back(c);
      return;
    case '\b':
      out.append("\\b");
      return;
    case '\f':
      out.append("\\f");
      return;
    case '\n':
      out.append("\\n");
      return;
    case '\r':
      out.append("\\r");
      return;
    case '\t':
      out.append("\\t");
      return;
    default:
      out.append("\\u00");
      out.push_back(hex[static_cast<unsigned char>(c) >> 4]);
      out.push_back(hex[static_cast<unsigned char>(c) & 15]);
  }
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  std::size_t plain = plain_length(text);
  if (plain == text.size()) {
    // Most texts: one growth of the string, one copy.
    const std::size_t start = out.size();
    out.resize(start + text.size() + 2);
    out[start] = '"';
    text.copy(out.data() + start + 1, text.size());
    out.back() = '"';
    return;
  }
  out.push_back('"');
  while (plain < text.size()) {
    out.append(text.substr(0, plain));
    append_escaped(out, text[plain]);
    text.remove_prefix(plain + 1);
    plain = plain_length(text);
  }
  out.append(text);
  out.push_back('"');
}

void append_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out.append("null");
    return;
  }
  if (number == 0 && std::signbit(number)) {
    out.append("-0.0");  // "-0" reads back as the integer 0
    return;
  }
  char digits[32];
  // Large whole numbers keep an exponent, so that no reader takes them for exact integers.
  const bool large = std::abs(number) >= integer_exact_max;
  const auto end =
      large ? std::to_chars(digits, digits + sizeof digits, number, std::chars_format::scientific)
            : std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, static_cast<std::size_t>(end.ptr - digits));
}

}  // namespace kith::wire::json
