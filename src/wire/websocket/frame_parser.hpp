#pragma once

#include "wire/websocket/frame.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kith::wire::websocket {

// What a peer said.
struct Event {
  enum class Kind : std::uint8_t {
    none,    // nothing yet: all bytes were taken
    text,    // payload is a whole message of valid UTF-8
    binary,  // payload is a whole message
    ping,    // to be answered by a pong with this payload
    pong,
    close,  // code (no_status if none was sent), payload is the reason; nothing more will come
    error,  // code to close with, payload is a static text; nothing more will come
  };
  Kind kind = Kind::none;
  std::uint16_t code = 0;
  std::string_view payload;
};

// RFC 6455 frames to messages. Between messages it holds no memory of the heap, so an idle
// connection costs its size.
class FrameParser {
 public:
  enum class Peer : std::uint8_t { client, server };  // a client must mask, a server must not

  // A longer message is refused with 1009 by the length its frames declare, before any memory is
  // taken for it.
  explicit FrameParser(std::size_t message_bytes_max, Peer peer = Peer::client);

  // Takes bytes from the front of `bytes` until there is an event; to be called until it says
  // `none`. The payload lives until `bytes`' memory or `scratch` changes. A frame that is whole in
  // `bytes` is unmasked into `scratch` (one for all connections of a reactor) and leaves nothing
  // here.
  Event next(std::string_view& bytes, std::string& scratch);

  // Kept of what is not complete.
  std::size_t held_bytes() const noexcept {
    return partial_ == nullptr ? 0 : partial_->message.size() + partial_->control.size();
  }

  // A message or a frame has begun and is not complete.
  bool partial() const noexcept { return header_bytes_ > 0 || partial_ != nullptr; }

 private:
  // What is kept of unfinished messages and frames.
  struct Partial {
    std::string message;              // unmasked; the fragments so far
    std::string control;              // the unfinished control frame between them
    std::uint64_t missing_bytes = 0;  // of the present frame
    std::uint32_t key = 0;
    std::uint16_t fragments = 0;
    std::uint8_t mask_phase = 0;
    Opcode message_opcode =
        Opcode::continuation;  // of the first fragment; continuation: no message has begun
    Opcode frame_opcode = Opcode::continuation;
    bool final = false;
    bool in_payload = false;
  };

  struct FrameHeader {
    std::uint64_t length = 0;
    std::uint32_t key = 0;
    Opcode opcode = Opcode::continuation;
    bool final = false;
    bool masked = false;
  };

  // nullptr, or why the header is refused: its two first bytes, and all of it.
  const char* flaw_of_start() const noexcept;
  bool take_header(std::string_view& bytes);
  std::size_t header_size() const noexcept;
  FrameHeader read_header() const noexcept;
  bool message_begun() const noexcept;
  Event begin_frame(const FrameHeader& header, std::string_view& bytes, std::string& scratch);
  void keep(const FrameHeader& header);
  Event take_payload(std::string_view& bytes, std::string& scratch);
  Event deliver(Opcode opcode, std::string_view payload);
  Event deliver_close(std::string_view payload);
  Event fail(std::uint16_t code, const char* text);

  std::size_t message_bytes_max_;
  std::unique_ptr<Partial> partial_;
  std::array<char, 14> header_{};
  std::uint8_t header_bytes_ = 0;
  Peer peer_;
  bool finished_ = false;
};

}  // namespace kith::wire::websocket
