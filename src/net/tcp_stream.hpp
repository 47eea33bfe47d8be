#pragma once

#include "net/write_queue.hpp"
#include "ports/reactor.hpp"
#include "ports/stream.hpp"
#include "runtime/fd.hpp"
#include "runtime/watch.hpp"

#include <memory>
#include <string>

namespace kith::net {

class TcpStreams;

// What moves between reactors.
struct ReleasedSocket final : ports::ReleasedStream {
  explicit ReleasedSocket(runtime::Fd f) : fd(std::move(f)) {}

  runtime::Fd fd;
  std::string peer;  // who a proxy says it is; empty: as the kernel says
};

// One socket. Idle it has no buffers: reads go through the reactor's, the write queue exists while
// bytes wait.
class TcpStream final : public ports::Stream, private runtime::Watch, private ports::TickHook {
 public:
  TcpStream(TcpStreams& streams, ReleasedSocket& socket);
  ~TcpStream() override;

  void set_handler(ports::StreamHandler* handler) noexcept override;
  void write(std::string bytes) override;
  void write(base::SharedBytes bytes, std::size_t offset, std::size_t length) override;

  std::size_t queued_bytes() const noexcept override { return queue_ ? queue_->bytes() : 0; }

  void pause() noexcept override;
  void resume() noexcept override;
  void close(std::uint32_t linger_ms) override;
  void abort() noexcept override;

  bool open() const noexcept override { return static_cast<bool>(fd_); }

  std::string peer_address() const override;

  std::unique_ptr<ports::ReleasedStream> release() override;

  // What is queued leaves now and not at the tick's end. May call back.
  void send_now();

 private:
  void on_ready(std::uint32_t events) override;
  void on_tick_end() override;

  WriteQueue& queue();
  void flush();
  void read();
  void show_interest() noexcept;
  void detach() noexcept;
  void lost();

  TcpStreams& streams_;
  ports::StreamHandler* handler_ = nullptr;
  std::unique_ptr<WriteQueue> queue_;
  runtime::Fd fd_;
  std::unique_ptr<const std::string> peer_;  // if a proxy said it
  bool paused_ = false;
  bool blocked_ = false;  // the kernel's buffer was full: waits until the socket is writable
  bool broken_ = false;   // failed where no call back is allowed: told at the tick's end
};

}  // namespace kith::net
