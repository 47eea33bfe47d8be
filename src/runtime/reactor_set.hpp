#pragma once

#include "base/log.hpp"
#include "runtime/real_reactor.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace kith::runtime {

struct ReactorSetOptions {
  std::size_t count = 1;
  bool pin = false;  // reactor i to the i-th core this process may use; skipped where there are
                     // fewer cores
};

// N reactors and their threads. Reactors exist from construction on, so that sockets and timers may
// be set up before `start`; after `stop` all is one thread's again, and what lived on them can be
// destroyed before the set is.
class ReactorSet {
 public:
  ReactorSet(ReactorSetOptions options, base::Logger& logger);
  ReactorSet(const ReactorSet&) = delete;
  ReactorSet& operator=(const ReactorSet&) = delete;
  ~ReactorSet();  // stops

  std::size_t size() const noexcept { return reactors_.size(); }

  RealReactor& operator[](std::size_t index) noexcept { return *reactors_[index]; }

  void start();
  // Lets each finish its turn, joins all, then destroys the tasks that are left, unrun. Not on a
  // reactor's thread. A set is started once.
  void stop();

  // Runs `what` for each reactor on its thread and returns when all are done. Not on a reactor's
  // thread; not started or stopped: on the caller's.
  void on_each(const std::function<void(RealReactor&)>& what);

 private:
  const ReactorSetOptions options_;
  std::vector<std::unique_ptr<RealReactor>> reactors_;
  std::vector<std::thread> threads_;
};

}  // namespace kith::runtime
