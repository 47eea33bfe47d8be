#include "wire/json/value.hpp"

#include "wire/json/writer.hpp"

#include <bit>
#include <cmath>

namespace kith::wire::json {

Kind Value::kind() const noexcept {
  switch (tag()) {
    case '{':
      return Kind::object;
    case '[':
      return Kind::array;
    case '"':
      return Kind::string;
    case 't':
    case 'f':
      return Kind::boolean;
    case 'l':
    case 'u':
      return Kind::integer;
    case 'd':
      return Kind::number;
    default:
      return Kind::null;
  }
}

std::optional<std::int64_t> Value::as_int() const noexcept {
  if (tag() == 'l') return static_cast<std::int64_t>(word(at_ + 1));
  if (tag() != 'd') return std::nullopt;
  const double number = std::bit_cast<double>(word(at_ + 1));
  if (std::abs(number) >= integer_exact_max || std::trunc(number) != number) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::optional<std::uint64_t> Value::as_uint() const noexcept {
  if (tag() == 'u') return word(at_ + 1);
  const auto integer = as_int();
  if (!integer || *integer < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*integer);
}

std::optional<double> Value::as_double() const noexcept {
  const char kind = tag();
  if (kind == 'l') return static_cast<double>(static_cast<std::int64_t>(word(at_ + 1)));
  if (kind == 'u') return static_cast<double>(word(at_ + 1));
  if (kind == 'd') return std::bit_cast<double>(word(at_ + 1));
  return std::nullopt;
}

std::optional<Value> Value::find(std::string_view name) const noexcept {
  std::optional<Value> found;
  for (const auto [key, value] : members())
    if (key == name) found = value;
  return found;
}

std::size_t Value::size() const noexcept {
  // The tape counts up to 2^24 - 1; a Parser takes no text with more (capacity_bytes_limit).
  return is_object() || is_array() ? word(at_) >> 32 & 0xff'ffff : 0;
}

Items Value::items() const noexcept {
  if (!is_array()) return {};
  return {{*tape_, at_ + 1}, {*tape_, next() - 1}, size()};
}

Members Value::members() const noexcept {
  if (!is_object()) return {};
  return {{*tape_, at_ + 1}, {*tape_, next() - 1}};
}

bool contains_nul(Value value) noexcept {
  // Strings and names of everything inside follow on the tape, whatever the nesting.
  const std::size_t end = value.next();
  while (value.at_ < end) {
    if (value.is_string() && value.text().find('\0') != std::string_view::npos) return true;
    value.at_ = value.is_number() ? value.at_ + 2 : value.at_ + 1;
  }
  return false;
}

namespace {

// Recursion ends at limits::json_depth_max: deeper documents are not parsed.
void write(Writer& writer, Value value) {
  switch (value.kind()) {
    case Kind::object:
      writer.begin_object();
      for (const auto [name, member] : value.members())
        write(writer.key(name), member);
      writer.end_object();
      return;
    case Kind::array:
      writer.begin_array();
      for (const Value item : value.items())
        write(writer, item);
      writer.end_array();
      return;
    case Kind::string:
      writer.string(*value.as_string());
      return;
    case Kind::boolean:
      writer.boolean(*value.as_bool());
      return;
    case Kind::integer:
      if (const auto integer = value.as_int())
        writer.integer(*integer);
      else
        writer.integer(*value.as_uint());
      return;
    case Kind::number:
      writer.number(*value.as_double());
      return;
    case Kind::null:
      writer.null();
  }
}

}  // namespace

void append_raw(std::string& out, Value value) {
  Writer writer{out};
  write(writer, value);
}

}  // namespace kith::wire::json
