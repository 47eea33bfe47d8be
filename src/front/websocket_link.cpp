#include "front/websocket_link.hpp"

#include "base/limits.hpp"

namespace kith::front {

using wire::websocket::Event;
using wire::websocket::Opcode;

WebSocketLink::WebSocketLink(WebSocketOwner& owner,
                             std::unique_ptr<ports::Stream> stream,
                             std::size_t message_bytes_max,
                             LinkShared& shared)
    : owner_(owner),
      stream_(std::move(stream)),
      shared_(shared),
      held_(shared.incoming),
      parser_(message_bytes_max) {}

WebSocketLink::~WebSocketLink() {
  stream_->set_handler(nullptr);
}

void WebSocketLink::start(std::string_view received) {
  stream_->set_handler(this);
  if (!received.empty()) on_bytes(received);
}

void WebSocketLink::write(std::string frame) {
  if (!closed_) stream_->write(std::move(frame));
}

void WebSocketLink::write(const base::SharedBytes& bytes, std::size_t offset, std::size_t length) {
  if (!closed_) stream_->write(bytes, offset, length);
}

void WebSocketLink::close(std::uint16_t code, std::string_view reason) {
  if (closed_) return;
  closed_ = true;
  std::string frame;
  if (code == 0)
    wire::websocket::append_frame(frame, Opcode::close, {});
  else
    wire::websocket::append_close_frame(frame, code, reason);
  stream_->write(std::move(frame));
  stream_->set_handler(nullptr);
  stream_->close(base::limits::websocket_close_timeout_ms);
}

void WebSocketLink::on_bytes(std::string_view bytes) {
  while (!closed_) {
    const Event event = parser_.next(bytes, shared_.scratch);
    if (event.kind == Event::Kind::none) break;
    handle(event);
  }
  if (!held_.set(closed_ ? 0 : parser_.held_bytes()) && !closed_) {
    close(wire::websocket::close_code::try_again_later, "too much comes in parts: try again");
    return owner_.on_link_closed(*this, true);
  }
  hold_back();
}

void WebSocketLink::handle(const Event& event) {
  switch (event.kind) {
    case Event::Kind::none:
      return;
    case Event::Kind::text:
      return owner_.on_link_text(*this, event.payload);
    case Event::Kind::binary:
      return owner_.on_link_binary(*this, event.payload);
    case Event::Kind::pong:
      return owner_.on_link_pong(*this, event.payload);
    case Event::Kind::ping: {
      std::string frame;
      wire::websocket::append_frame(frame, Opcode::pong, event.payload);
      return write(std::move(frame));
    }
    case Event::Kind::close:
      close(event.code == wire::websocket::close_code::no_status ? std::uint16_t{0} : event.code);
      return owner_.on_link_closed(*this, false);
    case Event::Kind::error:
      close(event.code, event.payload);
      return owner_.on_link_closed(*this, true);
  }
}

// A peer that asks and does not read its answers would grow the queue without end.
void WebSocketLink::hold_back() {
  if (closed_ || paused_ || queued_bytes() < 2 * base::limits::outbox_high_bytes) return;
  paused_ = true;
  stream_->pause();
}

void WebSocketLink::on_drained() {
  if (paused_) {
    paused_ = false;
    stream_->resume();
  }
  owner_.on_link_drained(*this);
}

void WebSocketLink::on_closed() {
  if (closed_) return;
  closed_ = true;
  owner_.on_link_closed(*this, false);
}

}  // namespace kith::front
