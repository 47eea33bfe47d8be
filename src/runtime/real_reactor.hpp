#pragma once

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "ports/reactor.hpp"
#include "runtime/clock.hpp"
#include "runtime/fd.hpp"
#include "runtime/mailbox.hpp"
#include "runtime/random.hpp"
#include "runtime/timer_wheel.hpp"
#include "runtime/watch.hpp"
#include "runtime/watchdog.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>

namespace kith::runtime {

struct ReactorOptions {
  std::size_t index = 0;
  std::size_t count = 1;
};

// The event loop of one thread, on epoll. A turn: wait; sockets that are ready; tasks of the
// mailbox; timers; hooks of the tick's end. What a phase asks of a later one is done in the same
// turn, what it asks of an earlier one in the next, without waiting. With nothing to do it sleeps
// until the next timer, however far. "Reactor thread only" is checked, and means any thread while
// `run` is not running.
class RealReactor final : public ports::Reactor {
 public:
  RealReactor(ReactorOptions options, base::Logger& logger);
  ~RealReactor() override;  // all watches must be gone

  std::size_t index() const noexcept override { return options_.index; }

  std::size_t count() const noexcept override { return options_.count; }

  const base::Clock& clock() const noexcept override { return clock_; }

  base::Random& random() noexcept override { return random_; }

  void post(base::Task task) override { mailbox_.post(std::move(task)); }

  bool try_post(base::Task& task) override { return mailbox_.try_post(task); }

  void arm(ports::Timer& timer, base::Duration after) override;
  void disarm(ports::Timer& timer) noexcept override;
  void at_tick_end(ports::TickHook& hook) override;
  void withdraw(ports::TickHook& hook) noexcept override;
  void pace(base::Duration pause) noexcept override;

  // Waits for `interest` (bits of `ready`; errors are always reported). False: the system is out of
  // watches or memory.
  [[nodiscard]] bool watch(Watch& watch, int fd, std::uint32_t interest);
  void change(Watch& watch, std::uint32_t interest) noexcept;
  void unwatch(Watch& watch) noexcept;  // no event of it comes any more; legal for one not watched

  // Turns until `stop`; may be called again then.
  void run();
  // Any thread. The turn that is running is finished.
  void stop() noexcept;
  // Once `run` has returned: destroys what waits in the mailbox, unrun. Returns how many tasks.
  std::size_t drop_tasks();

  // Whether "reactor thread only" calls are allowed here.
  bool here() const noexcept;

  bool running_here() const noexcept {  // the calling thread is in `run`
    return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }

  base::Logger& logger() noexcept { return logger_; }

 private:
  struct Events;

  struct HookList final : ports::TickHook {
    HookList() { hook_previous = hook_next = this; }

    void on_tick_end() override {}

    bool empty() const noexcept { return hook_next == this; }

    void append(ports::TickHook& hook) noexcept;
    void move_to(HookList& other) noexcept;  // this one is not empty, the other is
    static void unlink(ports::TickHook& hook) noexcept;
  };

  void turn();
  void rest() noexcept;
  std::size_t wait();
  int wait_ms() const noexcept;
  void dispatch(std::size_t count);
  std::size_t run_hooks();

  const ReactorOptions options_;
  base::Logger& logger_;
  SystemClock system_clock_;
  TickClock clock_{system_clock_};
  base::SystemRandom system_random_;
  PooledRandom random_{system_random_};
  Mailbox mailbox_;
  TimerWheel wheel_;
  Watchdog watchdog_;
  HookList hooks_;
  Fd epoll_;
  std::unique_ptr<Events> events_;
  std::size_t watches_ = 0;
  base::Instant turn_began_{};
  base::Duration pause_{};       // between the begins of two turns at least, while
  base::Instant paced_until_{};  // this has not come
  std::atomic<bool> stopping_{false};
  std::atomic<std::thread::id> thread_{};
};

}  // namespace kith::runtime
