#include "base/assert.hpp"
#include "base/limits.hpp"
#include "wire/engineio/session_polling.hpp"

#include <algorithm>

namespace kith::wire::engineio {

std::string_view to_text(CloseReason reason) noexcept {
  switch (reason) {
    case CloseReason::transport_close:
      return "transport close";
    case CloseReason::transport_error:
      return "transport error";
    case CloseReason::ping_timeout:
      return "ping timeout";
    case CloseReason::parse_error:
      return "parse error";
    case CloseReason::forced_close:
      return "forced close";
    case CloseReason::server_shutting_down:
      return "server shutting down";
  }
  return "transport close";
}

Session::Session(SessionOutput& output,
                 const SessionOptions& options,
                 Revision revision,
                 bool base64_only)
    : output_(output),
      options_(options),
      revision_(revision),
      base64_only_(base64_only && revision == Revision::v3) {}

Session::~Session() = default;

void Session::start(base::Instant now) {
  if (revision_ == Revision::v4) {
    heartbeat_ = Heartbeat::ping_due;
    heartbeat_at_ = now + milliseconds(options_.ping_interval_ms);
  } else {
    heartbeat_ = Heartbeat::client_ping_due;
    heartbeat_at_ =
        now + milliseconds(options_.ping_interval_ms) + milliseconds(options_.ping_timeout_ms);
  }
}

PollAnswer Session::open_polling(std::string_view json, base::Instant now) {
  KITH_ASSERT(polling_ == nullptr && !websocket_);
  polling_ = std::make_unique<Polling>();
  start(now);
  auto payload =
      encode_payload(revision_, base64_only_, {OutMessage::packet(PacketType::open, json)});
  return {std::make_shared<const std::string>(std::move(payload.body)), payload.form};
}

void Session::open_websocket(std::string_view json, base::Instant now) {
  KITH_ASSERT(polling_ == nullptr && !websocket_);
  websocket_ = true;
  state_ = State::websocket;
  websocket_ping_at_ = now + milliseconds(options_.ping_interval_ms);
  start(now);
  write_packet(OutMessage::packet(PacketType::open, json));
}

void Session::handle(const Packet& packet, base::Instant now) {
  switch (packet.type) {
    case PacketType::message:
      if (packet.binary)
        output_.on_binary(packet.data);
      else
        output_.on_text(packet.data);
      return;
    case PacketType::ping:
      return handle_ping(now);
    case PacketType::pong:
      return handle_pong(now);
    case PacketType::close:
      if (websocket_)
        output_.close_websocket(Lane::transport, CloseReason::transport_close);
      else if (polling_->get_held)
        answer_held(bare_answer(PacketType::noop));
      drop_probe();
      return end(CloseReason::transport_close);
    case PacketType::open:
    case PacketType::upgrade:
    case PacketType::noop:
      return;
  }
}

void Session::handle_ping(base::Instant now) {
  if (revision_ == Revision::v4) return fail(CloseReason::transport_error);
  heartbeat_at_ =
      now + milliseconds(options_.ping_interval_ms) + milliseconds(options_.ping_timeout_ms);
  // One pong answers all pings that came since the last poll: a flood of them queues nothing.
  if (!websocket_ && std::exchange(polling_->pong_queued, true)) return;
  send_control(PacketType::pong);
}

void Session::handle_pong(base::Instant now) {
  if (revision_ == Revision::v3) return fail(CloseReason::transport_error);
  if (heartbeat_ != Heartbeat::pong_due) return;
  start(now);
  output_.on_proved(std::exchange(ping_checkpoint_, 0));
}

void Session::send_control(PacketType type) {
  if (!websocket_) return queue(OutMessage::packet(type));
  std::string frame = frame_header(false, 1);
  frame.push_back(to_char(type));
  output_.write(Lane::transport, std::move(frame));
}

void Session::queue(OutMessage packet) {
  auto& p = *polling_;
  p.queue_bytes += packet.packet_bytes();
  p.queue.push_back(std::move(packet));
  if (p.get_held) output_.want_flush();
}

void Session::send(const OutMessage& message) {
  if (closed()) return;
  if (websocket_)
    write_packet(message);
  else
    queue(message);
}

void Session::send_heartbeat(base::Instant now) {
  heartbeat_ = Heartbeat::pong_due;
  heartbeat_at_ = now + milliseconds(options_.ping_timeout_ms);
  ping_checkpoint_ = ++last_checkpoint_;
  send_control(PacketType::ping);
  output_.on_checkpoint(ping_checkpoint_);
}

bool Session::ping_now(base::Instant now) {
  if (state_ != State::websocket || ping_checkpoint_ != 0) return false;
  if (revision_ == Revision::v4) {
    send_heartbeat(now);
  } else {
    websocket_ping_at_ = now + milliseconds(options_.ping_interval_ms);
    send_websocket_ping();
  }
  return true;
}

base::Instant Session::next_deadline() const noexcept {
  if (gone()) return never;
  base::Instant next = heartbeat_at_;
  if (polling_ != nullptr) return std::min({next, polling_->upgrade_at, polling_->noop_at});
  if (revision_ == Revision::v3 && ping_checkpoint_ == 0) next = std::min(next, websocket_ping_at_);
  return next;
}

void Session::on_deadline(base::Instant now) {
  if (gone()) return;
  if (polling_ != nullptr && now >= polling_->upgrade_at) drop_probe();
  if (polling_ != nullptr && now >= polling_->noop_at) {
    polling_->noop_at = never;
    release_poll_for_upgrade();
  }
  if (state_ == State::websocket && revision_ == Revision::v3 && ping_checkpoint_ == 0 &&
      now >= websocket_ping_at_) {
    websocket_ping_at_ = now + milliseconds(options_.ping_interval_ms);
    send_websocket_ping();
  }
  if (gone() || now < heartbeat_at_) return;
  if (state_ == State::closing) return end(CloseReason::forced_close);
  if (heartbeat_ == Heartbeat::ping_due) return send_heartbeat(now);
  fail(CloseReason::ping_timeout);
}

void Session::close(CloseReason reason, base::Instant now) {
  if (closed()) return;
  if (websocket_) return fail(reason);
  if (polling_->get_held) {
    if (polling_->queue.empty()) return fail(reason);
    answer_held(take_answer());
  }
  // The close packet goes alone, in answer to the next GET: a client that finds it behind events in
  // one payload (JavaScript 4.x) ends before it has told anyone of the events. A probe stays: its
  // client may have stopped polling, and would not notice the end in any other way.
  state_ = State::closing;
  polling_->close_reason = reason;
  heartbeat_at_ = now + milliseconds(base::limits::polling_close_wait_ms);
  output_.on_closed(reason);
}

// Sends what is queued and says goodbye on whatever is open.
void Session::fail(CloseReason reason) {
  if (gone()) return;
  drop_probe();
  if (websocket_) {
    output_.close_websocket(Lane::transport, reason);
  } else if (polling_->get_held) {
    queue(OutMessage::packet(PacketType::close));
    answer_held(take_answer());
  }
  end(reason);
}

void Session::end(CloseReason reason) {
  const bool told = state_ == State::closing;
  drop_probe();
  state_ = State::closed;
  if (!told) output_.on_closed(reason);
  output_.on_gone();
}

std::size_t Session::queued_bytes() const noexcept {
  if (polling_ == nullptr) return 0;
  const auto& kept = polling_->last_answer.body;
  return polling_->queue_bytes + (kept != nullptr ? kept->size() : 0);
}

}  // namespace kith::wire::engineio
