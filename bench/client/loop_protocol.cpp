#include "client/loop.hpp"

#include <charconv>
#include <strings.h>

namespace kith::bench {
namespace {

constexpr std::size_t head_bytes_max = 64 * 1024;
constexpr std::string_view accepted = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";  // of the key in the request
constexpr std::uint32_t retry_after_s_max = 600;

// The value of a header, whose name may be written in any case.
std::string_view header(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find('\n'); at != std::string_view::npos;
       at = head.find('\n', at + 1)) {
    const std::string_view line = head.substr(at + 1, head.find('\r', at + 1) - at - 1);
    if (line.size() <= name.size() || line[name.size()] != ':' ||
        ::strncasecmp(line.data(), name.data(), name.size()) != 0)
      continue;
    const auto value = line.find_first_not_of(' ', name.size() + 1);
    return value == std::string_view::npos ? std::string_view{} : line.substr(value);
  }
  return {};
}

}  // namespace

std::size_t Loop::take(Connection& connection, std::string_view bytes, std::int64_t now) {
  std::size_t done = 0;
  if (connection.state == Connection::State::upgrading) {
    done = take_upgrade(connection, bytes);
    if (done == 0) return 0;
  }
  const std::uint32_t session = connection.session;
  while (connection.session == session && connection.state != Connection::State::closed) {
    Frame frame;
    const FrameState state = next_frame(bytes.substr(done), message_bytes_max, frame);
    if (state == FrameState::partial) break;
    if (state == FrameState::bad) {
      close(connection, "a WebSocket frame that breaks the rules");
      break;
    }
    done += frame.size;
    take_frame(connection, frame, now);
  }
  return done;
}

std::size_t Loop::take_upgrade(Connection& connection, std::string_view bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() > head_bytes_max) close(connection, "an answer that is no WebSocket's");
    return 0;
  }
  const std::string_view head = bytes.substr(0, end + 2);
  if (!head.starts_with("HTTP/1.1 101") || header(head, "Sec-WebSocket-Accept") != accepted) {
    refused_upgrade(connection, head);
    return 0;
  }
  connection.state = Connection::State::opening;
  return end + 4;
}

void Loop::refused_upgrade(Connection& connection, std::string_view head) {
  const std::string_view pace = header(head, "Retry-After");
  std::uint32_t seconds = 0;
  std::from_chars(pace.data(), pace.data() + pace.size(), seconds);
  connection.retry_after_s = std::min(seconds, retry_after_s_max);
  const std::string reason = "refused: " + std::string(head.substr(0, head.find('\r')));
  close(connection, reason);
}

void Loop::take_frame(Connection& connection, const Frame& frame, std::int64_t now) {
  switch (frame.opcode) {
    case Opcode::text:
    case Opcode::binary:
      if (frame.last)
        return take_message(connection, frame.opcode == Opcode::text, frame.payload, now);
      connection.message_is_text = frame.opcode == Opcode::text;
      connection.message = frame.payload;
      return;
    case Opcode::more: {
      if (connection.message.size() + frame.payload.size() > message_bytes_max)
        return close(connection, "a message that is too long");
      connection.message += frame.payload;
      if (!frame.last) return;
      const std::string whole = std::move(connection.message);
      connection.message.clear();
      return take_message(connection, connection.message_is_text, whole, now);
    }
    case Opcode::ping:
      return send_frame(connection, Opcode::pong, frame.payload);
    case Opcode::pong:
      return;
    case Opcode::close: {
      const std::string reason =
          "closed: " +
          std::string(frame.payload.substr(std::min<std::size_t>(2, frame.payload.size())));
      return close(connection, reason);
    }
  }
  close(connection, "a WebSocket frame of an unknown kind");
}

void Loop::take_message(Connection& connection,
                        bool text,
                        std::string_view message,
                        std::int64_t now) {
  if (text) return take_text(connection, message, now);
  if (connection.attachments == 0) return close(connection, "an attachment of no event");
  --connection.attachments;
  listener_.on_attachment(connection, connection.event, message, now);
}

void Loop::take_text(Connection& connection, std::string_view text, std::int64_t now) {
  const Packet packet = parse_packet(text);
  switch (packet.kind) {
    case Packet::Kind::event:
      return take_event(connection, packet, text, now);
    case Packet::Kind::ack:
      return listener_.on_ack(connection, packet, now);
    case Packet::Kind::ping:
      return send_frame(connection, Opcode::text, "3");
    case Packet::Kind::open:
      connection.state = Connection::State::joining;
      return send_text(connection, "40" + listener_.auth(connection));
    case Packet::Kind::connected:
      connection.state = Connection::State::greeting;
      if (options_.ready == "connect") become_ready(connection, now);
      return;
    case Packet::Kind::refused: {
      const std::string reason = "refused: " + std::string(packet.body.substr(0, 200));
      return close(connection, reason);
    }
    case Packet::Kind::disconnect:
      return close(connection, "the server disconnected it");
    case Packet::Kind::other:
      return;
  }
}

void Loop::take_event(Connection& connection,
                      const Packet& packet,
                      std::string_view text,
                      std::int64_t now) {
  if (packet.attachments > 0) {
    connection.event = text;
    connection.attachments = packet.attachments;
    return;
  }
  if (connection.state == Connection::State::greeting && packet.name == "hello")
    become_ready(connection, now);
  listener_.on_event(connection, packet, now);
}

void Loop::become_ready(Connection& connection, std::int64_t now) {
  connection.state = Connection::State::ready;
  --connecting_;
  ++ready_;
  listener_.on_ready(connection, now);
}

}  // namespace kith::bench
