#pragma once

#include "base/result.hpp"
#include "net/endpoint.hpp"
#include "ports/stream.hpp"
#include "runtime/fd.hpp"
#include "runtime/log_limit.hpp"
#include "runtime/real_reactor.hpp"
#include "runtime/watch.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace kith::net {

// Who takes the connections of one reactor.
class AcceptHandler {
 public:
  AcceptHandler() = default;
  AcceptHandler(const AcceptHandler&) = delete;
  AcceptHandler& operator=(const AcceptHandler&) = delete;
  virtual ~AcceptHandler() = default;
  // On the thread of the reactor whose seat this is.
  virtual void on_accepted(std::unique_ptr<ports::ReleasedStream> connection) = 0;
};

// A reactor that connections are handed to. Both outlive the listener and, because hand-overs may
// be on their way when it stops, also what waits in the reactor's mailbox.
struct Seat {
  ports::Reactor* reactor = nullptr;
  AcceptHandler* handler = nullptr;
};

struct ListenerOptions {
  std::vector<Seat> seats;
  int send_buffer_bytes = 0;  // SO_SNDBUF of accepted sockets; 0: the kernel's choice
};

// Accepts on one reactor and deals the connections out in turn, so that four connections on four
// reactors are one each; with a listening socket per reactor (SO_REUSEPORT) the kernel's hash would
// decide, unevenly, and a reactor that is busy or ends would take those in its queue along.
// Accepted sockets are non-blocking and have TCP_NODELAY. Out of descriptors it sheds: takes a
// connection with a descriptor kept in reserve and closes it, so that clients see an end and not a
// silence.
class Listener final : private runtime::Watch, private ports::Timer {
 public:
  // Port 0 picks a free one: see `endpoint`. Before the reactor runs, or on it.
  static base::Result<std::unique_ptr<Listener>> listen(runtime::RealReactor& reactor,
                                                        const Endpoint& where,
                                                        ListenerOptions options);
  Listener(runtime::RealReactor& reactor, runtime::Fd fd, Endpoint where, ListenerOptions options);
  ~Listener() override;

  const Endpoint& endpoint() const noexcept { return endpoint_; }

  // Closes the listening socket; connections not yet accepted are refused. On the reactor, or when
  // it does not run.
  void stop() noexcept;

  std::uint64_t accepted() const noexcept { return accepted_; }

  std::uint64_t shed() const noexcept { return shed_; }

 private:
  enum class Step : std::uint8_t { again, done };

  void on_ready(std::uint32_t events) override;
  void on_timer() override;

  Step accept_one();
  Step accept_failed(int error);
  Step shed_one(int error);
  void hand_over(runtime::Fd fd);
  void pause(int error);
  void complain(runtime::LogLimit& limit, std::string_view event, std::string_view reason);

  runtime::RealReactor& reactor_;
  runtime::Fd fd_;
  runtime::Fd reserve_;
  Endpoint endpoint_;
  ListenerOptions options_;
  std::size_t next_seat_ = 0;
  std::uint64_t accepted_ = 0;
  std::uint64_t shed_ = 0;
  runtime::LogLimit shed_limit_;
  runtime::LogLimit paused_limit_;
  runtime::LogLimit refused_limit_;
};

}  // namespace kith::net
