#pragma once

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "ports/reactor.hpp"

#include <algorithm>
#include <deque>
#include <initializer_list>
#include <limits>
#include <utility>
#include <vector>

// The reactor port without a world behind it, for tests: nothing moves until the test says so.
namespace kith::ports {

// Tasks, timers and tick hooks run when the test calls `run` or `advance`, on its thread.
class FakeReactor final : public Reactor {
 public:
  explicit FakeReactor(base::ManualClock& clock, std::size_t index = 0, std::size_t count = 1)
      : clock_(clock), random_(index + 1), index_(index), count_(count) {}

  ~FakeReactor() override {
    // One at a time: a task's destructor may post again.
    for (; !tasks_.empty(); tasks_.pop_front())
      const base::Task dropped = std::move(tasks_.front());
    while (!timers_.empty())
      disarm(*timers_.front());
    while (!hooks_.empty())
      withdraw(*hooks_.front());
  }

  std::size_t index() const noexcept override { return index_; }

  std::size_t count() const noexcept override { return count_; }

  const base::Clock& clock() const noexcept override { return clock_; }

  base::Random& random() noexcept override { return random_; }

  void post(base::Task task) override { tasks_.push_back(std::move(task)); }

  bool try_post(base::Task& task) override {
    if (mailbox_full || tasks_.size() + running_ >= base::limits::mailbox_tasks_max) return false;
    tasks_.push_back(std::move(task));
    return true;
  }

  void arm(Timer& timer, base::Duration after) override {
    disarm(timer);
    Timer::Access::owner(timer) = this;
    // Far enough is as good as never, and does not overflow.
    constexpr base::Duration far = std::chrono::hours{24 * 365 * 20};
    after = std::clamp(after, base::Duration::zero(), far);
    Timer::Access::due(timer) = (clock_.now() + after).ns;
    // Armed by a timer, it waits for the next tick.
    (in_timers_ ? armed_by_timers_ : timers_).push_back(&timer);
  }

  void disarm(Timer& timer) noexcept override {
    if (Timer::Access::owner(timer) == nullptr) return;
    Timer::Access::owner(timer) = nullptr;
    std::erase(timers_, &timer);
    std::erase(armed_by_timers_, &timer);
  }

  void at_tick_end(TickHook& hook) override {
    if (hook.hooked_to != nullptr) return;
    hook.hooked_to = this;
    hooks_.push_back(&hook);
  }

  void withdraw(TickHook& hook) noexcept override {
    if (hook.hooked_to == nullptr) return;
    hook.hooked_to = nullptr;
    std::erase(hooks_, &hook);
    std::erase(running_hooks_, &hook);
  }

  void pace(base::Duration pause) noexcept override { paced = pause; }

  std::size_t waiting_tasks() const noexcept { return tasks_.size(); }

  // Runs the oldest task, and nothing else: to mix the turns of several reactors.
  void run_one_task() {
    KITH_ASSERT(!tasks_.empty());
    base::Task task = std::move(tasks_.front());
    tasks_.pop_front();
    task();
  }

  // Ends the present tick and goes on until there is nothing to do: tasks, timers due, hooks.
  void run() {
    while (turn()) {
    }
  }

  // One tick: the tasks that wait, the timers that are due, the hooks. False: nothing was to do.
  bool turn() {
    const std::size_t tasks = run_tasks();
    const std::size_t timers = run_timers();
    return tasks + timers + run_hooks() > 0;
  }

  // Lets time pass, timer by timer, in the order of their deadlines. All reactors of one clock must
  // be advanced through one of them; give the others in `along`.
  void advance(base::Duration duration, std::initializer_list<FakeReactor*> along = {}) {
    std::vector<FakeReactor*> all(along);
    all.push_back(this);
    const base::Instant end = clock_.now() + duration;
    for (;;) {
      bool again = true;
      while (again) {
        again = false;
        for (auto* reactor : all)
          while (reactor->turn())
            again = true;
      }
      std::int64_t next = std::numeric_limits<std::int64_t>::max();
      for (auto* reactor : all)
        next = std::min(next, reactor->next_due());
      if (next > end.ns) break;
      clock_.advance(base::Instant{next} - clock_.now());
    }
    clock_.advance(end - clock_.now());
  }

  std::size_t armed_timers() const noexcept { return timers_.size(); }

  base::Duration paced{};     // what was asked for last
  bool mailbox_full = false;  // try_post refuses

 private:
  std::int64_t next_due() const noexcept {
    std::int64_t next = std::numeric_limits<std::int64_t>::max();
    for (auto* timer : timers_)
      next = std::min(next, Timer::Access::due(*timer));
    return next;
  }

  std::size_t run_tasks() {
    std::deque<base::Task> batch;
    batch.swap(tasks_);
    running_ = batch.size();
    for (base::Task& waiting : batch) {
      base::Task task = std::move(waiting);  // what it owns is freed before the next one runs
      task();
    }
    return std::exchange(running_, 0);
  }

  std::size_t run_timers() {
    std::size_t ran = 0;
    in_timers_ = true;
    for (; next_due() <= clock_.now().ns; ++ran) {
      Timer* const timer = *std::min_element(timers_.begin(), timers_.end(), [](auto* a, auto* b) {
        return Timer::Access::due(*a) < Timer::Access::due(*b);
      });
      disarm(*timer);
      Timer::Access::fire(*timer);
    }
    in_timers_ = false;
    timers_.insert(timers_.end(), armed_by_timers_.begin(), armed_by_timers_.end());
    armed_by_timers_.clear();
    return ran;
  }

  // In rounds, as the real one: hooks asked for by hooks do not keep tasks waiting for ever.
  std::size_t run_hooks() {
    std::size_t ran = 0;
    for (std::size_t round = 0; round < base::limits::hook_rounds_max && !hooks_.empty(); ++round) {
      running_hooks_.swap(hooks_);
      for (; !running_hooks_.empty(); ++ran) {
        TickHook* const hook = running_hooks_.front();
        withdraw(*hook);  // before the call: it may ask again, or die
        hook->on_tick_end();
      }
    }
    return ran;
  }

  base::ManualClock& clock_;
  base::SeededRandom random_;
  std::deque<base::Task> tasks_;
  std::size_t running_ = 0;  // tasks of the present tick
  std::vector<Timer*> timers_;
  std::vector<Timer*> armed_by_timers_;
  std::vector<TickHook*> hooks_;
  std::vector<TickHook*> running_hooks_;
  bool in_timers_ = false;
  std::size_t index_;
  std::size_t count_;
};

}  // namespace kith::ports
