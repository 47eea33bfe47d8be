#include "wire/engineio/message.hpp"

#include "base/assert.hpp"
#include "wire/websocket/frame.hpp"

namespace kith::wire::engineio {
namespace {

constexpr std::size_t header_bytes_max = 10;

}  // namespace

std::string frame_header(bool binary, std::size_t payload_bytes) {
  std::string header;
  websocket::append_frame_header(
      header, binary ? websocket::Opcode::binary : websocket::Opcode::text, payload_bytes);
  return header;
}

OutMessage OutMessage::binary(std::string_view bytes) {
  std::string frame = frame_header(true, bytes.size());
  const std::size_t header = frame.size();
  frame.reserve(header + bytes.size());
  frame.append(bytes);
  return {std::make_shared<const std::string>(std::move(frame)), 0, header, true};
}

OutMessage OutMessage::packet(PacketType type, std::string_view data) {
  std::string frame = frame_header(false, 1 + data.size());
  const std::size_t header = frame.size();
  frame.reserve(header + 1 + data.size());
  frame.push_back(to_char(type));
  frame.append(data);
  return {std::make_shared<const std::string>(std::move(frame)), 0, header, false};
}

OutMessage::Builder::Builder(Kind kind, std::size_t expected_bytes) : kind_(kind) {
  buffer_.reserve(header_bytes_max + 1 + expected_bytes);
  buffer_.assign(header_bytes_max, '\0');
  if (kind_ == Kind::text) buffer_.push_back(to_char(PacketType::message));
}

OutMessage OutMessage::Builder::finish() && {
  KITH_ASSERT(buffer_.size() >= header_bytes_max);
  const bool is_binary = kind_ == Kind::binary;
  const std::string header = frame_header(is_binary, buffer_.size() - header_bytes_max);
  const std::size_t frame_offset = header_bytes_max - header.size();
  header.copy(buffer_.data() + frame_offset, header.size());
  return {std::make_shared<const std::string>(std::move(buffer_)),
          frame_offset,
          header_bytes_max,
          is_binary};
}

}  // namespace kith::wire::engineio
