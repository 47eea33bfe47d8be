#pragma once

#include "wire/websocket/frame_parser.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace kith::simulation {

// A client's side of HTTP, WebSocket and Engine.IO: bytes in, packets out, and the other way round.
class ClientCodec {
 public:
  // What the server said; all calls come from feed().
  class Ear {
   public:
    Ear() = default;
    Ear(const Ear&) = delete;
    Ear& operator=(const Ear&) = delete;
    virtual ~Ear() = default;
    virtual void on_open() = 0;  // Engine.IO is open
    virtual void on_ping() = 0;
    virtual void on_packet(std::string_view packet) = 0;  // a Socket.IO packet
    virtual void on_end(std::string_view why) = 0;        // refused, closed or not understood
  };

  explicit ClientCodec(Ear& ear) : ear_(ear) {}

  static std::string handshake();

  // Stops when the ear said that it wants no more (`stop`).
  void feed(std::string_view bytes);

  void stop() noexcept { stopped_ = true; }

  // The frame of an Engine.IO packet.
  static std::string frame(std::string_view packet, std::uint32_t mask);

 private:
  bool feed_head(std::string_view& bytes);
  void take(const wire::websocket::Event& event);

  Ear& ear_;
  std::string head_;
  bool upgraded_ = false;
  bool stopped_ = false;
  wire::websocket::FrameParser parser_{16 * 1024 * 1024,
                                       wire::websocket::FrameParser::Peer::server};
  std::string scratch_;
};

}  // namespace kith::simulation
