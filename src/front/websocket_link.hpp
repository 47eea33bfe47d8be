#pragma once

#include "base/bytes.hpp"
#include "front/incoming.hpp"
#include "ports/stream.hpp"
#include "wire/websocket/frame_parser.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kith::front {

class WebSocketLink;

// Who owns a WebSocket. May close the link in any call, and must keep it until the end of the tick.
class WebSocketOwner {
 public:
  WebSocketOwner() = default;
  WebSocketOwner(const WebSocketOwner&) = delete;
  WebSocketOwner& operator=(const WebSocketOwner&) = delete;
  virtual ~WebSocketOwner() = default;
  virtual void on_link_text(WebSocketLink& link, std::string_view text) = 0;
  virtual void on_link_binary(WebSocketLink& link, std::string_view bytes) = 0;
  virtual void on_link_pong(WebSocketLink& link, std::string_view payload) = 0;
  virtual void on_link_drained(WebSocketLink& link) = 0;
  // Gone, by whichever side; `error` if not in order. Not after `close`.
  virtual void on_link_closed(WebSocketLink& link, bool error) = 0;
};

// What all links of a reactor have in common.
struct LinkShared {
  std::string scratch;  // for unmasking
  Incoming incoming;
};

// A stream that speaks WebSocket: frames to messages, pings answered, the closing handshake. Reads
// no further while its peer leaves twice `outbox_high_bytes` unread.
class WebSocketLink final : public ports::StreamHandler {
 public:
  WebSocketLink(WebSocketOwner& owner,
                std::unique_ptr<ports::Stream> stream,
                std::size_t message_bytes_max,
                LinkShared& shared);
  ~WebSocketLink() override;

  // Begins to read, first what was received behind the upgrade request.
  void start(std::string_view received);

  void write(std::string frame);
  void write(const base::SharedBytes& bytes, std::size_t offset, std::size_t length);

  std::size_t queued_bytes() const noexcept { return stream_->queued_bytes(); }

  bool open() const noexcept { return !closed_; }

  // Sends what was written and a close frame. `code` 0: without a code and reason.
  void close(std::uint16_t code, std::string_view reason = {});

  void on_bytes(std::string_view bytes) override;
  void on_drained() override;
  void on_closed() override;

 private:
  void handle(const wire::websocket::Event& event);
  void hold_back();

  WebSocketOwner& owner_;
  std::unique_ptr<ports::Stream> stream_;
  LinkShared& shared_;
  Incoming::Share held_;
  // The flags lie in its padding: a link is kept for each connection.
  [[no_unique_address]] wire::websocket::FrameParser parser_;
  bool closed_ = false;
  bool paused_ = false;
};

}  // namespace kith::front
