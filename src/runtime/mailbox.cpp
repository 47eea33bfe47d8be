#include "runtime/mailbox.hpp"

#include "base/assert.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

namespace kith::runtime {
namespace {

// A flood leaves its vectors behind; above this they are given back.
constexpr std::size_t kept_capacity_max = 4'096;

}  // namespace

Mailbox::Mailbox(std::size_t tasks_max)
    : tasks_max_(tasks_max), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  KITH_ASSERT(wake_);  // at start-up only
}

void Mailbox::post(base::Task task) {
  std::unique_lock lock(mutex_);
  push(std::move(task), lock);
}

bool Mailbox::try_post(base::Task& task) {
  std::unique_lock lock(mutex_);
  if (queue_.size() + running_.load(std::memory_order_relaxed) >= tasks_max_) return false;
  push(std::move(task), lock);
  return true;
}

void Mailbox::push(base::Task&& task, std::unique_lock<std::mutex>& lock) {
  queue_.push_back(std::move(task));
  const bool was_asleep = std::exchange(asleep_, false);
  lock.unlock();
  if (was_asleep) wake();
}

void Mailbox::wake() noexcept {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, after 2^64 wakes.
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

bool Mailbox::may_sleep() {
  const std::lock_guard lock(mutex_);
  asleep_ = queue_.empty();
  return asleep_;
}

void Mailbox::awake() {
  const std::lock_guard lock(mutex_);
  asleep_ = false;
}

std::size_t Mailbox::run() {
  {
    const std::lock_guard lock(mutex_);
    batch_.swap(queue_);
    running_.store(batch_.size(), std::memory_order_relaxed);
  }
  const std::size_t count = batch_.size();
  for (base::Task& waiting : batch_) {
    base::Task task = std::move(waiting);  // what it owns is freed before the next one runs
    task();
  }
  batch_.clear();
  if (batch_.capacity() > kept_capacity_max) batch_ = std::vector<base::Task>{};
  running_.store(0, std::memory_order_relaxed);
  return count;
}

std::size_t Mailbox::drop() {
  std::vector<base::Task> dropped;
  {
    const std::lock_guard lock(mutex_);
    dropped.swap(queue_);
  }
  return dropped.size();  // destroyed outside the lock: a destructor may post
}

}  // namespace kith::runtime
