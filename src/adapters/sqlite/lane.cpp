#include "adapters/sqlite/lane.hpp"

#include "base/assert.hpp"

namespace kith::adapters::sqlite {

namespace {

constexpr base::Fault lane_draining{
    base::Errc::draining, "this server is shutting down: connect again", 1'000};

}  // namespace

Lane::Lane(std::unique_ptr<Writer> writer) noexcept : writer_(std::move(writer)) {}

Lane::~Lane() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  filled_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Lane::start(ports::BatchMachineFactory& factory) {
  KITH_ASSERT(factory_ == nullptr);
  factory_ = &factory;
  running_ = true;
  thread_ = std::thread([this] { work(); });
}

base::Result<void> Lane::submit(std::unique_ptr<ports::LaneEntry>& entry) {
  {
    const std::lock_guard lock(mutex_);
    if (draining_) return lane_draining;
    KITH_CHECK(queue_.push(entry));
  }
  filled_.notify_one();
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
  filled_.wait(lock, [this] { return stopping_ || draining_ || !queue_.empty(); });
  return stopping_ ? Entries{} : queue_.take();
}

void Lane::run(Entries entries) {
  const auto machine = factory_->make(std::move(entries));
  ports::Step step = machine->first();
  while (!std::holds_alternative<ports::Finished>(step))
    step = machine->next(writer_->execute(step));
  KITH_ASSERT(!writer_->in_transaction());
}

}  // namespace kith::adapters::sqlite
