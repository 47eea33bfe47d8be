#pragma once

#include "base/limits.hpp"
#include "net/tcp_streams.hpp"
#include "net/tls_context.hpp"
#include "ports/stream.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <utility>

namespace kith::net {

// Connections of one reactor that are not encrypted yet. Bounded in time, and in number: at the
// bound the oldest goes, which is one that does not get on. Destroyed on the reactor, or when it
// does not run.
class TlsHandshakes {
 public:
  struct Options {
    std::chrono::milliseconds timeout{base::limits::tls_handshake_timeout_ms};
    std::size_t most = base::limits::tls_handshakes_max;
  };

  // Called with each that succeeds; it has no handler yet.
  using Done = std::function<void(std::unique_ptr<ports::Stream>)>;

  TlsHandshakes(TcpStreams& streams, Done done, Options options);

  TlsHandshakes(TcpStreams& streams, Done done)
      : TlsHandshakes(streams, std::move(done), Options{}) {}

  ~TlsHandshakes();
  TlsHandshakes(const TlsHandshakes&) = delete;
  TlsHandshakes& operator=(const TlsHandshakes&) = delete;

  void begin(std::unique_ptr<ports::ReleasedStream> connection, const TlsContext& context);
  void drop_all() noexcept;

  // Of those that begin from now on.
  void set_timeout(std::chrono::milliseconds timeout) noexcept { options_.timeout = timeout; }

  std::size_t pending() const noexcept { return pending_.size(); }

 private:
  class One;
  using Place = std::list<std::unique_ptr<One>>::iterator;

  TcpStreams& streams_;
  Done done_;
  Options options_;
  std::list<std::unique_ptr<One>> pending_;  // the oldest first
};

}  // namespace kith::net
