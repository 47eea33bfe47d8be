#include "front/engine_session.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "wire/http/tokens.hpp"
#include "wire/websocket/handshake.hpp"

#include <algorithm>
#include <limits>

namespace kith::front {

using wire::engineio::PayloadForm;
using wire::engineio::PollAnswer;
using Kind = wire::engineio::Session::PollDecision::Kind;

namespace {

// A flush that takes everything at once is not reported by the stream: looked at after this time,
// and then less and less often, because one that does not is reported.
constexpr std::chrono::milliseconds drain_check_interval{10};
constexpr std::uint8_t drain_check_doublings_max = 7;
constexpr base::Instant never{std::numeric_limits<std::int64_t>::max()};

Response poll_response(const PollAnswer& answer) {
  Response response;
  response.content_type =
      answer.form == PayloadForm::octets ? "application/octet-stream" : "text/plain; charset=UTF-8";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.shared_body = answer.body;
  return response;
}

Response empty_refusal() {
  Response response;
  response.status = 400;
  return response;
}

Response overloaded() {
  auto response = Response::text(503, "the server reads too many bodies at once: try again");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

PayloadForm form_of(const wire::http::Request& request) {
  const auto type = request.header_or("content-type", {});
  const auto bare = wire::http::trim(type.substr(0, type.find(';')));
  return wire::http::equal_ignoring_case(bare, "application/octet-stream") ? PayloadForm::octets
                                                                           : PayloadForm::text;
}

// 0: there is nothing to say.
std::uint16_t close_code(CloseReason reason, std::string_view why) {
  namespace code = wire::websocket::close_code;
  if (reason == CloseReason::server_shutting_down) return code::going_away;
  if (reason == CloseReason::parse_error || reason == CloseReason::transport_error)
    return code::protocol_error;
  return why.empty() ? std::uint16_t{0} : code::policy_violation;
}

}  // namespace

EngineSession::EngineSession(EngineServer& server,
                             const Sid& sid,
                             wire::engineio::Revision revision,
                             bool base64_only)
    : server_(server),
      drain_check_at_(never),
      sid_(sid),
      session_(*this, server.options_.session, revision, base64_only) {}

EngineSession::~EngineSession() {
  listener_.reset();  // while all it may ask for is still there
  if (polled_ == nullptr) return;
  if (polled_->held_poll != nullptr) polled_->held_poll->watch(nullptr);
  if (polled_->open_post != nullptr) polled_->open_post->watch(nullptr);
}

EngineSession::Polled& EngineSession::polled() {
  if (polled_ == nullptr) polled_ = std::make_unique<Polled>(*this, server_.shared_.incoming);
  return *polled_;
}

// ---- the handshake

std::string EngineSession::open_json(bool upgrade_offered) const {
  const auto& options = server_.options_;
  return wire::engineio::open_json({sid(),
                                    upgrade_offered && options.transports.websocket,
                                    options.session.ping_interval_ms,
                                    options.session.ping_timeout_ms,
                                    options.max_payload_bytes});
}

void EngineSession::open_polling(std::unique_ptr<Exchange> exchange, const Handshake& handshake) {
  auto response = poll_response(session_.open_polling(open_json(true), now()));
  if (const auto& cookie = server_.options_.cookie; !cookie.name.empty())
    response.headers.emplace_back("Set-Cookie", cookie.value(sid()));
  exchange->answer(std::move(response));
  introduce(handshake);
  settle();
}

void EngineSession::open_websocket(std::unique_ptr<Exchange> exchange, const Handshake& handshake) {
  std::string received;
  transport_ = accept(*exchange, received);
  session_.open_websocket(open_json(false), now());
  introduce(handshake);
  if (transport_ != nullptr && transport_->open()) transport_->start(received);
  settle();
}

void EngineSession::introduce(const Handshake& handshake) {
  listener_ = server_.service_.open(*this, handshake);
  KITH_ASSERT(listener_ != nullptr);
  if (closed_early_) tell_closed(*closed_early_);
}

std::unique_ptr<WebSocketLink> EngineSession::accept(Exchange& exchange, std::string& received) {
  std::string head;
  wire::websocket::append_upgrade_response(head, exchange.request());
  auto upgraded = exchange.upgrade();
  upgraded.stream->write(std::move(head));
  received = std::move(upgraded.received);
  WebSocketOwner& owner = *this;
  return std::make_unique<WebSocketLink>(
      owner, std::move(upgraded.stream), server_.options_.max_payload_bytes, server_.shared_);
}

// ---- requests

void EngineSession::get(std::unique_ptr<Exchange> exchange, std::string_view t) {
  auto decision = session_.on_get(t, now());
  switch (decision.kind) {
    case Kind::answer:
      exchange->answer(poll_response(decision.answer));
      break;
    case Kind::refuse:
      exchange->answer(empty_refusal());
      break;
    case Kind::hold:
      polled().held_poll = std::move(exchange);
      polled_->held_poll->watch(this);
      break;
  }
  settle();
}

bool EngineSession::begin_post(Exchange& exchange, std::size_t bytes) {
  const bool welcome = session_.on_post_begin();
  if (!welcome) {
    exchange.answer(empty_refusal());
  } else if (!polled().post_bytes.set(bytes)) {
    polled_->post_bytes.set(0);
    session_.on_post_refused();
    exchange.answer(overloaded());
  } else {
    polled_->open_post = &exchange;
    exchange.watch(this);
  }
  settle();
  return reads_post(exchange);
}

bool EngineSession::reads_post(const Exchange& exchange) const noexcept {
  return polled_ != nullptr && polled_->open_post == &exchange;
}

// The one whose body was being read, if any.
Exchange* EngineSession::end_post() {
  if (polled_ == nullptr) return nullptr;
  polled_->post_bytes.set(0);
  return std::exchange(polled_->open_post, nullptr);
}

void EngineSession::finish_post(std::unique_ptr<Exchange> exchange) {
  if (!reads_post(*exchange) && !begin_post(*exchange, 0)) return;
  exchange->watch(nullptr);
  end_post();
  const auto& request = exchange->request();
  const bool taken = session_.on_post(form_of(request), request.body(), now());
  if (taken) {
    Response response;
    response.content_type = "text/html";
    response.headers.emplace_back("Cache-Control", "no-store");
    response.body = "ok";
    exchange->answer(std::move(response));
  } else {
    exchange->answer(empty_refusal());
  }
  settle();
}

void EngineSession::forget_post(Exchange& exchange) {
  if (!reads_post(exchange)) return;
  exchange.watch(nullptr);
  end_post();
  session_.on_post_refused();
}

void EngineSession::probe(std::unique_ptr<Exchange> exchange, bool base64_only) {
  std::string received;
  auto link = accept(*exchange, received);
  if (session_.on_probe_opened(base64_only, now())) {
    polled().probe = std::move(link);
    polled_->probe->start(received);
  } else {
    link->close(0);
    server_.retire(std::move(link));
  }
  settle();
}

wire::engineio::KnownSession EngineSession::known() const noexcept {
  return {session_.transport(), session_.revision()};
}

void EngineSession::on_aborted(Exchange& exchange) {
  if (polled_ != nullptr && &exchange == polled_->held_poll.get()) {
    session_.on_get_aborted();
  } else if (reads_post(exchange)) {
    end_post();
    session_.on_post_aborted();
  }
  settle();
}

void EngineSession::on_too_large(Exchange& exchange) {
  if (!reads_post(exchange)) return;
  end_post();
  session_.on_post_refused();
}

// ---- what the session asks for

void EngineSession::answer_held_poll(const PollAnswer& answer) {
  const auto exchange = std::move(polled_->held_poll);
  exchange->answer(poll_response(answer));
}

void EngineSession::drop_open_post() {
  if (auto* const exchange = end_post()) exchange->drop();
}

WebSocketLink* EngineSession::link(Lane lane) const noexcept {
  return lane == Lane::probe ? polled_->probe.get() : transport_.get();
}

EngineSession::Lane EngineSession::lane_of(const WebSocketLink& link) const noexcept {
  return polled_ != nullptr && &link == polled_->probe.get() ? Lane::probe : Lane::transport;
}

void EngineSession::write(Lane lane, std::string bytes) {
  link(lane)->write(std::move(bytes));
}

void EngineSession::write(Lane lane,
                          const base::SharedBytes& bytes,
                          std::size_t offset,
                          std::size_t length) {
  link(lane)->write(bytes, offset, length);
}

void EngineSession::adopt_probe() {
  // The client did not wait for it: polling has ended, the rest of its body is not read.
  if (auto* const exchange = end_post()) exchange->answer(empty_refusal());
  transport_ = std::move(polled_->probe);
  polled_.reset();
}

void EngineSession::close_websocket(Lane lane, CloseReason reason) {
  const auto why = lane == Lane::transport ? why_ : std::string_view{};
  link(lane)->close(close_code(reason, why), why.empty() ? to_text(reason) : why);
  if (lane == Lane::probe) server_.retire(std::move(polled_->probe));
}

void EngineSession::want_flush() {
  server_.reactor_.at_tick_end(polled());
}

void EngineSession::on_flush_time() {
  session_.flush();
  settle();
}

// ---- what the session tells

void EngineSession::on_text(std::string_view data) {
  if (listener_ != nullptr) listener_->on_text(data);
}

void EngineSession::on_binary(std::string_view data) {
  if (listener_ != nullptr) listener_->on_binary(data);
}

void EngineSession::on_checkpoint(std::uint64_t n) {
  if (listener_ != nullptr) listener_->on_checkpoint(n);
}

void EngineSession::on_proved(std::uint64_t n) {
  if (listener_ != nullptr) listener_->on_proved(n);
}

void EngineSession::on_closed(CloseReason reason) {
  if (listener_ != nullptr)
    tell_closed(reason);
  else
    closed_early_ = reason;
}

void EngineSession::tell_closed(CloseReason reason) {
  listener_->on_closed(reason);
  server_.retire(std::move(listener_));
}

void EngineSession::on_gone() {
  server_.reactor_.disarm(alarm_);
  if (polled_ != nullptr) server_.reactor_.withdraw(*polled_);
  if (auto* const exchange = end_post()) exchange->answer(empty_refusal());  // the rest is not read
  server_.retire(std::move(transport_));
  if (polled_ != nullptr) server_.retire(std::move(polled_->probe));
  server_.retire(*this);
}

// ---- WebSockets

void EngineSession::on_link_text(WebSocketLink& link, std::string_view text) {
  session_.on_websocket_text(lane_of(link), text, now());
  settle();
}

void EngineSession::on_link_binary(WebSocketLink& link, std::string_view bytes) {
  session_.on_websocket_binary(lane_of(link), bytes, now());
  settle();
}

void EngineSession::on_link_pong(WebSocketLink& link, std::string_view payload) {
  session_.on_websocket_pong(lane_of(link), payload);
  settle();
}

void EngineSession::on_link_drained(WebSocketLink& /*link*/) {
  settle();
}

void EngineSession::on_link_closed(WebSocketLink& link, bool error) {
  const Lane lane = lane_of(link);
  if (lane == Lane::probe) server_.retire(std::move(polled_->probe));
  session_.on_websocket_closed(lane,
                               error ? CloseReason::transport_error : CloseReason::transport_close);
  settle();
}

// ---- the socket, as its listener sees it

std::size_t EngineSession::send(const OutMessage& message) {
  session_.send(message);
  const std::size_t queued = queued_bytes();
  if (above_low_ || session_.closed() || queued < base::limits::outbox_low_bytes) return queued;
  above_low_ = true;
  drain_checks_ = 0;
  drain_check_at_ = now() + drain_check_interval;
  settle();
  return queued;
}

std::size_t EngineSession::queued_bytes() const noexcept {
  return session_.queued_bytes() + (transport_ != nullptr ? transport_->queued_bytes() : 0);
}

bool EngineSession::polling() const noexcept {
  return session_.transport() == wire::engineio::TransportName::polling;
}

bool EngineSession::writable() const noexcept {
  return !session_.closed() &&
         (!polling() || (polled_ != nullptr && polled_->held_poll != nullptr));
}

void EngineSession::close(CloseReason reason, std::string_view why) {
  if (!session_.closed()) why_ = why;
  session_.close(reason, now());
  settle();
}

bool EngineSession::ping_now() {
  const bool sent = session_.ping_now(now());
  settle();
  return sent;
}

ports::Reactor& EngineSession::reactor() const noexcept {
  return server_.reactor_;
}

// ---- time

base::Instant EngineSession::now() const noexcept {
  return server_.reactor_.clock().now();
}

// After every input: tells of a drained queue, and arms the alarm if something is due earlier than
// it rings.
void EngineSession::settle() {
  if (session_.gone()) return;
  if (above_low_ && listener_ != nullptr && queued_bytes() < base::limits::outbox_low_bytes) {
    above_low_ = false;
    drain_check_at_ = never;
    listener_->on_drained();
    if (session_.gone()) return;
  }
  const base::Instant next = std::min(session_.next_deadline(), drain_check_at_);
  if (alarm_.armed() && alarm_at_ <= next) return;
  alarm_at_ = next;
  server_.reactor_.arm(alarm_, std::max(next - now(), base::Duration{0}));
}

void EngineSession::on_alarm() {
  if (now() >= drain_check_at_) {  // what is queued may be of this very tick, and not be reported
    if (drain_checks_ < drain_check_doublings_max) ++drain_checks_;
    drain_check_at_ = now() + drain_check_interval * (1 << drain_checks_);
  }
  if (now() >= session_.next_deadline()) session_.on_deadline(now());
  settle();
}

}  // namespace kith::front
