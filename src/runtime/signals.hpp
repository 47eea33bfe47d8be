#pragma once

#include "base/task.hpp"
#include "runtime/fd.hpp"
#include "runtime/real_reactor.hpp"
#include "runtime/watch.hpp"

#include <csignal>

namespace kith::runtime {

// SIGTERM, SIGINT and SIGHUP become calls on a reactor; SIGPIPE is ignored from here on. Made
// before any other thread starts, because threads inherit the blocked signals; destroyed when the
// reactor no longer runs, or on it.
class Signals final : private Watch {
 public:
  Signals(RealReactor& reactor, base::MoveOnlyFunction<void(int)> on_signal);
  ~Signals() override;

 private:
  void on_ready(std::uint32_t events) override;

  RealReactor& reactor_;
  base::MoveOnlyFunction<void(int)> on_signal_;
  sigset_t before_{};
  Fd fd_;
};

}  // namespace kith::runtime
