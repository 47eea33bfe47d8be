#include "runtime/real_reactor.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <limits>
#include <sys/epoll.h>

namespace kith::runtime {

static_assert(ready::read == EPOLLIN && ready::write == EPOLLOUT && ready::error == EPOLLERR &&
              ready::hangup == EPOLLHUP);

static_assert(base::limits::events_per_turn_max < UINT16_MAX, "Watch::place_ holds it");

struct RealReactor::Events {
  std::array<epoll_event, base::limits::events_per_turn_max> list{};
};

namespace {

// The kernel wakes a thread that much late.
constexpr base::Duration worth_a_rest = std::chrono::microseconds{50};

}  // namespace

Watch::~Watch() {
  if (reactor_ != nullptr) reactor_->unwatch(*this);
}

RealReactor::RealReactor(ReactorOptions options, base::Logger& logger)
    : options_(options),
      logger_(logger),
      mailbox_(base::limits::mailbox_tasks_max),
      wheel_(*this, clock_.now()),
      watchdog_(logger, options.index),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      events_(std::make_unique<Events>()) {
  KITH_ASSERT(epoll_);  // at start-up only
  // A null pointer stands for the mailbox. Edge-triggered: each write is an event, and nobody needs
  // to read.
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  KITH_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, mailbox_.wake_fd(), &event) == 0);
}

RealReactor::~RealReactor() {
  while (drop_tasks() != 0) {  // a task's destructor may post again
  }
  KITH_ASSERT(watches_ == 0);
  while (!hooks_.empty())
    withdraw(*hooks_.hook_next);
}

bool RealReactor::here() const noexcept {
  return running_here() || thread_.load(std::memory_order_relaxed) == std::thread::id{};
}

void RealReactor::arm(ports::Timer& timer, base::Duration after) {
  KITH_ASSERT(here());
  // Far enough is as good as never, and does not overflow.
  constexpr base::Duration far = std::chrono::hours{24 * 365 * 20};
  wheel_.arm(timer, clock_.now() + std::clamp(after, base::Duration::zero(), far));
}

void RealReactor::disarm(ports::Timer& timer) noexcept {
  KITH_ASSERT(here());
  wheel_.disarm(timer);
}

void RealReactor::HookList::append(ports::TickHook& hook) noexcept {
  hook.hook_previous = hook_previous;
  hook.hook_next = this;
  hook_previous->hook_next = &hook;
  hook_previous = &hook;
}

void RealReactor::HookList::move_to(HookList& other) noexcept {
  other.hook_next = hook_next;
  other.hook_previous = hook_previous;
  hook_next->hook_previous = &other;
  hook_previous->hook_next = &other;
  hook_previous = hook_next = this;
}

void RealReactor::HookList::unlink(ports::TickHook& hook) noexcept {
  hook.hook_previous->hook_next = hook.hook_next;
  hook.hook_next->hook_previous = hook.hook_previous;
  hook.hook_previous = hook.hook_next = nullptr;
}

void RealReactor::at_tick_end(ports::TickHook& hook) {
  KITH_ASSERT(here());
  if (hook.hooked_to != nullptr) return;
  hook.hooked_to = this;
  hooks_.append(hook);
}

void RealReactor::withdraw(ports::TickHook& hook) noexcept {
  KITH_ASSERT(here());
  if (hook.hooked_to == nullptr) return;
  hook.hooked_to = nullptr;
  HookList::unlink(hook);
}

bool RealReactor::watch(Watch& watch, int fd, std::uint32_t interest) {
  KITH_ASSERT(here() && watch.reactor_ == nullptr);
  epoll_event event{};
  event.events = interest;
  event.data.ptr = &watch;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return false;
  watch.reactor_ = this;
  watch.fd_ = fd;
  watch.interest_ = static_cast<std::uint16_t>(interest);
  ++watches_;
  return true;
}

void RealReactor::change(Watch& watch, std::uint32_t interest) noexcept {
  KITH_ASSERT(here() && watch.reactor_ == this);
  if (watch.interest_ == interest) return;
  watch.interest_ = static_cast<std::uint16_t>(interest);
  epoll_event event{};
  event.events = interest;
  event.data.ptr = &watch;
  KITH_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, watch.fd_, &event) == 0);
}

void RealReactor::unwatch(Watch& watch) noexcept {
  if (watch.reactor_ == nullptr) return;
  KITH_ASSERT(here() && watch.reactor_ == this);
  if (watch.place_ != Watch::nowhere) {
    events_->list[watch.place_].data.ptr = nullptr;  // its event was fetched: forget it
    watch.place_ = Watch::nowhere;
  }
  KITH_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, watch.fd_, nullptr) == 0);
  watch.reactor_ = nullptr;
  watch.fd_ = -1;
  --watches_;
}

