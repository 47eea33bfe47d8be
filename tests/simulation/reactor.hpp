#pragma once

#include "ports/reactor.hpp"
#include "world.hpp"

#include <deque>
#include <map>
#include <memory>
#include <vector>

namespace kith::simulation {

// What a reactor looks after besides tasks: a socket with news. Told once per asking.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;
  virtual void on_ready() = 0;
};

// The reactor port on the world's heap: sockets, tasks, timers, tick hooks, turn by turn.
class SimReactor final : public ports::Reactor {
 public:
  SimReactor(World& world, std::size_t index, std::size_t count);
  ~SimReactor() override;

  std::size_t index() const noexcept override { return index_; }

  std::size_t count() const noexcept override { return count_; }

  const base::Clock& clock() const noexcept override { return world_.clock(); }

  base::Random& random() noexcept override { return random_; }

  void post(base::Task task) override;
  bool try_post(base::Task& task) override;
  void arm(ports::Timer& timer, Duration after) override;
  void disarm(ports::Timer& timer) noexcept override;
  void at_tick_end(ports::TickHook& hook) override;
  void withdraw(ports::TickHook& hook) noexcept override;

  // The source is asked in the next turn.
  void ready(Source& source);
  void forget(Source& source) noexcept;

  // Nothing runs here for so long, as when a process is stopped.
  void stall(Duration duration);

  std::size_t tasks_waiting() const noexcept { return tasks_.size(); }

 private:
  using Access = ports::Timer::Access;

  void wake(Duration after);
  void turn();
  void run_sources();
  void run_tasks();
  void run_timers();
  void run_hooks();

  World& world_;
  std::size_t index_;
  std::size_t count_;
  base::SeededRandom random_;
  std::deque<base::Task> tasks_;
  std::size_t running_ = 0;
  std::map<std::int64_t, ports::Timer*> timers_;  // due times are made distinct
  std::vector<ports::TickHook*> hooks_;
  std::vector<ports::TickHook*> running_hooks_;
  std::vector<Source*> sources_;
  std::vector<Source*> running_sources_;
  Instant stalled_until_{};
  std::int64_t wake_at_ = -1;          // of the turn that is on the heap; -1: none
  std::shared_ptr<SimReactor*> self_;  // for the turns on the heap
};

}  // namespace kith::simulation
