#include "codec.hpp"

#include "base/encoding.hpp"

namespace kith::simulation {

using wire::websocket::Event;

std::string ClientCodec::handshake() {
  return "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
         "Host: simulation\r\n"
         "Connection: Upgrade\r\n"
         "Upgrade: websocket\r\n"
         "Sec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
         "\r\n";
}

std::string ClientCodec::frame(std::string_view packet, std::uint32_t mask) {
  std::string out;
  wire::websocket::append_masked_frame(
      out, {.opcode = wire::websocket::Opcode::text, .key = mask}, packet);
  return out;
}

void ClientCodec::feed(std::string_view bytes) {
  if (!upgraded_ && !feed_head(bytes)) return;
  while (!stopped_) {
    const auto event = parser_.next(bytes, scratch_);
    if (event.kind == Event::Kind::none) return;
    take(event);
  }
}

bool ClientCodec::feed_head(std::string_view& bytes) {
  constexpr std::string_view end = "\r\n\r\n";
  const auto before = head_.size();
  head_ += bytes;
  const auto at = head_.find(end);
  if (at == std::string::npos) return false;
  bytes.remove_prefix(at + end.size() - before);
  upgraded_ = true;
  if (head_.starts_with("HTTP/1.1 101 ")) return true;
  stopped_ = true;
  ear_.on_end(std::string_view{head_}.substr(0, head_.find('\r')));
  return false;
}

void ClientCodec::take(const Event& event) {
  const auto& packet = event.payload;
  if (event.kind == Event::Kind::ping || event.kind == Event::Kind::pong) return;
  if (event.kind != Event::Kind::text || packet.empty()) {
    stopped_ = true;
    return ear_.on_end(event.kind == Event::Kind::close ? "closed" : "not understood");
  }
  switch (packet.front()) {
    case '0':
      return ear_.on_open();
    case '2':
      return ear_.on_ping();
    case '4':
      return ear_.on_packet(packet.substr(1));
    case '1':
      stopped_ = true;
      return ear_.on_end("closed");
    default:
      return;
  }
}

}  // namespace kith::simulation
