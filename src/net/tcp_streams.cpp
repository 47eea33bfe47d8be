#include "net/tcp_streams.hpp"

#include "base/assert.hpp"
#include "net/linger.hpp"
#include "net/tcp_stream.hpp"
#include "net/tls_stream.hpp"

namespace kith::net {

std::unique_ptr<ports::ReleasedStream> released_socket(runtime::Fd fd) {
  return std::make_unique<ReleasedSocket>(std::move(fd));
}

TcpStreams::TcpStreams(runtime::RealReactor& reactor) : reactor_(reactor) {}

TcpStreams::~TcpStreams() {
  KITH_ASSERT(open_ == 0 && reactor_.here());
  lingering_.clear();
}

std::unique_ptr<ports::Stream> TcpStreams::adopt(std::unique_ptr<ports::ReleasedStream> released) {
  auto* tls = dynamic_cast<ReleasedTls*>(released.get());
  if (tls == nullptr) return adopt_socket(std::move(released));
  return std::make_unique<TlsStream>(
      *this, adopt_socket(std::move(tls->socket)), std::move(tls->session));
}

std::unique_ptr<TcpStream> TcpStreams::adopt_socket(
    std::unique_ptr<ports::ReleasedStream> released) {
  KITH_ASSERT(reactor_.here());
  auto* socket = dynamic_cast<ReleasedSocket*>(released.get());
  KITH_ASSERT(socket != nullptr && socket->fd);
  return std::make_unique<TcpStream>(*this, *socket);
}

std::vector<char>& TcpStreams::plain_buffer() {
  if (plain_buffer_.empty()) plain_buffer_.resize(base::limits::read_bytes_max);
  return plain_buffer_;
}

std::unique_ptr<WriteQueue> TcpStreams::take_queue() {
  if (spare_queues_.empty()) return std::make_unique<WriteQueue>();
  auto queue = std::move(spare_queues_.back());
  spare_queues_.pop_back();
  return queue;
}

void TcpStreams::give_back(std::unique_ptr<WriteQueue> queue) noexcept {
  queue->clear();
  if (spare_queues_.size() < base::limits::spare_write_queues_max)
    spare_queues_.push_back(std::move(queue));
}

void TcpStreams::linger(runtime::Fd fd,
                        std::unique_ptr<WriteQueue> queue,
                        std::uint32_t linger_ms) {
  if (!queue) queue = take_queue();
  auto linger = std::make_unique<Linger>(*this, std::move(fd), std::move(queue));
  // At the bound, and when there is nothing to wait for, Linger's destructor ends it at once.
  if (lingering_.size() >= base::limits::lingering_max || !linger->start(linger_ms)) return;
  linger->set_place(lingering_.size());
  lingering_.push_back(std::move(linger));
}

void TcpStreams::lingered(Linger& done) noexcept {
  const std::size_t place = done.place();
  std::swap(lingering_[place], lingering_.back());
  lingering_[place]->set_place(place);
  lingering_.pop_back();
}

}  // namespace kith::net
