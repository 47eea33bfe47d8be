#pragma once

#include "base/task.hpp"
#include "runtime/fd.hpp"

#include <atomic>
#include <cstddef>
#include <mutex>
#include <vector>

namespace kith::runtime {

// Tasks from many threads for one. Tasks of one producer run in their order. The consumer is woken
// through an eventfd, and only when it said that it may sleep: a busy consumer costs its producers
// no system call.
class Mailbox {
 public:
  explicit Mailbox(std::size_t tasks_max);

  // Any thread.
  void post(base::Task task);
  bool try_post(
      base::Task& task);  // false, task untouched: `tasks_max` tasks wait or are being run
  void wake() noexcept;

  // The consumer's thread, from here on.
  // To be waited for edge-triggered: it is written and never read.
  int wake_fd() const noexcept { return wake_.get(); }

  // False: something waits, do not sleep. True: the next post wakes.
  bool may_sleep();
  void awake();
  // Runs what waits now; what those tasks post runs at the next call. Returns how many ran.
  std::size_t run();
  // Destroys what waits, unrun. Returns how many.
  std::size_t drop();

 private:
  void push(base::Task&& task, std::unique_lock<std::mutex>& lock);

  const std::size_t tasks_max_;
  Fd wake_;
  std::mutex mutex_;
  std::vector<base::Task> queue_;  // under the mutex
  bool asleep_ = false;            // under the mutex
  std::vector<base::Task> batch_;  // the consumer's
  std::atomic<std::size_t> running_{0};
};

}  // namespace kith::runtime
