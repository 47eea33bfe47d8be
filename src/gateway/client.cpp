#include "gateway/client.hpp"

#include "base/limits.hpp"
#include "gateway/connect_request.hpp"
#include "gateway/greeting.hpp"
#include "wire/socketio/encode.hpp"

#include <algorithm>
#include <chrono>

namespace kith::gateway {

using base::Errc;
using base::Fault;
using wire::socketio::PacketType;
using wire::socketio::Protocol;
namespace limits = base::limits;

namespace {

constexpr auto refusals_pace = base::Pace::per_s(limits::refusals_per_s, limits::refusals_max);
static_assert(limits::attachments_timeout_ms == 30'000, "a text below says so");

}  // namespace

Client::Client(Gateway& gateway, front::EngineSocket& socket, const front::Handshake& handshake)
    : gateway_(gateway),
      number_(gateway.next_client_++),
      socket_(socket),
      decoder_(
          {.protocol = socket.revision() == 3 ? Protocol::v4 : Protocol::v5,
           // More could not be relayed to anybody.
           .pending_bytes_max = limits::outbox_high_bytes + gateway.options_.max_payload_bytes}),
      protocol_(socket.revision() == 3 ? Protocol::v4 : Protocol::v5),
      address_(handshake.address) {
  gateway_.clients_->emplace(number_, this);
  begin_connecting();
  if (protocol_ == Protocol::v4) connect(connect_request(handshake.query));
}

Client::~Client() {
  gateway_.replies_.take(number_);
  end_session();
  set_pending(false);
  gateway_.parts_.shared.attachment_bytes -= attachment_bytes_;
  gateway_.clients_->erase(number_);
}

void Client::begin_connecting() {
  set_pending(true);
  set_due(std::chrono::milliseconds{gateway_.options_.connect_timeout_ms});
}

void Client::set_pending(bool pending) {
  if (pending == pending_) return;
  pending_ = pending;
  if (pending)
    ++gateway_.parts_.shared.pending;
  else
    --gateway_.parts_.shared.pending;
}

// -------------------------------------------------------------------------------------------------------------
// incoming

void Client::on_text(std::string_view data) {
  if (gone_ || closing_) return;
  // Attachments cost memory before anything is known of who sends them.
  if (!session_ && (data.starts_with('5') || data.starts_with('6')))
    return protocol_error("connect, and wait for the answer, before you send attachments");
  take(decoder_.text(data, gateway_.parser_));
}

void Client::on_binary(std::string_view data) {
  if (gone_ || closing_) return;
  take(decoder_.binary(data, gateway_.parser_));
}

void Client::take(base::Result<std::optional<Packet>> decoded) {
  account_attachments();
  if (decoded.has_error()) return protocol_error(decoded.error().text);
  if (holds_too_much())
    return protocol_error("too many attachments are due in all: send this one again later");
  if (!decoder_.waiting()) {
    attachments_due_at_ = never;  // the alarm stays: the next message would arm it again
  } else if (attachments_due_at_ == never) {
    attachments_due_at_ = gateway_.parts_.reactor.clock().now() +
                          std::chrono::milliseconds{limits::attachments_timeout_ms};
    watch_alarm();
  }
  if (*decoded) handle(**decoded);
}

// When all together hold too much, those with little are spared, until it is twice as much.
bool Client::holds_too_much() const {
  const std::size_t all = gateway_.parts_.shared.attachment_bytes;
  if (all <= limits::attachments_pending_bytes_max || attachment_bytes_ == 0) return false;
  return attachment_bytes_ > limits::attachments_fair_bytes ||
         all > 2 * limits::attachments_pending_bytes_max;
}

void Client::account_attachments() {
  const auto now = decoder_.pending_bytes();
  gateway_.parts_.shared.attachment_bytes +=
      now - attachment_bytes_;  // wraps rightly when it shrinks
  attachment_bytes_ = now;
}

void Client::handle(const Packet& packet) {
  const bool root = packet.nsp == "/";
  switch (packet.type) {
    case PacketType::connect:
      return on_connect(packet);
    case PacketType::disconnect:
      if (!root || !session_) return protocol_error("connect before you disconnect");
      send_reply();
      end_session();
      return begin_connecting();
    case PacketType::event:
      if (!root || !session_)
        return protocol_error("connect to /, and wait for the answer, before you send events");
      return on_event(packet);
    default:
      // The server asks for no acknowledgement, so an ACK answers nothing: as if its id were
      // unknown.
      if (!root || !session_)
        return protocol_error("connect to /, and wait for the answer, before you send acks");
  }
}

void Client::protocol_error(std::string_view what) {
  gateway_.parts_.logger.log(base::LogLevel::debug, "protocol_error", {{"what", what}});
  close_socket(front::CloseReason::parse_error, what);
}

bool Client::serves(std::uint64_t session) const noexcept {
  return session_ && session_->id() == session;
}

void Client::end_session(Ending ending) {
  if (!session_) return;
  if (recoverable_ && ending == Ending::lost)
    park();
  else if (recoverable_)
    gateway_.forget_live(recoverable_->pid, number_);
  recoverable_.reset();
  const commands::SessionInfo info{session_->id(), session_->user(), session_->user_cid()};
  session_.reset();
  for (const auto& feature : gateway_.parts_.features)
    feature->on_session_end(info);
  due_at_ = never;
  user_meters_.reset();
}

// ---------------------------------------------------------------------------------------------------------------
// events

void Client::on_event(const Packet& packet) {
  const auto ack_id = packet.ack_id;
  const auto refuse_event = [&](const Fault& fault) {
    if (ack_id) answer(*ack_id, base::Result<commands::Answer>{fault});
  };
  const auto& [app, user] = session_->user();
  const Gateway::Counted who{app, gateway_.parts_.settings_of(app), user_meters_.get()};
  if (const auto wait_ms = take_command(who)) {
    refuse_event({Errc::rate_limited, "too many commands: wait and try again", wait_ms});
    return note_refusal();
  }
  if (packet.name == "auth.refresh") {
    const auto refreshed = refresh(packet.args.front());
    if (ack_id) answer(*ack_id, refreshed);
    return;
  }
  const auto* run = gateway_.parts_.table.find(packet.name);
  if (run == nullptr)
    return refuse_event({Errc::unknown_event, "there is no such event: see docs/protocol.md"});
  const auto args = packet.args.front();
  if (packet.args.size() > 0 && !args.is_object() && !args.is_null())
    return refuse_event({Errc::validation_failed, "an event takes one object"});
  if (!packet.attachments.empty() && !gateway_.parts_.table.takes_attachments(packet.name))
    return refuse_event(
        {Errc::validation_failed,
         "this event takes no binary data: upload it and send its `url`, or encode it"});
  if (in_flight_ >= limits::in_flight_commands_max)
    return refuse_event(
        {Errc::overloaded, "too many events wait for their answer: slow down", 1'000});
  if (ack_id && !session_->may_send() && packet.name == "message.send")
    return refuse_event(
        {Errc::overloaded, "read what is queued for you before you send more", 1'000});
  ++in_flight_;
  ++gateway_.commands_run_;
  const auto send_number = ack_id && packet.name == "message.send" ? session_->begin_send() : 0;
  Allowance messages;
  messages.add(meters_.messages, gateway_.options_.connection.messages);
  gateway_.add_messages(messages, who);
  const commands::Caller caller{.app = app,
                                .user = user,
                                .settings = &who.settings,
                                .messages = messages.empty() ? nullptr : &messages,
                                .origin = {gateway_.parts_.reactor.index(), session_->id()},
                                .answered = ack_id.has_value()};
  (*run)(
      gateway_.parts_.context,
      caller,
      {args, packet.attachments},
      [ref = ClientRef{gateway_.clients_, number_}, session = session_->id(), ack_id, send_number](
          auto result) {
        auto* const client = ref.find();
        if (client == nullptr) return;
        auto& me = *client;
        --me.in_flight_;
        if (!me.serves(session)) return;
        if (result.has_error() && result.error().code == Errc::rate_limited) me.note_refusal();
        if (!ack_id) return;
        if (result.has_value() && result->sent)
          me.session_->note_acked(result->sent->key, result->sent->seq, result->sent->id);
        me.answer(*ack_id, result);
        if (send_number != 0) me.session_->end_send(send_number);
      });
}

std::uint32_t Client::take_command(const Gateway::Counted& who) {
  Allowance allowance;
  allowance.add(meters_.commands, gateway_.options_.connection.commands);
  gateway_.add_commands(allowance, who);
  return allowance.take(gateway_.parts_.reactor.clock().now());
}

// A refusal costs nearly what a command does: who pours on is no client that is a little fast.
void Client::note_refusal() {
  if (refusals_.take(refusals_pace, gateway_.parts_.reactor.clock().now()) > 0)
    close(delivery::CloseCode::rate_limited);
}

void Client::on_drained() {
  if (session_) session_->on_drained();
}

void Client::on_checkpoint(std::uint64_t n) {
  if (session_) session_->on_checkpoint(n);
}

void Client::on_proved(std::uint64_t n) {
  if (session_) session_->on_proved(n);
}

void Client::on_closed(front::CloseReason /*reason*/) {
  gone_ = true;
  const bool may_come_back = !closing_ || delivery::info(*closing_).retry;
  end_session(may_come_back ? Ending::lost : Ending::for_good);
  set_pending(false);
}

// -------------------------------------------------------------------------------------------------------------
// time

void Client::set_due(std::chrono::milliseconds after) {
  due_at_ = gateway_.parts_.reactor.clock().now() + after;
  watch_alarm();
}

void Client::watch_alarm() {
  const auto next = std::min(due_at_, attachments_due_at_);
  if (next == never || (alarm_.armed() && alarm_at_ <= next)) return;
  alarm_at_ = next;
  auto& reactor = gateway_.parts_.reactor;
  reactor.arm(alarm_, next - reactor.clock().now());
}

void Client::on_alarm() {
  const auto now = gateway_.parts_.reactor.clock().now();
  if (now >= attachments_due_at_)
    return protocol_error("send the attachments of a packet within 30 seconds");
  if (now >= due_at_) {
    due_at_ = never;
    on_due();
  }
  watch_alarm();
}

void Client::on_due() {
  if (moving_) return close(delivery::CloseCode::draining);
  if (!session_)
    return close_socket(front::CloseReason::forced_close,
                        "not authenticated within socketio.connect_timeout_ms");
  warn_of_expiry();
  if (token_expires_at_ > gateway_.parts_.reactor.clock().wall()) return start_expiry();
  close(delivery::CloseCode::token_expired);
}

}  // namespace kith::gateway
