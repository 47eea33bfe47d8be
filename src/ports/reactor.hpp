#pragma once

#include "base/random.hpp"
#include "base/task.hpp"
#include "base/time.hpp"

#include <cstddef>

namespace kith::ports {

class Reactor;

// A one-shot alarm, owned by what it wakes. Armed again: the earlier deadline is forgotten.
// Destroyed: cancelled. Reactor thread only. It fires at the deadline or a little later (the wheel
// turns every millisecond), never twice. Equal deadlines fire in the order of arming, different
// ones in theirs unless they are less than a millisecond apart.
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual ~Timer();  // disarms

  bool armed() const noexcept { return owner_ != nullptr; }

 protected:
  // Called once per arming, disarmed already; may arm again or destroy the timer.
  virtual void on_timer() = 0;

 private:
  void fire() { on_timer(); }

  Reactor* owner_ = nullptr;
  Timer* previous_ = nullptr;  // intrusive list of a wheel slot
  Timer* next_ = nullptr;
  std::int64_t due_ = 0;  // in units of the implementation

 public:
  // For implementations of Reactor only.
  struct Access;
};

// Implementations reach the links of a timer through this, and nobody else.
struct Timer::Access {
  static Reactor*& owner(Timer& t) { return t.owner_; }

  static Timer*& previous(Timer& t) { return t.previous_; }

  static Timer*& next(Timer& t) { return t.next_; }

  static std::int64_t& due(Timer& t) { return t.due_; }

  static void fire(Timer& t) { t.fire(); }
};

// Work asked for at the end of the present tick. Intrusive and idempotent: asked twice, called
// once.
class TickHook {
 public:
  TickHook() = default;
  TickHook(const TickHook&) = delete;
  TickHook& operator=(const TickHook&) = delete;
  virtual ~TickHook();  // withdraws itself
  virtual void on_tick_end() = 0;

  // For implementations of Reactor only.
  Reactor* hooked_to = nullptr;
  TickHook* hook_previous = nullptr;
  TickHook* hook_next = nullptr;
};

// One thread, one event loop. Sockets, sessions and conversations belong to one reactor each.
class Reactor {
 public:
  Reactor() = default;
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;
  virtual ~Reactor() = default;

  virtual std::size_t index() const noexcept = 0;  // 0 to count() - 1
  virtual std::size_t count() const noexcept = 0;
  virtual const base::Clock& clock() const noexcept = 0;
  virtual base::Random& random() noexcept = 0;

  // From any thread. Tasks posted by one thread run in their order. `post` is for what is bounded
  // by its maker (answers to a bounded number of questions) and always takes the task; `try_post`
  // refuses (false, the task is untouched) when `mailbox_tasks_max` tasks wait or belong to the
  // tick that is running. Tasks left when the reactor ends are destroyed unrun, also those that
  // their destructors post.
  virtual void post(base::Task task) = 0;
  virtual bool try_post(base::Task& task) = 0;

  // Reactor thread only, from here on. What is armed or asked for when the reactor ends is
  // forgotten.
  // A deadline in the past is now. Armed for now by a timer, it fires in a later tick.
  virtual void arm(Timer& timer, base::Duration after) = 0;
  virtual void disarm(Timer& timer) noexcept = 0;
  // Runs after the tasks and socket events of this tick, before it waits again: the place where
  // sockets are flushed. In the order of asking; asked for by a hook, soon, but not before tasks
  // for ever.
  virtual void at_tick_end(TickHook& hook) = 0;
  virtual void withdraw(TickHook& hook) noexcept = 0;

  // For `pace_holds`, what comes over sockets, in the mailbox and by timers may wait up to `pause`,
  // to be taken together: asked for, again and again, by who gets so much of it that being woken
  // for each costs more than the work.
  virtual void pace(base::Duration /*pause*/) noexcept {}

  static constexpr base::Duration pace_holds = std::chrono::milliseconds{20};
};

inline Timer::~Timer() {
  if (owner_ != nullptr) owner_->disarm(*this);
}

inline TickHook::~TickHook() {
  if (hooked_to != nullptr) hooked_to->withdraw(*this);
}

// A timer that calls a member function: `Alarm<Session, &Session::on_ping_due> ping_{*this};`
template <class Owner, void (Owner::*Method)()>
class Alarm final : public Timer {
 public:
  explicit Alarm(Owner& owner) : owner_ref_(owner) {}

 private:
  void on_timer() override { (owner_ref_.*Method)(); }

  Owner& owner_ref_;
};

}  // namespace kith::ports
