#include "wire/socketio/packet.hpp"

#include "base/encoding.hpp"
#include "base/limits.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace kith::wire::socketio {
namespace {

using base::Errc;
using base::Fault;

constexpr Fault empty_packet{Errc::validation_failed, "send a Socket.IO packet in each message"};
constexpr Fault unknown_type{Errc::validation_failed, "send packet types 0 to 6"};
constexpr Fault error_from_client{Errc::validation_failed, "leave CONNECT_ERROR to the server"};
constexpr Fault bad_count{Errc::validation_failed,
                          "give the number of attachments as `1-` to `10-` after the packet type"};
constexpr Fault too_many{Errc::too_large, "send at most 10 attachments in one packet"};
constexpr Fault long_namespace{Errc::too_large, "use a namespace of at most 256 bytes"};
constexpr Fault bad_namespace{Errc::validation_failed, "send the namespace in UTF-8"};
constexpr Fault bad_ack_id{Errc::validation_failed, "use ack ids below 2^53"};

static_assert(base::limits::attachments_max == 10 && base::limits::namespace_bytes_max == 256,
              "the texts above name these limits");

constexpr std::size_t count_digits_max = 2;
constexpr std::size_t ack_id_digits_max = 16;  // of 2^53 - 1

std::size_t leading_digits(std::string_view text) noexcept {
  const auto end =
      std::find_if(text.begin(), text.end(), [](char c) { return c < '0' || c > '9'; });
  return static_cast<std::size_t>(end - text.begin());
}

std::uint64_t to_number(std::string_view digits) noexcept {
  std::uint64_t number = 0;
  std::from_chars(digits.begin(), digits.end(), number);
  return number;
}

base::Result<std::size_t> take_count(std::string_view& rest) {
  const std::size_t digits = leading_digits(rest);
  if (digits == 0 || digits == rest.size() || rest[digits] != '-') return bad_count;
  if (digits > count_digits_max) return too_many;
  const std::size_t count = to_number(rest.substr(0, digits));
  if (count == 0) return bad_count;
  if (count > base::limits::attachments_max) return too_many;
  rest.remove_prefix(digits + 1);
  return count;
}

base::Result<void> take_namespace(std::string_view& rest, Head& head, Protocol protocol) {
  if (!rest.starts_with('/')) return {};
  const std::size_t comma = rest.find(',');
  head.nsp = rest.substr(0, comma);
  rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  if (!base::is_utf8(head.nsp)) return bad_namespace;
  const std::size_t mark = head.nsp.find('?');
  if (protocol == Protocol::v4 && mark != std::string_view::npos) {
    head.query = head.nsp.substr(mark + 1);
    head.nsp = head.nsp.substr(0, mark);
  }
  if (head.nsp.size() > base::limits::namespace_bytes_max) return long_namespace;
  return {};
}

base::Result<void> take_ack_id(std::string_view& rest, Head& head) {
  const std::size_t digits = leading_digits(rest);
  if (digits == 0) return {};
  if (digits > ack_id_digits_max) return bad_ack_id;
  head.ack_id = to_number(rest.substr(0, digits));
  if (*head.ack_id > ack_id_max) return bad_ack_id;
  rest.remove_prefix(digits);
  return {};
}

}  // namespace

base::Result<Head> parse_head(std::string_view text, Protocol protocol) {
  if (text.empty()) return empty_packet;
  if (text[0] < '0' || text[0] > '6') return unknown_type;
  Head head;
  head.type = static_cast<PacketType>(text[0] - '0');
  if (head.type == PacketType::connect_error) return error_from_client;
  std::string_view rest = text.substr(1);
  if (head.type == PacketType::binary_event || head.type == PacketType::binary_ack) {
    KITH_TRY(count, take_count(rest));
    head.attachments = count;
  }
  KITH_CHECK(take_namespace(rest, head, protocol));
  KITH_CHECK(take_ack_id(rest, head));
  head.payload = rest;
  return head;
}

bool is_reserved_event(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 6> reserved{
      "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"};
  return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

}  // namespace kith::wire::socketio
