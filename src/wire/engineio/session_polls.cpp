#include "wire/engineio/session_polling.hpp"

namespace kith::wire::engineio {
namespace {

// A client that was released too early polls again before it sees the `3probe`: its next polls are
// held this long.
constexpr std::uint32_t upgrade_noop_ms = 100;
// A longer `t` is no cache buster of any client; it is not kept.
constexpr std::size_t cache_buster_bytes_max = 64;

}  // namespace

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
    p.noop_at = now + milliseconds(upgrade_noop_ms);
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

}  // namespace kith::wire::engineio
