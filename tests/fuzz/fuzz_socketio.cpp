#include "base/assert.hpp"
#include "base/limits.hpp"
#include "wire/socketio/decoder.hpp"
#include "wire/socketio/encode.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace kith::wire;

constexpr std::size_t pending_bytes_max = 4096;

// Sends an event or ack on as a server would; a decoder must read the same out of it.
void relay(const socketio::Packet& packet) {
  const socketio::Envelope envelope{packet.nsp, packet.ack_id, packet.attachments.size()};
  std::string text;
  const bool event = packet.type == socketio::PacketType::event;
  if (!event && !packet.ack_id) return;
  auto writer = event ? socketio::begin_event(text, packet.name, envelope)
                      : socketio::begin_ack(text, envelope);
  for (const auto item : packet.args)
    writer.value(item);
  writer.end_array();

  json::Parser parser;
  socketio::Decoder decoder{{.pending_bytes_max = 1024 * 1024}};
  auto result = decoder.text(text, parser);
  for (const auto& bytes : packet.attachments) {
    KITH_ASSERT(result.has_value() && !result->has_value());
    result = decoder.binary(bytes, parser);
  }
  KITH_ASSERT(result.has_value() && result->has_value());
  const socketio::Packet& again = **result;
  KITH_ASSERT(again.type == packet.type && again.nsp == packet.nsp);
  KITH_ASSERT(again.ack_id == packet.ack_id && again.name == packet.name);
  KITH_ASSERT(again.args.size() == packet.args.size());
  KITH_ASSERT(again.attachments == packet.attachments);
}

}  // namespace

// The first byte chooses the protocol (`3`: that of Engine.IO 3). Messages follow, with U+001E
// between them; one that begins with `b` is binary.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  if (rest.empty()) return 0;
  const auto protocol = rest[0] == '3' ? socketio::Protocol::v4 : socketio::Protocol::v5;
  rest.remove_prefix(1);
  static json::Parser parser{{.capacity_bytes_max = 64 * 1024, .kept_bytes = 1024}};
  socketio::Decoder decoder{{.protocol = protocol, .pending_bytes_max = pending_bytes_max}};
  for (bool more = true; more;) {
    const std::size_t end = rest.find('\x1e');
    const std::string_view message = rest.substr(0, end);
    more = end != std::string_view::npos;
    if (more) rest.remove_prefix(end + 1);
    const bool binary = message.starts_with('b');
    const auto result =
        binary ? decoder.binary(message.substr(1), parser) : decoder.text(message, parser);
    KITH_ASSERT(decoder.pending_bytes() <= pending_bytes_max);
    if (result.has_error()) {
      KITH_ASSERT(!decoder.waiting());
      return 0;
    }
    KITH_ASSERT(decoder.waiting() != result->has_value());
    if (!result->has_value()) continue;
    const socketio::Packet& packet = **result;
    KITH_ASSERT(packet.attachments.size() <= kith::base::limits::attachments_max);
    // A query mark in a namespace of protocol 4 was taken off, in one of protocol 5 it stays: both
    // relay.
    if (packet.type == socketio::PacketType::event || packet.type == socketio::PacketType::ack)
      relay(packet);
  }
  return 0;
}
