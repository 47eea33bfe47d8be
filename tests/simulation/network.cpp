#include "network.hpp"

#include "base/assert.hpp"

#include <algorithm>

namespace kith::simulation {

// ------------------------------------------------------------------------------------------------
// the connection

Wire::Wire(World& world, WireOptions options, std::string node)
    : world_(world), options_(options), node_(std::move(node)) {}

void Wire::send(std::string bytes) {
  if (client_gone_ || bytes.empty()) return;
  // Cut into pieces anywhere: inside a frame, inside a header.
  while (!bytes.empty()) {
    auto length = bytes.size();
    if (world_.chance(options_.split)) length = 1 + world_.below(bytes.size());
    server_next_ = std::max(server_next_, world_.now() + latency());
    world_.at(server_next_ - world_.now(),
              [self = shared_from_this(), piece = bytes.substr(0, length)]() mutable {
                if (!self->cut_ && !self->silent_) self->arrive_at_server(std::move(piece));
              });
    bytes.erase(0, length);
  }
}

void Wire::arrive_at_server(std::string bytes) {
  if (server_gone_) return;
  world_.trace(bytes);
  inbox_.push_back(std::move(bytes));
  wake_server();
}

void Wire::wake_server() {
  if (stream_ != nullptr) stream_->look();
}

void Wire::set_reading(bool reading) {
  reading_ = reading;
  if (reading_) read_by_client();
}

void Wire::hang_up() {
  if (client_gone_) return;
  client_gone_ = true;
  listener_ = nullptr;
  in_pipe_ = 0;
  unread_.clear();
  server_next_ = std::max(server_next_, world_.now() + latency());
  world_.at(server_next_ - world_.now(), [self = shared_from_this()] { self->tell_server_end(); });
}

void Wire::cut() {
  if (cut_) return;
  // Something of what is under way still arrives, so that frames end in the middle.
  const auto flight = options_.latency_most * static_cast<std::int64_t>(world_.below(3)) / 2;
  world_.at(flight, [self = shared_from_this()] {
    self->cut_ = true;
    self->world_.at(self->latency(), [self] { self->tell_client_end(); });
    self->world_.at(self->latency() * 2, [self] { self->tell_server_end(); });
  });
}

void Wire::server_died(bool told) {
  server_gone_ = true;
  cut_ = true;
  out_.clear();
  if (stream_ != nullptr) stream_->detach();
  if (told) world_.at(latency(), [self = shared_from_this()] { self->tell_client_end(); });
}

void Wire::flush() {
  const auto room = options_.pipe_bytes - std::min(options_.pipe_bytes, in_pipe_);
  if (room == 0 || out_.empty()) return;
  const auto length = std::min(room, out_.size());
  in_pipe_ += length;
  launch(out_.substr(0, length));
  out_.erase(0, length);
}

void Wire::launch(std::string bytes) {
  while (!bytes.empty()) {
    auto length = bytes.size();
    if (world_.chance(options_.split)) length = 1 + world_.below(bytes.size());
    client_next_ = std::max(client_next_, world_.now() + latency());
    world_.at(client_next_ - world_.now(),
              [self = shared_from_this(), piece = bytes.substr(0, length)]() mutable {
                if (!self->cut_ && !self->silent_) self->arrive_at_client(std::move(piece));
              });
    bytes.erase(0, length);
  }
}

void Wire::arrive_at_client(std::string bytes) {
  if (client_gone_) return;
  unread_ += bytes;
  if (reading_) read_by_client();
}

void Wire::read_by_client() {
  if (unread_.empty() || client_gone_) return;
  const auto bytes = std::exchange(unread_, {});
  world_.trace(bytes);
  in_pipe_ -= std::min(in_pipe_, bytes.size());
  if (!out_.empty()) {
    if (stream_ != nullptr)
      wake_server();
    else if (closing_)
      flush();
  }
  if (closing_) server_closes();
  if (listener_ != nullptr) listener_->on_bytes(bytes);
}

void Wire::tell_client_end() {
  if (client_gone_ || silent_) return;
  client_gone_ = true;
  if (auto* listener = std::exchange(listener_, nullptr)) listener->on_closed();
}

void Wire::tell_server_end() {
  if (server_gone_ || silent_) return;
  client_ended_ = true;
  wake_server();
}

// Called until everything is in the pipe; then the end follows.
void Wire::server_closes() {
  closing_ = true;
  flush();
  if (!out_.empty() || server_gone_) return;
  server_gone_ = true;
  client_next_ = std::max(client_next_, world_.now() + latency());
  world_.at(client_next_ - world_.now(), [self = shared_from_this()] {
    if (!self->cut_) self->tell_client_end();
  });
}

void Wire::server_aborts() noexcept {
  server_gone_ = true;
  out_.clear();
  cut_ = true;
  world_.at(latency(), [self = shared_from_this()] { self->tell_client_end(); });
}

// ------------------------------------------------------------------------------------------------
// the server's end

SimReleased::~SimReleased() {
  if (wire_ && !wire_->server_gone_) wire_->server_closes();
}

std::unique_ptr<ports::Stream> SimStreams::adopt(std::unique_ptr<ports::ReleasedStream> released) {
  auto& mine = static_cast<SimReleased&>(*released);
  return std::make_unique<SimStream>(*this, mine.take());
}

SimStream::SimStream(SimStreams& streams, WirePtr wire)
    : streams_(streams), wire_(std::move(wire)) {
  wire_->stream_ = this;
  ++streams_.open_;
}

SimStream::~SimStream() {
  abort();
}

void SimStream::set_handler(ports::StreamHandler* handler) noexcept {
  handler_ = handler;
  if (open_ && handler_ != nullptr) look();
}

void SimStream::write(std::string bytes) {
  if (!open_ || bytes.empty()) return;
  wire_->out_ += bytes;
  streams_.reactor_.at_tick_end(*this);
}

void SimStream::write(base::SharedBytes bytes, std::size_t offset, std::size_t length) {
  KITH_ASSERT(offset + length <= bytes->size());
  write(bytes->substr(offset, length));
}

std::size_t SimStream::queued_bytes() const noexcept {
  return open_ ? wire_->out_.size() : 0;
}

void SimStream::resume() noexcept {
  paused_ = false;
  if (open_) look();
}

void SimStream::close(std::uint32_t linger_ms) {
  if (!open_) return;
  const auto wire = wire_;
  detach();
  wire->server_closes();
  if (wire->server_gone_) return;
  wire->world_.at(std::chrono::milliseconds{linger_ms}, [wire] {
    if (!wire->server_gone_) wire->server_aborts();
  });
}

void SimStream::abort() noexcept {
  if (!open_) return;
  const auto wire = wire_;
  detach();
  wire->server_aborts();
}

std::unique_ptr<ports::ReleasedStream> SimStream::release() {
  if (!open_) return nullptr;
  KITH_ASSERT(queued_bytes() == 0);
  const auto wire = wire_;
  detach();
  return std::make_unique<SimReleased>(wire);
}

void SimStream::detach() noexcept {
  if (!open_) return;
  open_ = false;
  --streams_.open_;
  wire_->stream_ = nullptr;
  streams_.reactor_.withdraw(*this);
  streams_.reactor_.forget(*this);
}

void SimStream::on_tick_end() {
  wire_->flush();
  blocked_ = !wire_->out_.empty();
}

void SimStream::on_ready() {
  if (!wire_->out_.empty()) {
    wire_->flush();
    if (!wire_->out_.empty()) {
      blocked_ = true;
    } else if (std::exchange(blocked_, false) && handler_ != nullptr) {
      if (!wire_->inbox_.empty() || wire_->client_ended_) look();
      return handler_->on_drained();  // may destroy this object
    }
  }
  if (paused_ || handler_ == nullptr) return;
  if (!wire_->inbox_.empty()) {
    const std::string bytes = std::move(wire_->inbox_.front());
    wire_->inbox_.pop_front();
    if (!wire_->inbox_.empty() || wire_->client_ended_) look();
    return handler_->on_bytes(bytes);  // may destroy this object
  }
  if (wire_->client_ended_) lost();
}

void SimStream::lost() {
  wire_->server_gone_ = true;
  wire_->out_.clear();
  auto* handler = handler_;
  detach();
  handler->on_closed();
}

}  // namespace kith::simulation
