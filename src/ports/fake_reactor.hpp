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
    if (mailbox_full || tasks_.size() >= base::limits::mailbox_tasks_max) return false;
    tasks_.push_back(std::move(task));
    return true;
  }

  void arm(Timer& timer, base::Duration after) override {
    disarm(timer);
    Timer::Access::owner(timer) = this;
    Timer::Access::due(timer) = (clock_.now() + after).ns;
    timers_.push_back(&timer);
  }

  void disarm(Timer& timer) noexcept override {
    if (Timer::Access::owner(timer) == nullptr) return;
    Timer::Access::owner(timer) = nullptr;
    std::erase(timers_, &timer);
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
  }

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
    while (step()) {
    }
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
          while (reactor->step())
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

  bool mailbox_full = false;  // try_post refuses

 private:
  std::int64_t next_due() const noexcept {
    std::int64_t next = std::numeric_limits<std::int64_t>::max();
    for (auto* timer : timers_)
      next = std::min(next, Timer::Access::due(*timer));
    return next;
  }

  // One tick; false: there was nothing to do.
  bool step() {
    bool worked = false;
    for (std::size_t due = tasks_.size(); due > 0; --due) {
      base::Task task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
      worked = true;
    }
    while (next_due() <= clock_.now().ns) {
      Timer* const timer = *std::min_element(timers_.begin(), timers_.end(), [](auto* a, auto* b) {
        return Timer::Access::due(*a) < Timer::Access::due(*b);
      });
      disarm(*timer);
      Timer::Access::fire(*timer);
      worked = true;
    }
    while (!hooks_.empty()) {
      TickHook* const hook = hooks_.front();
      withdraw(*hook);  // before the call: it may ask again, or die
      hook->on_tick_end();
      worked = true;
    }
    return worked;
  }

  base::ManualClock& clock_;
  base::SeededRandom random_;
  std::deque<base::Task> tasks_;
  std::vector<Timer*> timers_;
  std::vector<TickHook*> hooks_;
  std::size_t index_;
  std::size_t count_;
};

}  // namespace kith::ports
