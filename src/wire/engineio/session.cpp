#include "wire/engineio/session.hpp"

#include "base/assert.hpp"
#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "wire/websocket/frame.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace kith::wire::engineio {
namespace {

// A client that was released too early polls again before it sees the `3probe`: its next polls are
// held this long.
constexpr std::uint32_t upgrade_noop_ms = 100;
// A longer `t` is no cache buster of any client; it is not kept.
constexpr std::size_t cache_buster_bytes_max = 64;
constexpr std::string_view probe_text = "probe";
constexpr base::Instant never{std::numeric_limits<std::int64_t>::max()};

base::Duration ms(std::uint32_t value) {
  return std::chrono::milliseconds{value};
}

// Eight bytes that come back in the pong.
std::string proof_token(std::uint64_t checkpoint) {
  std::string token(8, '\0');
  for (std::size_t i = 0; i < token.size(); ++i)
    token[i] = static_cast<char>(checkpoint >> (8 * i));
  return token;
}

}  // namespace

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

// What only a session without its WebSocket needs.
struct Session::Polling {
  std::vector<OutMessage> queue;
  std::size_t queue_bytes = 0;
  std::string t;                        // of the held GET, or of the one answered last
  PollAnswer last_answer;               // until the next GET
  std::uint64_t answer_checkpoint = 0;  // of last_answer; 0: it carried nothing to prove
  base::Instant upgrade_at = never;     // the probe is given up
  base::Instant noop_at = never;        // the held GET is released for the upgrade
  bool get_held = false;
  bool post_open = false;
  bool pong_queued = false;
  bool probe_open = false;
  bool probe_answered = false;
  bool noop_given = false;  // during this probe
  bool probe_base64_only = false;
  CloseReason close_reason = CloseReason::forced_close;  // while closing
};

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
    heartbeat_at_ = now + ms(options_.ping_interval_ms);
  } else {
    heartbeat_ = Heartbeat::client_ping_due;
    heartbeat_at_ = now + ms(options_.ping_interval_ms) + ms(options_.ping_timeout_ms);
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
  websocket_ping_at_ = now + ms(options_.ping_interval_ms);
  start(now);
  write_packet(OutMessage::packet(PacketType::open, json));
}

// ---- polls

Session::PollDecision Session::on_get(std::string_view t, base::Instant now) {
  using Kind = PollDecision::Kind;
  if (polling_ == nullptr || gone()) return {Kind::refuse, {}};
  auto& p = *polling_;
  if (p.get_held) {
    fail(CloseReason::transport_error);
    return {Kind::refuse, {}};
  }
  if (p.last_answer.body != nullptr && !t.empty() && t == p.t) return {Kind::answer, p.last_answer};
  p.last_answer = {};
  p.t.assign(t.size() <= cache_buster_bytes_max ? t : std::string_view{});
  const auto proved = std::exchange(p.answer_checkpoint, 0);
  if (proved != 0 && !closed()) output_.on_proved(proved);
  if (gone()) return {Kind::refuse, {}};
  if (state_ == State::closing) {
    if (!p.queue.empty()) return {Kind::answer, take_answer()};
    PollAnswer answer = bare_answer(PacketType::close);
    end(CloseReason::forced_close);
    return {Kind::answer, std::move(answer)};
  }
  if (!p.queue.empty()) {
    PollAnswer answer = take_answer();
    number_answer();
    return {Kind::answer, std::move(answer)};
  }
  if (p.probe_open && p.probe_answered) {
    if (!std::exchange(p.noop_given, true)) {
      p.last_answer = bare_answer(PacketType::noop);
      return {Kind::answer, p.last_answer};
    }
    p.noop_at = now + ms(upgrade_noop_ms);
  }
  p.get_held = true;
  return {Kind::hold, {}};
}

void Session::on_get_aborted() {
  if (polling_ == nullptr || !polling_->get_held) return;
  polling_->get_held = false;
  fail(CloseReason::transport_error);
}

bool Session::on_post_begin() {
  if (polling_ == nullptr || gone()) return false;
  if (polling_->post_open) {
    output_.drop_open_post();
    fail(CloseReason::transport_error);
    return false;
  }
  polling_->post_open = true;
  return true;
}

