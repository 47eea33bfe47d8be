#include "net/tcp_stream.hpp"

#include "base/assert.hpp"
#include "net/linger.hpp"
#include "net/socket_address.hpp"
#include "net/tcp_streams.hpp"

#include <cerrno>
#include <sys/socket.h>

namespace kith::net {

namespace ready = runtime::ready;

TcpStream::TcpStream(TcpStreams& streams, ReleasedSocket& socket)
    : streams_(streams), fd_(std::move(socket.fd)) {
  if (!socket.peer.empty()) peer_ = std::make_unique<const std::string>(std::move(socket.peer));
  ++streams_.open_;
}

TcpStream::~TcpStream() {
  abort();
}

void TcpStream::set_handler(ports::StreamHandler* handler) noexcept {
  handler_ = handler;
  // The next one often comes within the tick (an upgrade): what is watched stays so until its end.
  if (handler == nullptr && watched() && !blocked_) return streams_.reactor_.at_tick_end(*this);
  show_interest();
}

// Asked for by few: not kept for all.
std::string TcpStream::peer_address() const {
  if (fd_ && peer_) return *peer_;
  SocketAddress peer;
  peer.length = sizeof peer.storage;
  if (!fd_ || ::getpeername(fd_.get(), peer.get(), &peer.length) != 0) return {};
  return to_endpoint(peer).address;
}

WriteQueue& TcpStream::queue() {
  if (!queue_) queue_ = streams_.take_queue();
  if (!blocked_) streams_.reactor_.at_tick_end(*this);
  return *queue_;
}

void TcpStream::write(std::string bytes) {
  if (fd_ && !bytes.empty()) queue().add(std::move(bytes));
}

void TcpStream::write(base::SharedBytes bytes, std::size_t offset, std::size_t length) {
  if (fd_ && length > 0) queue().add(std::move(bytes), offset, length);
}

void TcpStream::pause() noexcept {
  paused_ = true;
  show_interest();
}

void TcpStream::resume() noexcept {
  paused_ = false;
  show_interest();
}

void TcpStream::close(std::uint32_t linger_ms) {
  if (!fd_) return;
  auto queue = std::move(queue_);
  detach();
  streams_.linger(std::move(fd_), std::move(queue), linger_ms);
}

void TcpStream::abort() noexcept {
  if (!fd_) return;
  detach();
  reset_connection(std::move(fd_));
}

std::unique_ptr<ports::ReleasedStream> TcpStream::release() {
  if (!fd_) return nullptr;
  KITH_ASSERT(queued_bytes() == 0);
  detach();
  auto released = std::make_unique<ReleasedSocket>(std::move(fd_));
  if (peer_) released->peer = *peer_;
  return released;
}

// From here on this object is closed; the descriptor is the caller's to move or close.
void TcpStream::detach() noexcept {
  streams_.reactor_.unwatch(*this);
  streams_.reactor_.withdraw(*this);
  if (queue_) streams_.give_back(std::move(queue_));
  blocked_ = broken_ = false;
  --streams_.open_;
}

// What is watched follows from the state. Not watched at all while there is nothing to wait for: a
// dead peer is reported without being asked for, and without a handler nobody could be told.
void TcpStream::show_interest() noexcept {
  if (!fd_) return;
  auto& reactor = streams_.reactor_;
  const bool reads = handler_ != nullptr && !paused_;
  if (handler_ == nullptr && !blocked_) return reactor.unwatch(*this);
  const std::uint32_t interest = (reads ? ready::read : 0) | (blocked_ ? ready::write : 0);
  if (watched()) {
    reactor.change(*this, interest);
  } else if (!reactor.watch(*this, fd_.get(), interest)) {
    broken_ = true;
    reactor.at_tick_end(*this);
  }
}

void TcpStream::on_ready(std::uint32_t events) {
  if (blocked_ && (events & (ready::write | ready::broken)) != 0) {
    // May call back, and a call back may destroy this object. What can be read is reported again in
    // the next turn.
    return flush();
  }
  if (!paused_ && handler_ != nullptr) return read();
  if ((events & ready::broken) != 0) lost();
}

void TcpStream::on_tick_end() {
  if (broken_) return lost();
  if (handler_ == nullptr) show_interest();
  send_now();
}

void TcpStream::send_now() {
  if (queue_ && !blocked_) flush();
}

void TcpStream::flush() {
  const bool was_blocked = blocked_;
  switch (queue_->flush(fd_.get())) {
    case WriteQueue::Flush::partial:
      blocked_ = true;
      return show_interest();
    case WriteQueue::Flush::failed:
      return lost();
    case WriteQueue::Flush::all:
      streams_.give_back(std::move(queue_));
      blocked_ = false;
      if (!was_blocked) return;
      show_interest();
      if (handler_ != nullptr) handler_->on_drained();  // may destroy this object
  }
}

void TcpStream::read() {
  auto& buffer = streams_.read_buffer_;
  const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got > 0)
    return handler_->on_bytes({buffer.data(), static_cast<std::size_t>(got)});  // may destroy this
  if (got == 0 || (errno != EAGAIN && errno != EINTR)) lost();
}

// The peer's end, or an error: the one place that says on_closed.
void TcpStream::lost() {
  if (handler_ == nullptr) {
    // Nobody to tell: what was queued is gone, the next handler will read the end.
    if (queue_) streams_.give_back(std::move(queue_));
    blocked_ = false;
    return show_interest();
  }
  detach();
  fd_.reset();
  handler_->on_closed();  // may destroy this object
}

}  // namespace kith::net
