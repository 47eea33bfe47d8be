#include "base/encoding.hpp"
#include "wire/engineio/session_polling.hpp"
#include "wire/websocket/frame.hpp"

namespace kith::wire::engineio {
namespace {

constexpr std::string_view probe_text = "probe";

// Eight bytes that come back in the pong.
std::string proof_token(std::uint64_t checkpoint) {
  std::string token(8, '\0');
  for (std::size_t i = 0; i < token.size(); ++i)
    token[i] = static_cast<char>(checkpoint >> (8 * i));
  return token;
}

}  // namespace

bool Session::on_probe_opened(bool base64_only, base::Instant now) {
  if (state_ != State::polling || probing()) return false;
  auto& p = *polling_;
  p.probe_open = true;
  p.upgrade_at = now + milliseconds(options_.upgrade_timeout_ms);
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
  websocket_ping_at_ = now + milliseconds(options_.ping_interval_ms);
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

void Session::send_websocket_ping() {
  ping_checkpoint_ = ++last_checkpoint_;
  std::string frame;
  websocket::append_frame(frame, websocket::Opcode::ping, proof_token(ping_checkpoint_));
  output_.write(Lane::transport, std::move(frame));
  output_.on_checkpoint(ping_checkpoint_);
}

}  // namespace kith::wire::engineio