bool Session::on_post(PayloadForm form, std::string_view body, base::Instant now) {
  if (polling_ == nullptr || gone()) return false;  // upgraded or ended while the body was coming
  polling_->post_open = false;
  if (form == PayloadForm::octets && revision_ == Revision::v4) {
    fail(CloseReason::transport_error);
    return false;
  }
  PayloadReader reader(revision_, form, body);
  while (!closed()) {
    const auto packet = reader.next();
    if (!packet) break;
    handle(*packet, now);
  }
  if (!closed() && reader.failed()) fail(CloseReason::parse_error);
  return true;
}

void Session::on_post_aborted() {
  if (polling_ == nullptr || !polling_->post_open) return;
  polling_->post_open = false;
  if (!closed()) fail(CloseReason::transport_error);
}

void Session::on_post_refused() {
  if (polling_ != nullptr) polling_->post_open = false;
}

PollAnswer Session::bare_answer(PacketType type) const {
  auto payload = encode_payload(revision_, base64_only_, {OutMessage::packet(type)});
  return {std::make_shared<const std::string>(std::move(payload.body)), payload.form};
}

// All that is queued, kept until the next GET.
PollAnswer Session::take_answer() {
  auto& p = *polling_;
  auto payload = encode_payload(revision_, base64_only_, p.queue);
  std::vector<OutMessage>{}.swap(p.queue);
  p.queue_bytes = 0;
  p.pong_queued = false;
  p.last_answer = {std::make_shared<const std::string>(std::move(payload.body)), payload.form};
  return p.last_answer;
}

// Last of all, because the owner may send or close from it.
void Session::number_answer() {
  polling_->answer_checkpoint = ++last_checkpoint_;
  output_.on_checkpoint(last_checkpoint_);
}

void Session::answer_held(PollAnswer answer) {
  polling_->get_held = false;
  polling_->noop_at = never;
  output_.answer_held_poll(answer);
}

void Session::flush() {
  if (polling_ == nullptr || closed() || !polling_->get_held || polling_->queue.empty()) return;
  answer_held(take_answer());
  number_answer();
}

// ---- packets

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
  heartbeat_at_ = now + ms(options_.ping_interval_ms) + ms(options_.ping_timeout_ms);
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

void Session::write_packet(const OutMessage& packet) {
  if (packet.is_binary() && revision_ == Revision::v3) return write_binary_of_v3(packet);
  output_.write(Lane::transport, packet.shared(), packet.frame_offset(), packet.frame_bytes());
}

void Session::write_binary_of_v3(const OutMessage& packet) {
  if (base64_only_) {
    std::string text = "b4";
    base::append_base64(text, packet.packet_view());
    return output_.write(Lane::transport, frame_header(false, text.size()) + text);
  }
  std::string front = frame_header(true, packet.packet_bytes() + 1);
  front.push_back(static_cast<char>(PacketType::message));
  output_.write(Lane::transport, std::move(front));
  if (packet.packet_bytes() > 0)
    output_.write(Lane::transport, packet.shared(), packet.packet_offset(), packet.packet_bytes());
}

// ---- WebSockets

bool Session::on_probe_opened(bool base64_only, base::Instant now) {
  if (state_ != State::polling || probing()) return false;
  auto& p = *polling_;
  p.probe_open = true;
  p.upgrade_at = now + ms(options_.upgrade_timeout_ms);
  p.probe_answered = false;
  p.noop_given = false;
  p.probe_base64_only = base64_only && revision_ == Revision::v3;
  return true;
}

void Session::on_websocket_text(Lane lane, std::string_view text, base::Instant now) {
  if (!(lane == Lane::probe ? probing() : state_ == State::websocket)) return;
  std::string scratch;
  const auto packet = decode_text_packet(revision_, text, scratch);
  if (lane == Lane::probe) return packet ? handle_probe(*packet, now) : drop_probe();
  if (!packet) return fail(CloseReason::parse_error);
  handle(*packet, now);
}

