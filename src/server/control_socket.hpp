#pragma once

#include "base/time.hpp"
#include "runtime/fd.hpp"
#include "server/problem.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

// DIR/kith.sock: a line in, a line out, then closed. The words are those of admin_protocol.hpp.
namespace kith::server {

inline constexpr std::uint32_t control_timeout_ms =
    5'000;  // for a whole request to come, and for a reply to go

// Serves the socket on a thread of its own, one connection at a time. Mode 0600. The caller holds
// the data folder, so a socket left by a dead process is replaced.
class ControlServer {
 public:
  // Called on the server's thread with a line, newline included; returns the reply line.
  using Handler = std::function<std::string(std::string_view line)>;

  struct Options {
    std::uint32_t timeout_ms = control_timeout_ms;
  };

  static Outcome<std::unique_ptr<ControlServer>> start(std::string path,
                                                       const base::Clock& clock,
                                                       Handler handler,
                                                       Options options);

  static Outcome<std::unique_ptr<ControlServer>> start(std::string path,
                                                       const base::Clock& clock,
                                                       Handler handler) {
    return start(std::move(path), clock, std::move(handler), Options{});
  }

  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;
  ~ControlServer();  // ends the thread, after the request it is at, and removes the socket

 private:
  struct Parts {
    std::string path;
    runtime::Fd listener;
    runtime::Fd stop;  // readable: end
    Handler handler;
    Options options;
  };

  ControlServer(Parts parts, const base::Clock& clock);
  void serve();
  void answer(int connection);

  Parts parts_;
  const base::Clock& clock_;
  std::thread thread_;
};

// Nobody listens at the socket: there is none, or it is a dead process's.
inline constexpr int exit_nobody_listens = 3;

// Sends a line and waits for one. Problem with exit_nobody_listens: see above.
Outcome<std::string> control_call(const std::string& path,
                                  std::string_view line,
                                  const base::Clock& clock,
                                  std::uint32_t timeout_ms = 2 * control_timeout_ms);

}  // namespace kith::server
