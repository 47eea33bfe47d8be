#include "front/connection.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "front/http_server.hpp"
#include "front/problem.hpp"
#include "wire/http/response.hpp"

#include <algorithm>

namespace kith::front {
namespace {

using State = wire::http::RequestParser::State;

struct AnswerForm {
  bool head_only = false;
  bool keep_alive = true;
  int minor_version = 1;
};

constexpr AnswerForm last_answer{false, false, 1};

std::string write_head(const Response& response, AnswerForm form) {
  std::string out;
  wire::http::ResponseWriter writer(out, response.status);
  if (!response.content_type.empty()) writer.header("Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers)
    writer.header(name, value);
  writer.connection(form.keep_alive, form.minor_version);
  if (response.shared_body != nullptr)
    writer.finish_head(response.shared_body->size());
  else if (form.head_only)
    writer.finish_head(response.body.size());
  else
    writer.finish(response.body);
  return out;
}

}  // namespace

Connection::Connection(HttpServer& server, std::unique_ptr<ports::Stream> stream)
    : server_(server), stream_(std::move(stream)) {}

Connection::~Connection() {
  if (stream_ != nullptr) stream_->set_handler(nullptr);
}

void Connection::start() {
  stream_->set_handler(this);
  watch_deadline();
}

void Connection::resume(MovedConnection state) {
  parser_ = std::move(state.parser);
  unread_ = std::move(state.unread);
  stream_->set_handler(this);
  consume({});
}

void Connection::abandon() {
  abort_exchanges();
  incoming_.reset();
}

void Connection::drain() {
  draining_ = true;
  if (alive() && slots_.empty() && parser_.state() == State::idle) stop();
}

// ---- reading

bool Connection::blocked() const noexcept {
  return exclusive_ || waits_for_turn_ || last_read_ ||
         slots_.size() >= base::limits::http_pipeline_max || answers_wait();
}

// A peer that asks on and reads no answers would grow the queue without end.
bool Connection::answers_wait() const noexcept {
  return stream_->queued_bytes() >= base::limits::http_unsent_bytes_max;
}

// What was written has left, at the end of its tick or later.
void Connection::proceed() {
  if (!alive()) return;
  if (slots_.empty() && stream_->queued_bytes() == 0) waits_for_turn_ = false;
  if (!blocked()) consume({});
}

void Connection::on_bytes(std::string_view bytes) {
  if (!alive()) return;
  if (consuming_ || blocked() || !unread_.empty()) return keep_unread(bytes);
  consume(bytes);
}

void Connection::keep_unread(std::string_view bytes) {
  unread_.append(bytes);
  if (unread_.size() < base::limits::http_unread_bytes_max || paused_) return;
  paused_ = true;
  stream_->pause();
}

void Connection::consume(std::string_view bytes) {
  consuming_ = true;
  std::string held;  // what `bytes` views once it comes from unread_
  while (alive()) {
    if (bytes.empty() && !unread_.empty() && !blocked()) {
      held = std::exchange(unread_, {});
      bytes = held;
    }
    if (step(bytes) == Step::enough) break;
  }
  consuming_ = false;
  if (!alive()) return;
  if (paused_ && unread_.size() < base::limits::http_unread_bytes_max) {
    paused_ = false;
    stream_->resume();
  }
  watch_deadline();
  if (answers_wait()) server_.reactor_.at_tick_end(*this);  // behind the stream, which sends there
}

Connection::Step Connection::step(std::string_view& bytes) {
  if (blocked()) {
    if (!bytes.empty()) keep_unread(std::exchange(bytes, {}));
    return Step::enough;
  }
  const State before = parser_.state();
  if (before != State::head_done && before != State::complete) {
    if (bytes.empty()) return unread_.empty() ? Step::enough : Step::again;
    bytes.remove_prefix(parser_.feed(bytes));
  }
  switch (parser_.state()) {
    case State::failed:
      refuse(parser_.error());
      return Step::enough;
    case State::head_done:
    case State::complete:
      if (incoming_ == nullptr && begin(bytes) == Step::enough) return Step::enough;
      if (parser_.state() != State::complete) return Step::again;
      finish(bytes);
      return Step::again;
    default:
      return Step::again;
  }
}

// A head was read. Finds its handler, its reactor and its turn.
Connection::Step Connection::begin(std::string_view bytes) {
  const auto& head = parser_.request();
  Handler& handler = server_.router_.find(head.path());
  if (handler.exclusive()) {
    const auto home = handler.home_reactor(head);
    const bool moves = home && *home != server_.reactor_.index();
    if (!slots_.empty() || (moves && stream_->queued_bytes() > 0)) {
      waits_for_turn_ = true;
      keep_unread(bytes);
      server_.reactor_.at_tick_end(*this);
      return Step::enough;
    }
    if (moves) {
      keep_unread(bytes);
      try_move(*home);
      return Step::enough;
    }
  }
  incoming_ = std::make_unique<Exchange>(*this, server_.reactor_, head);
  slots_.push_back({incoming_.get(), &handler, {}, nullptr, false, false});
  owed_ = Owed::nothing;
  return parser_.state() == State::head_done ? admit(handler) : Step::again;
}

Connection::Step Connection::admit(Handler& handler) {
  const std::size_t body_bytes_max = handler.admit_body(*incoming_);
  if (last_read_ || !alive())
    return Step::enough;  // answered, which closes: the body is not wanted
  parser_.accept_body(body_bytes_max);
  if (parser_.state() == State::failed) {
    refuse(parser_.error());
    return Step::enough;
  }
  // Behind unanswered requests the 100 would be taken for their answer; the client then waits no
  // longer by itself.
  if (parser_.request().expects_continue() && slots_.size() == 1)
    stream_->write(std::string{wire::http::continue_response});
  return Step::again;
}

void Connection::finish(std::string_view& bytes) {
  auto exchange = std::move(incoming_);
  Handler& handler = *find(*exchange)->handler;
  exchange->complete(parser_.take_request());
  owed_ = Owed::nothing;
  exclusive_ = handler.exclusive();
  // The handler may take the stream, with what was received behind the request.
  if (exclusive_) keep_unread(std::exchange(bytes, {}));
  handler.handle(std::move(exchange));
}

void Connection::try_move(std::size_t reactor) {
  server_.reactor_.disarm(alarm_);
  MovedConnection state;
  stream_->set_handler(nullptr);
  state.stream = stream_->release();
  state.parser = std::move(parser_);
  state.unread = std::move(unread_);
  stream_.reset();
  if (state.stream != nullptr) server_.move(reactor, std::move(state));
  server_.retire(*this);
}

// The request can not be handled: the connection answers it, behind all earlier ones, and ends.
void Connection::refuse(wire::http::HttpError error) {
  Response response = Response::text(error.status, error.text);
  response.close = true;
  last_read_ = true;
  if (incoming_ == nullptr) {  // it is not known whom it was for
    response.body = problem_json({code_of(error.status), error.text}, error.status);
    response.content_type = problem_type;
    slots_.push_back({nullptr, nullptr, write_head(response, last_answer), nullptr, true, true});
    return send_answers();
  }
  const auto exchange = std::move(incoming_);
  Slot& slot = *find(*exchange);
  slot.handler->add_headers(exchange->request(), response);
  slot.head = write_head(response, last_answer);
  slot.exchange = nullptr;
  slot.answered = slot.close = true;
  if (error.status == 413)
    exchange->too_large();
  else
    exchange->aborted();
  if (alive()) send_answers();
}

// ---- answering

Connection::Slot* Connection::find(const Exchange& exchange) noexcept {
  const auto found = std::find_if(slots_.begin(), slots_.end(), [&exchange](const Slot& slot) {
    return slot.exchange == &exchange;
  });
  return found == slots_.end() ? nullptr : &*found;
}

void Connection::answer(Exchange& exchange, Response response) {
  Slot* const slot = find(exchange);
  if (slot == nullptr || stream_ == nullptr) return;
  const auto& request = exchange.request();
  slot->handler->add_headers(request, response);
  const bool body_unread = incoming_.get() == &exchange && parser_.state() != State::complete;
  slot->close = response.close || !request.keep_alive() || body_unread || draining_;
  last_read_ = last_read_ || slot->close;
  const AnswerForm form{request.method() == "HEAD", !slot->close, request.minor_version()};
  slot->head = write_head(response, form);
  if (!form.head_only) slot->shared_body = std::move(response.shared_body);
  slot->exchange = nullptr;
  slot->answered = true;
  send_answers();
}

void Connection::send_answers() {
  while (!slots_.empty() && slots_.front().answered) {
    Slot slot = std::move(slots_.front());
    slots_.erase(slots_.begin());
    stream_->write(std::move(slot.head));
    if (slot.shared_body != nullptr && !slot.shared_body->empty()) {
      const std::size_t size = slot.shared_body->size();
      stream_->write(std::move(slot.shared_body), 0, size);
    }
    if (slot.close) return stop();
  }
  if (slots_.empty()) exclusive_ = waits_for_turn_ = false;
  if (consuming_) return;
  if (answers_wait()) {
    watch_deadline();
    return server_.reactor_.at_tick_end(*this);
  }
  if (blocked()) return;
  // An answer may be given from inside a handler's other work: the next request waits until that is
  // done.
  if (unread_.empty() && parser_.state() != State::head_done && parser_.state() != State::complete)
    watch_deadline();
  else
    server_.reactor_.at_tick_end(*this);
}

// Closes behind what was written. Requests that came after the last answer are dropped.
void Connection::stop() {
  if (stopped_) return;
  stopped_ = true;
  server_.reactor_.disarm(alarm_);
  stream_->set_handler(nullptr);
  stream_->close();
  abort_exchanges();
  server_.retire(*this);
}

void Connection::drop(Exchange& exchange) {
  if (Slot* const slot = find(exchange)) slot->exchange = nullptr;
  if (stream_ == nullptr || stopped_) return;
  stopped_ = true;
  server_.reactor_.disarm(alarm_);
  stream_->set_handler(nullptr);
  stream_->abort();
  abort_exchanges();
  server_.retire(*this);
}

Exchange::Upgraded Connection::upgrade(Exchange& exchange) {
  KITH_ASSERT(slots_.size() == 1 && slots_.front().exchange == &exchange);
  slots_.clear();
  server_.reactor_.disarm(alarm_);
  stream_->set_handler(nullptr);
  if (paused_) stream_->resume();
  Exchange::Upgraded upgraded{std::move(stream_), std::move(unread_)};
  server_.retire(*this);
  return upgraded;
}

void Connection::on_closed() {
  if (stopped_) return;
  stopped_ = true;
  server_.reactor_.disarm(alarm_);
  abort_exchanges();
  server_.retire(*this);
}

void Connection::abort_exchanges() {
  for (auto& slot : slots_) {
    // A watcher may destroy other exchanges of this connection, so the list is looked at afresh.
    if (Exchange* const exchange = std::exchange(slot.exchange, nullptr)) exchange->aborted();
  }
}

// ---- deadlines

void Connection::watch_deadline() {
  Owed owed = Owed::nothing;
  std::uint32_t wait_ms = base::limits::http_idle_timeout_ms;
  if (answers_wait() || (waits_for_turn_ && slots_.empty())) {
    owed = Owed::reading;
  } else if (parser_.state() == State::idle) {
    if (slots_.empty()) owed = Owed::request;
  } else if (parser_.state() == State::head) {
    owed = Owed::head;
    wait_ms = base::limits::http_head_timeout_ms;
  } else if (parser_.state() == State::body) {
    owed = Owed::body;
    wait_ms = base::limits::http_body_timeout_ms;
  }
  if (owed == Owed::nothing) {
    server_.reactor_.disarm(alarm_);
  } else if (owed != owed_ || !alarm_.armed()) {
    server_.reactor_.arm(alarm_, std::chrono::milliseconds{wait_ms});
  }
  owed_ = owed;
}

void Connection::on_deadline() {
  const Owed owed = std::exchange(owed_, Owed::nothing);
  if (owed == Owed::request || owed == Owed::reading) return stop();
  refuse({408, "Request Timeout"});
}

}  // namespace kith::front
