#include "client/marker.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace kith::bench {
namespace {

constexpr std::string_view sign = "~kb";
constexpr std::string_view digits = "0123456789abcdef";
constexpr std::uint32_t binary_sign = 0x626b7eff;

void put_hex(char* to, std::uint64_t value, int count) noexcept {
  for (int i = count - 1; i >= 0; --i, value >>= 4)
    to[i] = digits[value & 15];
}

constexpr std::array<std::int8_t, 256> hex_values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < digits.size(); ++i)
    values[static_cast<std::uint8_t>(digits[i])] = static_cast<std::int8_t>(i);
  return values;
}();

bool get_hex(const char* from, int count, std::uint64_t& value) noexcept {
  value = 0;
  int wrong = 0;
  for (int i = 0; i < count; ++i) {
    const std::int8_t digit = hex_values[static_cast<std::uint8_t>(from[i])];
    wrong |= digit;
    value = value << 4 | static_cast<std::uint64_t>(digit & 15);
  }
  return wrong >= 0;
}

void pad(std::string& out, std::size_t missing) {
  out.append(missing, '.');
}

}  // namespace

Marker::Marker(std::uint32_t run) : run_(run), lead_(sign) {
  lead_.resize(sign.size() + 8);
  put_hex(lead_.data() + sign.size(), run, 8);
}

void Marker::append_text(std::string& out, const Mark& mark, std::size_t length) const {
  char tail[32];
  put_hex(tail, static_cast<std::uint64_t>(mark.due_ns), 16);
  put_hex(tail + 16, mark.stream, 8);
  put_hex(tail + 24, mark.number, 8);
  out += lead_;
  out.append(tail, sizeof tail);
  pad(out, length - std::min(length, text_mark_bytes));
}

void Marker::append_binary(std::string& out, const Mark& mark, std::size_t length) const {
  char bytes[binary_mark_bytes];
  std::memcpy(bytes, &binary_sign, 4);
  std::memcpy(bytes + 4, &run_, 4);
  std::memcpy(bytes + 8, &mark.due_ns, 8);
  std::memcpy(bytes + 16, &mark.stream, 4);
  std::memcpy(bytes + 20, &mark.number, 4);
  out.append(bytes, sizeof bytes);
  pad(out, length - std::min(length, binary_mark_bytes));
}

std::optional<Mark> Marker::find_text(std::string_view bytes, std::size_t& hint) const noexcept {
  std::size_t at = hint;
  if (bytes.size() < at + text_mark_bytes ||
      std::memcmp(bytes.data() + at, lead_.data(), lead_.size()) != 0) {
    const void* found = ::memmem(bytes.data(), bytes.size(), lead_.data(), lead_.size());
    if (found == nullptr) return std::nullopt;
    at = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    if (bytes.size() < at + text_mark_bytes) return std::nullopt;
    hint = at;
  }
  const char* tail = bytes.data() + at + lead_.size();
  std::uint64_t due = 0;
  std::uint64_t stream = 0;
  std::uint64_t number = 0;
  if (!get_hex(tail, 16, due) || !get_hex(tail + 16, 8, stream) || !get_hex(tail + 24, 8, number))
    return std::nullopt;
  return Mark{static_cast<std::int64_t>(due),
              static_cast<std::uint32_t>(stream),
              static_cast<std::uint32_t>(number)};
}

std::optional<Mark> Marker::read_binary(std::string_view bytes) const noexcept {
  if (bytes.size() < binary_mark_bytes) return std::nullopt;
  std::uint32_t lead[2];
  std::memcpy(lead, bytes.data(), sizeof lead);
  if (lead[0] != binary_sign || lead[1] != run_) return std::nullopt;
  Mark mark;
  std::memcpy(&mark.due_ns, bytes.data() + 8, 8);
  std::memcpy(&mark.stream, bytes.data() + 16, 4);
  std::memcpy(&mark.number, bytes.data() + 20, 4);
  return mark;
}

}  // namespace kith::bench
