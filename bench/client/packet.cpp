#include "client/packet.hpp"

#include <charconv>

namespace kith::bench {
namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// Reads the digits `text` begins with, and drops them. Nothing there: `none`.
std::int64_t take_number(std::string_view& text, std::int64_t none) noexcept {
  std::int64_t value = none;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return none;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// ["name",...]: the name, and what is behind its comma.
void split_event(std::string_view array, Packet& packet) noexcept {
  if (array.size() < 3 || array[0] != '[' || array[1] != '"') return;
  const auto end = array.find('"', 2);
  if (end == std::string_view::npos) return;
  packet.name = array.substr(2, end - 2);
  array.remove_prefix(end + 1);
  if (!array.empty() && array.front() == ',') array.remove_prefix(1);
  packet.body = array;
}

Packet parse_message(std::string_view text) noexcept {
  Packet packet;
  if (text.empty()) return packet;
  const char type = text.front();
  text.remove_prefix(1);
  const bool binary = type == '5' || type == '6';
  if (binary) {
    packet.attachments = static_cast<std::uint32_t>(take_number(text, 0));
    if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  }
  if (text.starts_with("/,")) text.remove_prefix(2);
  if (!text.empty() && is_digit(text.front())) packet.ack = take_number(text, -1);
  packet.body = text;
  switch (type) {
    case '0':
      packet.kind = Packet::Kind::connected;
      break;
    case '1':
      packet.kind = Packet::Kind::disconnect;
      break;
    case '2':
    case '5':
      packet.kind = Packet::Kind::event;
      split_event(text, packet);
      break;
    case '3':
    case '6':
      packet.kind = Packet::Kind::ack;
      break;
    case '4':
      packet.kind = Packet::Kind::refused;
      break;
    default:
      break;
  }
  return packet;
}

// Where the value of `"key":` begins; npos when there is none.
std::size_t value_of(std::string_view json, std::string_view key) {
  for (std::size_t at = json.find(key, 1); at != std::string_view::npos;
       at = json.find(key, at + 1)) {
    const std::size_t end = at + key.size();
    if (json[at - 1] == '"' && json.substr(end, 2) == "\":") return end + 2;
  }
  return std::string_view::npos;
}

}  // namespace

Packet parse_packet(std::string_view text) noexcept {
  Packet packet;
  if (text.empty()) return packet;
  switch (text.front()) {
    case '0':
      packet.kind = Packet::Kind::open;
      packet.body = text.substr(1);
      return packet;
    case '1':
      packet.kind = Packet::Kind::disconnect;
      return packet;
    case '2':
      packet.kind = Packet::Kind::ping;
      return packet;
    case '4':
      return parse_message(text.substr(1));
    default:
      return packet;
  }
}

std::string_view text_field(std::string_view json, std::string_view key, bool* found) {
  if (found != nullptr) *found = false;
  const std::size_t begin = value_of(json, key);
  if (begin == std::string_view::npos || begin >= json.size() || json[begin] != '"') return {};
  for (std::size_t end = begin + 1; end < json.size(); ++end) {
    if (json[end] == '\\') {
      ++end;
    } else if (json[end] == '"') {
      if (found != nullptr) *found = true;
      return json.substr(begin + 1, end - begin - 1);
    }
  }
  return {};
}

std::int64_t number_field(std::string_view json, std::string_view key) {
  const std::size_t begin = value_of(json, key);
  if (begin == std::string_view::npos) return -1;
  json.remove_prefix(begin);
  return take_number(json, -1);
}

bool is_true(std::string_view json, std::string_view key) {
  const std::size_t begin = value_of(json, key);
  return begin != std::string_view::npos && json.substr(begin, 4) == "true";
}

void begin_event(std::string& out, std::string_view name, std::int64_t ack) {
  out += "42";
  if (ack >= 0) {
    char digits[20];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, ack);
    if (error == std::errc{}) out.append(digits, end);
  }
  out += "[\"";
  out += name;
  out += "\",";
}

}  // namespace kith::bench
