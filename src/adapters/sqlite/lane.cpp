#include "adapters/sqlite/lane.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"

#include <algorithm>
#include <chrono>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace kith::adapters::sqlite {

namespace {

constexpr base::Fault lane_draining{
    base::Errc::draining, "this server is shutting down: connect again", 1'000};

constexpr int writer_nice = 5;

// A transaction takes long, a reactor's turn is short, and somebody waits for it: where both want
// one processor, the turn goes first. Where the system does not allow it, it only takes longer.
void let_reactors_go_first() noexcept {
  const sched_param priority{};
  ::pthread_setschedparam(::pthread_self(), SCHED_BATCH, &priority);  // does not interrupt others
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), writer_nice);
}

}  // namespace

Lane::Lane(std::unique_ptr<Writer> writer, base::Duration linger) noexcept
    : writer_(std::move(writer)), pace_(linger) {}

Lane::~Lane() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  filled_.notify_one();
  if (thread_.joinable())
    thread_.join();
  else
    writer_->settle();  // opened for a look: what a killed server left in the log becomes rows
}

void Lane::start(ports::BatchMachineFactory& factory) {
  KITH_ASSERT(factory_ == nullptr);
  factory_ = &factory;
  running_ = true;
  thread_ = std::thread([this] { work(); });
}

base::Result<void> Lane::submit(std::unique_ptr<ports::LaneEntry>& entry) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (draining_) return lane_draining;
    KITH_CHECK(queue_.push(entry));
    wake = wake_at_ != 0 && queue_.size() >= wake_at_;
    if (wake) wake_at_ = 0;
  }
  if (wake) filled_.notify_one();
  return {};
}

Lane::Entries Lane::withdraw(base::Instant limit) {
  const std::lock_guard lock(mutex_);
  return queue_.withdraw(limit);
}

void Lane::drain() {
  std::unique_lock lock(mutex_);
  draining_ = true;
  filled_.notify_one();
  ended_.wait(lock, [this] { return !running_; });
}

void Lane::work() {
  let_reactors_go_first();
  for (Entries entries = take(); !entries.empty(); entries = take())
    run(std::move(entries));
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
    ended_.notify_all();
  }
  writer_->settle();  // nobody waits for it but the destructor
}

Lane::Entries Lane::take() {
  std::unique_lock lock(mutex_);
  linger(lock);
  while (!stopping_ && !draining_ && queue_.empty()) {
    wake_at_ = 1;
    wait(lock);
  }
  wake_at_ = 0;
  if (stopping_) return {};
  auto entries = queue_.take();
  const auto awaited = std::count_if(entries.begin(), entries.end(), [](const auto& entry) {
    return entry->background_rows() == 0;
  });
  pace_.note(static_cast<std::size_t>(awaited));
  return entries;
}

void Lane::wait(std::unique_lock<std::mutex>& lock) {
  if (tidy_ == Tidy::done) return filled_.wait(lock);
  const std::chrono::milliseconds quiet{tidy_ == Tidy::wanted ? base::limits::store_quiet_ms
                                                              : base::limits::lane_tidy_pause_ms};
  if (filled_.wait_for(lock, quiet, [this] { return stopping_ || draining_ || wake_at_ == 0; }))
    return;
  lock.unlock();
  tidy_ = writer_->tidy() ? Tidy::begun : Tidy::done;
  lock.lock();
}

void Lane::linger(std::unique_lock<std::mutex>& lock) {
  const auto time = pace_.linger(queue_.size());
  if (time == base::Duration::zero()) return;
  wake_at_ = base::limits::lane_linger_entries_max;
  filled_.wait_for(lock, time, [this] { return stopping_ || draining_ || wake_at_ == 0; });
  wake_at_ = 0;
}

void Lane::run(Entries entries) {
  const auto machine = factory_->make(std::move(entries));
  ports::Step step = machine->first();
  while (!std::holds_alternative<ports::Finished>(step))
    step = machine->next(writer_->execute(step));
  KITH_ASSERT(!writer_->in_transaction());
  writer_->rest();
  tidy_ = Tidy::wanted;
}

}  // namespace kith::adapters::sqlite
