#pragma once

#include "base/bytes.hpp"
#include "wire/engineio/packet.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kith::wire::engineio {

// An outgoing packet, encoded once and shared by all who receive it: a ready unmasked WebSocket
// frame, whose payload is the packet as revision 4 sends it. Cheap to copy. A default-constructed
// one is empty and may only be assigned to.
class OutMessage {
 public:
  OutMessage() = default;

  // A message that carries `socketio_text` (valid UTF-8).
  static OutMessage text(std::string_view socketio_text) {
    return packet(PacketType::message, socketio_text);
  }

  // A message of raw bytes: an attachment.
  static OutMessage binary(std::string_view bytes);
  // Any packet in text form; `data` is valid UTF-8.
  static OutMessage packet(PacketType type, std::string_view data = {});

  bool is_binary() const noexcept { return binary_; }

  // The frame: `frame_bytes()` bytes from `frame_offset()` of `shared()`, for Stream::write.
  const base::SharedBytes& shared() const noexcept { return bytes_; }

  std::size_t frame_offset() const noexcept { return frame_offset_; }

  std::size_t frame_bytes() const noexcept { return bytes_->size() - frame_offset_; }

  std::string_view frame() const noexcept { return view().substr(frame_offset_); }

  // The frame's payload, from `packet_offset()`: type and text, or the raw bytes.
  std::size_t packet_offset() const noexcept { return packet_offset_; }

  std::size_t packet_bytes() const noexcept { return bytes_->size() - packet_offset_; }

  std::string_view packet_view() const noexcept { return view().substr(packet_offset_); }

  // Builds a message in place, without a second copy: append to `buffer()`, which holds what must
  // stay in front already.
  class Builder {
   public:
    enum class Kind : std::uint8_t { text, binary };
    // `expected_bytes`: of the content, to allocate once.
    explicit Builder(Kind kind, std::size_t expected_bytes = 0);

    std::string& buffer() noexcept { return buffer_; }

    OutMessage finish() &&;

   private:
    std::string buffer_;
    Kind kind_;
  };

 private:
  OutMessage(base::SharedBytes bytes,
             std::size_t frame_offset,
             std::size_t packet_offset,
             bool is_binary)
      : bytes_(std::move(bytes)),
        frame_offset_(static_cast<std::uint8_t>(frame_offset)),
        packet_offset_(static_cast<std::uint8_t>(packet_offset)),
        binary_(is_binary) {}

  std::string_view view() const noexcept { return *bytes_; }

  base::SharedBytes bytes_;
  std::uint8_t frame_offset_ = 0;
  std::uint8_t packet_offset_ = 0;
  bool binary_ = false;
};

// The header of a whole WebSocket message from the server: 2, 4 or 10 bytes.
std::string frame_header(bool binary, std::size_t payload_bytes);

}  // namespace kith::wire::engineio
