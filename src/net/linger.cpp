#include "net/linger.hpp"

#include "net/tcp_streams.hpp"

#include <cerrno>
#include <sys/socket.h>

namespace kith::net {

using runtime::Fd;

void reset_connection(Fd fd) noexcept {
  const linger at_once{1, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

Linger::Linger(TcpStreams& streams, Fd fd, std::unique_ptr<WriteQueue> queue)
    : streams_(streams), fd_(std::move(fd)), queue_(std::move(queue)) {}

Linger::~Linger() {
  streams_.reactor_.unwatch(*this);
  if (queue_) streams_.give_back(std::move(queue_));
  if (fd_) reset_connection(std::move(fd_));
}

bool Linger::start(std::uint32_t linger_ms) {
  if (!send() || !streams_.reactor_.watch(*this, fd_.get(), interest())) return false;
  streams_.reactor_.arm(*this, std::chrono::milliseconds{linger_ms});
  return true;
}

std::uint32_t Linger::interest() const noexcept {
  return (peer_ended_ ? 0 : runtime::ready::read) | (queue_ ? runtime::ready::write : 0);
}

void Linger::on_ready(std::uint32_t events) {
  const bool writable = (events & (runtime::ready::write | runtime::ready::broken)) != 0;
  if (queue_ && writable && !send()) return streams_.lingered(*this);
  const bool readable = (events & (runtime::ready::read | runtime::ready::broken)) != 0;
  if (!peer_ended_ && readable && !drop_input()) return streams_.lingered(*this);
  if (peer_ended_ && !queue_) {
    streams_.reactor_.unwatch(*this);
    fd_.reset();  // both sides have ended: an ordinary close
    return streams_.lingered(*this);
  }
  streams_.reactor_.change(*this, interest());
}

void Linger::on_timer() {
  streams_.lingered(*this);
}

bool Linger::send() {
  const auto flushed = queue_->flush(fd_.get());
  if (flushed == WriteQueue::Flush::failed) return false;
  if (flushed == WriteQueue::Flush::all) {
    streams_.give_back(std::move(queue_));
    if (::shutdown(fd_.get(), SHUT_WR) != 0) return false;
  }
  return true;
}

bool Linger::drop_input() {
  auto& buffer = streams_.read_buffer_;
  const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  peer_ended_ = got == 0;
  return true;
}

}  // namespace kith::net
