#pragma once

#include "base/limits.hpp"
#include "net/write_queue.hpp"
#include "ports/stream.hpp"
#include "runtime/fd.hpp"
#include "runtime/real_reactor.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace kith::net {

class Linger;
class TcpStream;

// A connected, non-blocking socket becomes one that any reactor can adopt.
std::unique_ptr<ports::ReleasedStream> released_socket(runtime::Fd fd);

// The TCP streams of one reactor and what they share: the read buffer, spare write queues, sockets
// that are closing in the background. Made before the reactor runs or on it; outlives its streams;
// destroyed there or when it runs no more (what still lingers is then reset).
class TcpStreams final : public ports::StreamFactory {
 public:
  explicit TcpStreams(runtime::RealReactor& reactor);
  ~TcpStreams() override;

  // `released`, with TLS on it or without, came from Stream::release of any reactor's TcpStreams,
  // from a Listener or from released_socket. Reading begins with the first set_handler.
  std::unique_ptr<ports::Stream> adopt(std::unique_ptr<ports::ReleasedStream> released) override;

  // Without TLS on it.
  std::unique_ptr<TcpStream> adopt_socket(std::unique_ptr<ports::ReleasedStream> released);

  runtime::RealReactor& reactor() noexcept { return reactor_; }

  std::size_t open_count() const noexcept { return open_; }

  std::size_t lingering_count() const noexcept { return lingering_.size(); }

 private:
  friend class TcpStream;
  friend class TlsStream;
  friend class Linger;

  std::unique_ptr<WriteQueue> take_queue();
  void give_back(std::unique_ptr<WriteQueue> queue) noexcept;
  void linger(runtime::Fd fd, std::unique_ptr<WriteQueue> queue, std::uint32_t linger_ms);
  void lingered(Linger& done) noexcept;
  // What one stream with TLS reads at a time; made when the first one does.
  std::vector<char>& plain_buffer();

  runtime::RealReactor& reactor_;
  std::vector<std::unique_ptr<WriteQueue>> spare_queues_;
  std::vector<std::unique_ptr<Linger>> lingering_;
  std::size_t open_ = 0;
  std::array<char, base::limits::read_bytes_max> read_buffer_{};
  std::vector<char> plain_buffer_;
};

}  // namespace kith::net
