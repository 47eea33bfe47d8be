#pragma once

#include "net/write_queue.hpp"
#include "ports/reactor.hpp"
#include "runtime/fd.hpp"
#include "runtime/watch.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace kith::net {

class TcpStreams;

// A socket whose owner has said goodbye: sends what is queued, ends the sending side, reads and
// drops until the peer ends its side too. Closing with unread bytes would be a reset, which can
// destroy what the peer has not read yet.
class Linger final : private runtime::Watch, private ports::Timer {
 public:
  Linger(TcpStreams& streams, runtime::Fd fd, std::unique_ptr<WriteQueue> queue);
  ~Linger() override;  // resets, if the peer has not ended

  // False: over already (ended, broken), may be destroyed.
  bool start(std::uint32_t linger_ms);

  // Among those of TcpStreams.
  std::size_t place() const noexcept { return place_; }

  void set_place(std::size_t place) noexcept { place_ = place; }

 private:
  void on_ready(std::uint32_t events) override;
  void on_timer() override;

  std::uint32_t interest() const noexcept;
  // Both: false when the connection is over.
  bool send();
  bool drop_input();

  TcpStreams& streams_;
  runtime::Fd fd_;
  std::size_t place_ = 0;
  std::unique_ptr<WriteQueue> queue_;  // null: all sent, the sending side is ended
  bool peer_ended_ = false;
};

// A close that sends a reset.
void reset_connection(runtime::Fd fd) noexcept;

}  // namespace kith::net
