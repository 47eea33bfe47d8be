#include "client/json_text.hpp"

#include <fmt/format.h>

#include <cmath>

namespace kith::bench {

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

std::string json_number(double value) {
  if (!std::isfinite(value)) return "null";
  if (value == std::floor(value) && std::fabs(value) < 9e15)
    return fmt::format("{}", static_cast<std::int64_t>(value));
  return fmt::format("{:.6g}", value);
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view json) {
  if (body_.size() > 1) body_ += ',';
  body_ += json_quoted(name);
  body_ += ':';
  body_ += json;
  return *this;
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
  return raw(name, json_quoted(value));
}

JsonObject& JsonObject::number(std::string_view name, double value) {
  return raw(name, json_number(value));
}

JsonObject& JsonObject::count(std::string_view name, std::uint64_t value) {
  return raw(name, fmt::format("{}", value));
}

}  // namespace kith::bench
