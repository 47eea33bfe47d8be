#pragma once

#include "net/tcp_stream.hpp"
#include "net/tls_session.hpp"
#include "ports/stream.hpp"

#include <memory>
#include <string>

namespace kith::net {

// What moves between reactors.
struct ReleasedTls final : ports::ReleasedStream {
  std::unique_ptr<ports::ReleasedStream> socket;
  std::unique_ptr<TlsSession> session;
};

// A socket with TLS on it, when hands are shaken. What is written in a tick is gathered and becomes
// records at its end, which leave at once.
class TlsStream final : public ports::Stream,
                        private ports::StreamHandler,
                        private ports::TickHook {
 public:
  TlsStream(TcpStreams& streams,
            std::unique_ptr<TcpStream> socket,
            std::unique_ptr<TlsSession> session);
  ~TlsStream() override;

  void set_handler(ports::StreamHandler* handler) noexcept override;
  void write(std::string bytes) override;
  void write(base::SharedBytes bytes, std::size_t offset, std::size_t length) override;
  std::size_t queued_bytes() const noexcept override;
  void pause() noexcept override;
  void resume() noexcept override;
  void close(std::uint32_t linger_ms) override;
  void abort() noexcept override;

  bool open() const noexcept override { return socket_->open(); }

  std::string peer_address() const override { return socket_->peer_address(); }

  std::unique_ptr<ports::ReleasedStream> release() override;

 private:
  void on_bytes(std::string_view bytes) override;
  void on_drained() override;
  void on_closed() override;
  void on_tick_end() override;

  void add(std::string_view bytes);
  void send();
  void hear(std::string_view wire);
  void hear_again_if_due();
  bool due() const noexcept;
  void lost();

  TcpStreams& streams_;
  ports::StreamHandler* handler_ = nullptr;
  std::unique_ptr<TcpStream> socket_;
  std::unique_ptr<TlsSession> session_;
  std::string plain_;  // written in this tick
  bool paused_ = false;
};

}  // namespace kith::net
