#include "adapters/sqlite/lane.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"

namespace kith::adapters::sqlite {

namespace {

namespace limits = base::limits;

constexpr base::Fault lane_full{
    base::Errc::overloaded, "too many writes wait for the database: try again later", 1'000};
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
  const std::size_t bytes = entry->bytes();
  {
    const std::lock_guard lock(mutex_);
    if (draining_) return lane_draining;
    if (queue_.size() >= limits::lane_queue_entries_max) return lane_full;
    // An entry larger than the bound itself passes alone.
    if (!queue_.empty() && queue_bytes_ + bytes > limits::lane_queue_bytes_max) return lane_full;
    queue_.push_back(std::move(entry));
    queue_bytes_ += bytes;
  }
  filled_.notify_one();
  return {};
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
  // Best effort: the next start has less to read.
  static_cast<void>(writer_->checkpoint());
  const std::lock_guard lock(mutex_);
  running_ = false;
  ended_.notify_all();
}

Lane::Entries Lane::take() {
  std::unique_lock lock(mutex_);
  filled_.wait(lock, [this] { return stopping_ || draining_ || !queue_.empty(); });
  Entries entries;
  if (stopping_) return entries;
  std::size_t bytes = 0;
  while (!queue_.empty() && entries.size() < limits::batch_entries_max) {
    const std::size_t more = queue_.front()->bytes();
    if (!entries.empty() && bytes + more > limits::batch_bytes_max) break;
    bytes += more;
    entries.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queue_bytes_ -= bytes;
  return entries;
}

void Lane::run(Entries entries) {
  const auto machine = factory_->make(std::move(entries));
  ports::Step step = machine->first();
  while (!std::holds_alternative<ports::Finished>(step))
    step = machine->next(writer_->execute(step));
  KITH_ASSERT(!writer_->in_transaction());
}

}  // namespace kith::adapters::sqlite