void Session::on_websocket_binary(Lane lane, std::string_view bytes, base::Instant now) {
  if (!(lane == Lane::probe ? probing() : state_ == State::websocket)) return;
  if (lane == Lane::probe) return drop_probe();
  const auto packet = decode_binary_packet(revision_, bytes);
  if (!packet) return fail(CloseReason::parse_error);
  handle(*packet, now);
}

void Session::handle_probe(const Packet& packet, base::Instant now) {
  if (packet.type == PacketType::upgrade && !packet.binary) return switch_to_websocket(now);
  auto& p = *polling_;
  if (packet.type != PacketType::ping || packet.data != probe_text || p.probe_answered)
    return drop_probe();
  p.probe_answered = true;
  std::string frame = frame_header(false, 1 + probe_text.size());
  frame.push_back(to_char(PacketType::pong));
  frame.append(probe_text);
  output_.write(Lane::probe, std::move(frame));  // before the poll is released
  release_poll_for_upgrade();
}

void Session::release_poll_for_upgrade() {
  auto& p = *polling_;
  if (!p.get_held || !p.queue.empty())
    return;  // what is queued releases the poll at the end of the tick
  p.noop_given = true;
  p.last_answer = bare_answer(PacketType::noop);
  answer_held(p.last_answer);
}

void Session::switch_to_websocket(base::Instant now) {
  if (polling_->get_held) answer_held(bare_answer(PacketType::close));
  const auto polling = std::exchange(polling_, nullptr);
  const bool closing = state_ == State::closing;
  websocket_ = true;
  base64_only_ = polling->probe_base64_only;
  output_.adopt_probe();
  for (const auto& packet : polling->queue)
    write_packet(packet);
  if (closing) {
    output_.close_websocket(Lane::transport, polling->close_reason);
    return end(polling->close_reason);
  }
  state_ = State::websocket;
  websocket_ping_at_ = now + ms(options_.ping_interval_ms);
}

bool Session::probing() const noexcept {
  return polling_ != nullptr && polling_->probe_open;
}

void Session::forget_probe() {
  polling_->probe_open = false;
  polling_->upgrade_at = never;
  polling_->noop_at = never;
}

void Session::drop_probe() {
  if (!probing()) return;
  forget_probe();
  output_.close_websocket(Lane::probe, CloseReason::transport_close);
}

void Session::on_websocket_pong(Lane lane, std::string_view payload) {
  if (lane != Lane::transport || state_ != State::websocket || revision_ != Revision::v3) return;
  if (ping_checkpoint_ == 0 || payload != proof_token(ping_checkpoint_)) return;
  output_.on_proved(std::exchange(ping_checkpoint_, 0));
}

void Session::on_websocket_closed(Lane lane, CloseReason reason) {
  if (lane == Lane::probe) {
    if (probing()) forget_probe();
  } else if (state_ == State::websocket) {
    end(reason);
  }
}

// ---- time

void Session::send_heartbeat(base::Instant now) {
  heartbeat_ = Heartbeat::pong_due;
  heartbeat_at_ = now + ms(options_.ping_timeout_ms);
  ping_checkpoint_ = ++last_checkpoint_;
  send_control(PacketType::ping);
  output_.on_checkpoint(ping_checkpoint_);
}

void Session::send_websocket_ping() {
  ping_checkpoint_ = ++last_checkpoint_;
  std::string frame;
  websocket::append_frame(frame, websocket::Opcode::ping, proof_token(ping_checkpoint_));
  output_.write(Lane::transport, std::move(frame));
  output_.on_checkpoint(ping_checkpoint_);
}

bool Session::ping_now(base::Instant now) {
  if (state_ != State::websocket || ping_checkpoint_ != 0) return false;
  if (revision_ == Revision::v4) {
    send_heartbeat(now);
  } else {
    websocket_ping_at_ = now + ms(options_.ping_interval_ms);
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
    websocket_ping_at_ = now + ms(options_.ping_interval_ms);
    send_websocket_ping();
  }
  if (gone() || now < heartbeat_at_) return;
  if (state_ == State::closing) return end(CloseReason::forced_close);
  if (heartbeat_ == Heartbeat::ping_due) return send_heartbeat(now);
  fail(CloseReason::ping_timeout);
}

// ---- the end

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
  heartbeat_at_ = now + ms(base::limits::polling_close_wait_ms);
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
