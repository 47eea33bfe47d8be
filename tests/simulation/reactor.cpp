#include "reactor.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"

#include <algorithm>

namespace kith::simulation {
namespace {

constexpr std::int64_t wheel_step_ns = 10'000'000;  // as of the real one

}  // namespace

SimReactor::SimReactor(World& world, std::size_t index, std::size_t count)
    : world_(world),
      index_(index),
      count_(count),
      random_(world.below(~std::uint64_t{0})),
      self_(std::make_shared<SimReactor*>(this)) {}

SimReactor::~SimReactor() {
  *self_ = nullptr;
  for (; !tasks_.empty(); tasks_.pop_front())
    const base::Task dropped = std::move(tasks_.front());  // may post again
  while (!timers_.empty())
    disarm(*timers_.begin()->second);
  while (!hooks_.empty())
    withdraw(*hooks_.front());
}

void SimReactor::post(base::Task task) {
  tasks_.push_back(std::move(task));
  wake(0ns);
}

bool SimReactor::try_post(base::Task& task) {
  if (tasks_.size() + running_ >= base::limits::mailbox_tasks_max) return false;
  if (world_.rarely("mailbox_full")) return false;
  post(std::move(task));
  return true;
}

void SimReactor::arm(ports::Timer& timer, Duration after) {
  disarm(timer);
  constexpr Duration far = std::chrono::hours{24 * 365 * 20};
  const auto at = (world_.now() + std::clamp(after, Duration::zero(), far)).ns;
  auto due = (at + wheel_step_ns - 1) / wheel_step_ns * wheel_step_ns;
  while (timers_.contains(due))
    ++due;
  Access::owner(timer) = this;
  Access::due(timer) = due;
  timers_.emplace(due, &timer);
  wake(Duration{due - world_.now().ns});
}

void SimReactor::disarm(ports::Timer& timer) noexcept {
  if (Access::owner(timer) == nullptr) return;
  Access::owner(timer) = nullptr;
  timers_.erase(Access::due(timer));
}

void SimReactor::at_tick_end(ports::TickHook& hook) {
  if (hook.hooked_to != nullptr) return;
  hook.hooked_to = this;
  hooks_.push_back(&hook);
  wake(0ns);
}

void SimReactor::withdraw(ports::TickHook& hook) noexcept {
  if (hook.hooked_to == nullptr) return;
  hook.hooked_to = nullptr;
  std::erase(hooks_, &hook);
  std::erase(running_hooks_, &hook);
}

void SimReactor::ready(Source& source) {
  if (std::find(sources_.begin(), sources_.end(), &source) != sources_.end()) return;
  sources_.push_back(&source);
  wake(0ns);
}

void SimReactor::forget(Source& source) noexcept {
  std::erase(sources_, &source);
  std::erase(running_sources_, &source);
}

void SimReactor::stall(Duration duration) {
  stalled_until_ = world_.now() + duration;
}

// A turn begins a little after something asks for it.
void SimReactor::wake(Duration after) {
  auto at = std::max(world_.now() + after, stalled_until_);
  if (wake_at_ >= 0 && wake_at_ <= at.ns) return;
  if (after <= 0ns) at = at + Duration{world_.between(1'000, 100'000)};
  if (wake_at_ >= 0 && wake_at_ <= at.ns) return;
  wake_at_ = at.ns;
  world_.at(at - world_.now(), [self = self_, at = at.ns] {
    if (*self == nullptr || (*self)->wake_at_ != at) return;
    (*self)->wake_at_ = -1;
    (*self)->turn();
  });
}

void SimReactor::turn() {
  if (world_.now() < stalled_until_) return wake(0ns);
  run_sources();
  run_tasks();
  run_timers();
  run_hooks();
  if (!sources_.empty() || !tasks_.empty() || !hooks_.empty())
    wake(0ns);
  else if (!timers_.empty())
    wake(Duration{std::max<std::int64_t>(1, timers_.begin()->first - world_.now().ns)});
}

void SimReactor::run_sources() {
  running_sources_.swap(sources_);
  while (!running_sources_.empty()) {
    auto* source = running_sources_.front();
    running_sources_.erase(running_sources_.begin());
    source->on_ready();  // may destroy it
  }
}

void SimReactor::run_tasks() {
  std::deque<base::Task> batch;
  batch.swap(tasks_);
  running_ = batch.size();
  for (auto& waiting : batch) {
    base::Task task = std::move(waiting);  // what it owns is freed before the next one runs
    task();
  }
  running_ = 0;
}

void SimReactor::run_timers() {
  std::vector<std::int64_t> due;
  for (const auto& [at, timer] : timers_) {
    if (at > world_.now().ns) break;
    due.push_back(at);
  }
  for (const auto at : due) {
    const auto it = timers_.find(at);
    if (it == timers_.end()) continue;
    auto& timer = *it->second;
    disarm(timer);
    Access::fire(timer);
  }
}

void SimReactor::run_hooks() {
  for (std::size_t round = 0; round < base::limits::hook_rounds_max && !hooks_.empty(); ++round) {
    running_hooks_.swap(hooks_);
    while (!running_hooks_.empty()) {
      auto* hook = running_hooks_.front();
      withdraw(*hook);  // before the call: it may ask again, or die
      hook->on_tick_end();
    }
  }
}

}  // namespace kith::simulation
