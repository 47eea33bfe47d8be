#include "base/limits.hpp"
#include "gateway/client.hpp"
#include "gateway/greeting.hpp"
#include "wire/socketio/encode.hpp"

#include <algorithm>

// What a client is sent: answers, events, and why it is closed.
namespace kith::gateway {

using base::Errc;
using base::Fault;
using wire::engineio::OutMessage;
namespace limits = base::limits;
namespace socketio = wire::socketio;

namespace {

// What changes something has a smaller answer: it is given as long as there is a connection.
constexpr std::size_t large_answer_bytes = 4 * 1024;

}  // namespace

void Client::answer(std::uint64_t ack_id, const base::Result<commands::Answer>& result) {
  if (result.has_value()) {
    // An answer is not worth the connection: many at once are asked again, a huge one in parts.
    const auto bytes = result->data.size();
    if (bytes > outbox_bytes_max())
      return answer(ack_id,
                    Fault{Errc::too_large, "the answer is too large: ask for less at once"});
    if (bytes > large_answer_bytes && socket_.queued_bytes() + bytes > outbox_bytes_max())
      return answer(ack_id,
                    Fault{Errc::overloaded, "read what is queued for you, then ask again", 1'000});
  }
  OutMessage::Builder builder{OutMessage::Builder::Kind::text,
                              result.has_value() ? result->data.size() + 32 : 256};
  auto json = socketio::begin_ack(builder.buffer(), {.ack_id = ack_id});
  json.begin_object().field("ok", result.has_value());
  if (result.has_value())
    json.key("data").raw(result->data);
  else
    json.key("error").raw(fault_json(result.error()));
  json.end_object().end_array();
  send(std::move(builder).finish());
}

void Client::send(const OutMessage& message) {
  send_stamped(message);
}

void Client::send_event(const OutMessage& message, const base::Cid& cid, base::Seq before) {
  const auto number = send_stamped(message);
  if (number > 0) recoverable_->sent.note(number, cid, before);
}

// The number of an event that has one.
std::uint64_t Client::send_stamped(const OutMessage& message) {
  if (gone_ || closing_) return 0;
  if (!recoverable_) {
    put(message);
    return 0;
  }
  const auto stamped = gateway_.stamp(message);
  put(stamped.message);
  return stamped.number;
}

void Client::send_reply() {
  if (!reply_waits_) return;
  reply_waits_ = false;
  for (const auto& message : gateway_.replies_.take(number_))
    socket_.send(message);
}

void Client::put(const OutMessage& message) {
  send_reply();
  const auto queued = socket_.send(message);
  // Events stop at the high mark; this is for answers to one who asks and does not read. A third
  // more: attachments are base64 where they are polled.
  if (queued > outbox_bytes_max() / 3 * 4) close(delivery::CloseCode::slow_reader);
}

std::size_t Client::outbox_bytes_max() const noexcept {
  return limits::outbox_high_bytes + gateway_.options_.max_payload_bytes;
}

void Client::close(delivery::CloseCode code) {
  if (gone_ || closing_) return;
  closing_ = code;
  if (session_ && recoverable_) recoverable_->places = places();
  gateway_.close_later(number_);
}

bool Client::revoke(const base::UserKey& user, base::WallTime at, delivery::CloseCode why) {
  if (gone_ || closing_ || !session_ || session_->user() != user || token_issued_at_ > at)
    return false;
  close(why);
  return true;
}

void Client::move(std::chrono::milliseconds after) {
  if (gone_ || closing_ || !session_) return close(delivery::CloseCode::draining);
  OutMessage::Builder builder{OutMessage::Builder::Kind::text, 64};
  auto json = socketio::begin_event(builder.buffer(), "session.move");
  json.begin_object().field("after_ms", after.count()).end_object().end_array();
  send(std::move(builder).finish());
  moving_ = true;
  if (token_expires_at_.ms != 0) {
    const auto left_ms = token_expires_at_.ms - gateway_.parts_.reactor.clock().wall().ms;
    after = std::min(after, std::chrono::milliseconds{std::max<std::int64_t>(left_ms, 1)});
  }
  set_due(after);
}

void Client::say_goodbye() {
  if (gone_) return;
  const auto why = delivery::info(*closing_);
  if (session_) {
    OutMessage::Builder builder{OutMessage::Builder::Kind::text, 64};
    auto json = socketio::begin_event(builder.buffer(), "session.closed");
    json.begin_object().field("code", why.name).field("retry", why.retry).end_object().end_array();
    put(std::move(builder).finish());
    if (!why.retry) {  // said as a packet, or the client would come back by itself
      OutMessage::Builder goodbye{OutMessage::Builder::Kind::text};
      socketio::append_disconnect(goodbye.buffer(), "/");
      put(std::move(goodbye).finish());
    }
  }
  gateway_.parts_.logger.log(base::LogLevel::info, "session_closed", {{"code", why.name}});
  close_socket(*closing_ == delivery::CloseCode::draining ? front::CloseReason::server_shutting_down
                                                          : front::CloseReason::forced_close);
}

void Client::close_socket(front::CloseReason reason, std::string_view why) {
  send_reply();
  socket_.close(reason, why);
}

}  // namespace kith::gateway
