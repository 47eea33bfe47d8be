#include "wire/engineio/payload.hpp"

#include "base/encoding.hpp"
#include "base/limits.hpp"

#include <charconv>

namespace kith::wire::engineio {
namespace {

constexpr char separator = '\x1e';
constexpr char length_end = static_cast<char>(0xff);
constexpr std::size_t length_digits_max = 10;
constexpr char message_byte = static_cast<char>(PacketType::message);

// Bytes of `text` (valid UTF-8) that make `units` UTF-16 units; nothing if it is shorter, or a pair
// would be cut.
std::optional<std::size_t> bytes_of_utf16(std::string_view text, std::size_t units) noexcept {
  std::size_t at = 0;
  while (units > 0) {
    if (at >= text.size()) return std::nullopt;
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t width = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const std::size_t cost = width == 4 ? 2 : 1;
    if (cost > units) return std::nullopt;
    units -= cost;
    at += width;
  }
  return at;
}

void append_length(std::string& out, std::size_t length) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, length).ptr;
  out.append(digits, end);
}

void append_v3_octets(std::string& out, const OutMessage& packet) {
  const bool binary = packet.is_binary();
  out.push_back(binary ? 1 : 0);
  char digits[20];
  const auto end =
      std::to_chars(digits, digits + sizeof digits, packet.packet_bytes() + (binary ? 1 : 0)).ptr;
  for (const char* digit = digits; digit != end; ++digit)
    out.push_back(static_cast<char>(*digit - '0'));
  out.push_back(length_end);
  if (binary) out.push_back(message_byte);
  out.append(packet.packet_view());
}

void append_v3_text(std::string& out, const OutMessage& packet) {
  if (packet.is_binary()) {
    append_length(out, 2 + (packet.packet_bytes() + 2) / 3 * 4);
    out.append(":b4");
    base::append_base64(out, packet.packet_view());
    return;
  }
  append_length(out, base::utf16_length(packet.packet_view()));
  out.push_back(':');
  out.append(packet.packet_view());
}

void append_v4(std::string& out, const OutMessage& packet) {
  if (!out.empty()) out.push_back(separator);
  if (packet.is_binary()) {
    out.push_back('b');
    base::append_base64(out, packet.packet_view());
  } else {
    out.append(packet.packet_view());
  }
}

std::size_t expected_bytes(const std::vector<OutMessage>& packets) noexcept {
  constexpr std::size_t framing_bytes = 12;
  std::size_t sum = 0;
  for (const auto& packet : packets) {
    const std::size_t size = packet.packet_bytes();
    sum += framing_bytes + (packet.is_binary() ? (size + 2) / 3 * 4 : size);
  }
  return sum;
}

}  // namespace

PayloadReader::PayloadReader(Revision revision, PayloadForm form, std::string_view body)
    : rest_(body),
      revision_(revision),
      form_(form),
      // An empty body is no payload in any form; text that is not UTF-8 can not be counted in
      // UTF-16 units.
      failed_(body.empty() || (form == PayloadForm::text && !base::is_utf8(body)) ||
              (form == PayloadForm::octets && revision == Revision::v4)) {}

std::optional<Packet> PayloadReader::fail() noexcept {
  failed_ = true;
  return std::nullopt;
}

std::optional<Packet> PayloadReader::next() {
  if (failed_ || ended_) return std::nullopt;
  if (packets_ == base::limits::payload_packets_max && !rest_.empty()) return fail();
  ++packets_;
  if (revision_ == Revision::v4) return next_of_v4();
  return form_ == PayloadForm::text ? next_of_v3_text() : next_of_v3_octets();
}

std::optional<Packet> PayloadReader::text_packet(std::string_view text) {
  auto packet = decode_text_packet(revision_, text, scratch_);
  return packet ? packet : fail();
}

std::optional<Packet> PayloadReader::next_of_v4() {
  const std::size_t end = rest_.find(separator);
  const std::string_view text = rest_.substr(0, end);
  if (end == std::string_view::npos) {
    ended_ = true;  // a separator at the very end leaves an empty packet here: an error
    rest_ = {};
  } else {
    rest_.remove_prefix(end + 1);
  }
  return text_packet(text);
}

std::optional<Packet> PayloadReader::next_of_v3_text() {
  while (!rest_.empty()) {
    const std::size_t colon = rest_.substr(0, length_digits_max + 1).find(':');
    if (colon == std::string_view::npos || colon == 0) return fail();
    std::uint64_t units = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + colon, units);
    if (error != std::errc{} || end != rest_.data() + colon) return fail();
    rest_.remove_prefix(colon + 1);
    const auto bytes = bytes_of_utf16(rest_, units);
    if (!bytes) return fail();
    const std::string_view text = rest_.substr(0, *bytes);
    rest_.remove_prefix(*bytes);
    if (!text.empty()) return text_packet(text);
    // `0:` is how revision 3 says "no packets"; it counts, so that a body of them stays bounded
    if (++packets_ > base::limits::payload_packets_max && !rest_.empty()) return fail();
  }
  ended_ = true;
  return std::nullopt;
}

std::optional<Packet> PayloadReader::next_of_v3_octets() {
  if (rest_.empty()) {
    ended_ = true;
    return std::nullopt;
  }
  const char kind = rest_.front();
  if (kind != 0 && kind != 1) return fail();
  std::uint64_t length = 0;
  std::size_t at = 1;
  for (;; ++at) {
    if (at > length_digits_max + 1 || at >= rest_.size()) return fail();
    if (rest_[at] == length_end) break;
    const auto digit = static_cast<unsigned char>(rest_[at]);
    if (digit > 9) return fail();
    length = length * 10 + digit;
  }
  rest_.remove_prefix(at + 1);
  if (at == 1 || length > rest_.size()) return fail();
  const std::string_view body = rest_.substr(0, length);
  rest_.remove_prefix(length);
  if (kind == 0) return base::is_utf8(body) ? text_packet(body) : fail();
  const auto packet = decode_binary_packet(revision_, body);
  return packet ? packet : fail();
}

Payload encode_payload(Revision revision,
                       bool base64_only,
                       const std::vector<OutMessage>& packets) {
  Payload payload;
  if (revision == Revision::v3 && !base64_only) {
    for (const auto& packet : packets)
      if (packet.is_binary()) payload.form = PayloadForm::octets;
  }
  payload.body.reserve(expected_bytes(packets));
  for (const auto& packet : packets) {
    if (revision == Revision::v4)
      append_v4(payload.body, packet);
    else if (payload.form == PayloadForm::octets)
      append_v3_octets(payload.body, packet);
    else
      append_v3_text(payload.body, packet);
  }
  return payload;
}

}  // namespace kith::wire::engineio