void RealReactor::run() {
  KITH_ASSERT(thread_.load() == std::thread::id{});
  thread_.store(std::this_thread::get_id());
  clock_.refresh();
  while (!stopping_.load(std::memory_order_acquire))
    turn();
  stopping_.store(false, std::memory_order_relaxed);
  thread_.store(std::thread::id{});
}

void RealReactor::stop() noexcept {
  stopping_.store(true, std::memory_order_release);
  mailbox_.wake();
}

std::size_t RealReactor::drop_tasks() {
  KITH_ASSERT(thread_.load() == std::thread::id{});
  return mailbox_.drop();
}

void RealReactor::pace(base::Duration pause) noexcept {
  KITH_ASSERT(here());
  pause_ = pause;
  paced_until_ = clock_.now() + pace_holds;
}

// Looks away, so that more has come when it looks again. Counted from the begin of the last turn: a
// reactor with much to do does not rest.
void RealReactor::rest() noexcept {
  const auto now = clock_.now();
  if (now >= paced_until_ || !hooks_.empty()) return;
  const auto left = turn_began_ + pause_ - now;
  if (left < worth_a_rest) return;
  const timespec time{0, std::min<base::Duration>(left, ports::Reactor::pace_holds).count()};
  ::nanosleep(&time, nullptr);  // a signal ends it early, and does no harm
  clock_.refresh();
}

void RealReactor::turn() {
  rest();
  const std::size_t events = wait();
  clock_.refresh();
  turn_began_ = clock_.now();
  watchdog_.turn_began(turn_began_);
  dispatch(events);
  watchdog_.phase_ended(Phase::sockets, clock_.refresh_now(), events);
  const std::size_t tasks = mailbox_.run();
  watchdog_.phase_ended(Phase::tasks, clock_.refresh_now(), tasks);
  const std::size_t timers = wheel_.advance(clock_.now());
  watchdog_.phase_ended(Phase::timers, clock_.refresh_now(), timers);
  const std::size_t hooks = run_hooks();
  watchdog_.phase_ended(Phase::tick_end, clock_.refresh_now(), hooks);
  watchdog_.turn_ended();
}

std::size_t RealReactor::wait() {
  int timeout_ms = wait_ms();
  if (timeout_ms != 0 && !mailbox_.may_sleep()) timeout_ms = 0;
  const int got = ::epoll_wait(
      epoll_.get(), events_->list.data(), static_cast<int>(events_->list.size()), timeout_ms);
  if (timeout_ms != 0) mailbox_.awake();
  KITH_ASSERT(got >= 0 || errno == EINTR);
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

int RealReactor::wait_ms() const noexcept {
  if (!hooks_.empty()) return 0;
  const auto due = wheel_.next_due();
  if (!due) return -1;
  const std::int64_t ns = (*due - clock_.now()).count();
  if (ns <= 0) return 0;
  const std::int64_t ms = (ns + 999'999) / 1'000'000;  // rounded up: waking early would spin
  return static_cast<int>(std::min<std::int64_t>(ms, std::numeric_limits<int>::max()));
}

void RealReactor::dispatch(std::size_t count) {
  auto& list = events_->list;
  for (std::size_t i = 0; i < count; ++i)
    if (list[i].data.ptr != nullptr)
      static_cast<Watch*>(list[i].data.ptr)->place_ = static_cast<std::uint16_t>(i);
  for (std::size_t i = 0; i < count; ++i) {
    auto* watch = static_cast<Watch*>(list[i].data.ptr);
    if (watch == nullptr) continue;  // the mailbox, or unwatched meanwhile
    watch->place_ = Watch::nowhere;
    watch->on_ready(list[i].events);
  }
}

std::size_t RealReactor::run_hooks() {
  std::size_t ran = 0;
  // Hooks asked for by hooks run in further rounds; those of the last one wait for the next turn.
  for (std::size_t round = 0; round < base::limits::hook_rounds_max && !hooks_.empty(); ++round) {
    HookList running;
    hooks_.move_to(running);
    while (!running.empty()) {
      ports::TickHook& hook = *running.hook_next;
      withdraw(hook);  // before the call: it may ask again, or die
      hook.on_tick_end();
      ++ran;
    }
  }
  return ran;
}

}  // namespace kith::runtime
