#include "wire/engineio/packet.hpp"

#include "base/encoding.hpp"

namespace kith::wire::engineio {
namespace {

std::optional<Packet> decode_base64_packet(Revision revision,
                                           std::string_view rest,
                                           std::string& scratch) {
  if (revision == Revision::v3) {  // `b4<base64>`; only messages carry bytes
    if (rest.empty() || rest.front() != to_char(PacketType::message)) return std::nullopt;
    rest.remove_prefix(1);
  }
  auto bytes = base::base64_decode(rest);
  if (!bytes) return std::nullopt;
  scratch = std::move(*bytes);
  return Packet{PacketType::message, true, scratch};
}

}  // namespace

std::optional<Packet> decode_text_packet(Revision revision,
                                         std::string_view text,
                                         std::string& scratch) {
  if (text.empty()) return std::nullopt;
  const char first = text.front();
  text.remove_prefix(1);
  if (first == 'b') return decode_base64_packet(revision, text, scratch);
  if (first < to_char(PacketType::open) || first > to_char(PacketType::noop)) return std::nullopt;
  return Packet{static_cast<PacketType>(first - '0'), false, text};
}

std::optional<Packet> decode_binary_packet(Revision revision, std::string_view bytes) noexcept {
  if (revision == Revision::v4) return Packet{PacketType::message, true, bytes};
  constexpr char message_byte = static_cast<char>(PacketType::message);
  if (bytes.empty() || bytes.front() != message_byte) return std::nullopt;
  return Packet{PacketType::message, true, bytes.substr(1)};
}

}  // namespace kith::wire::engineio
