#include "adapters/sqlite/reader_pool.hpp"

#include "base/limits.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>

namespace kith::adapters::sqlite {

namespace limits = base::limits;

ReaderPool::ReaderPool(std::vector<Reader> readers, std::size_t queue_max, base::Logger& logger)
    : logger_(logger), readers_(std::move(readers)), queue_max_(queue_max) {
  threads_.reserve(readers_.size());
  for (Reader& reader : readers_)
    threads_.emplace_back([this, &reader] { work(reader); });
}

ReaderPool::~ReaderPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  filled_.notify_all();
  for (std::thread& thread : threads_)
    thread.join();
}

void ReaderPool::push(Job job) {
  ports::Reactor& asker = *job.asker;
  {
    std::unique_lock lock(mutex_);
    if (queue_.size() < queue_max_) {
      Bell& bell = bell_of(asker);
      queue_.push_back(std::move(job));
      lock.unlock();
      return asker.at_tick_end(bell);
    }
  }
  asker.post(job.read(nullptr));
}

ReaderPool::Bell& ReaderPool::bell_of(const ports::Reactor& asker) {
  if (bells_.size() <= asker.index()) bells_.resize(asker.index() + 1);
  auto& bell = bells_[asker.index()];
  if (!bell) bell = std::make_unique<Bell>(*this);
  return *bell;
}

void ReaderPool::wake() {
  bool more = false;
  {
    const std::lock_guard lock(mutex_);
    if (idle_ == 0) return;  // whoever is at work looks for more before it waits
    more = queue_.size() > limits::reads_at_once_least;
  }
  if (more) return filled_.notify_all();
  filled_.notify_one();
}

void ReaderPool::work(Reader& reader) {
  std::vector<Job> jobs;
  while (take(reader, jobs)) {
    read(reader, jobs);
    jobs.clear();
  }
}

bool ReaderPool::take(Reader& reader, std::vector<Job>& jobs) {
  std::unique_lock lock(mutex_);
  ++idle_;
  const auto due = [this] { return stopping_ || !queue_.empty(); };
  if (!filled_.wait_for(lock, std::chrono::milliseconds{limits::store_quiet_ms}, due)) {
    lock.unlock();
    reader.rest();
    lock.lock();
    filled_.wait(lock, due);
  }
  --idle_;
  if (stopping_) return false;
  const std::size_t share = (queue_.size() + readers_.size() - 1) / readers_.size();
  const std::size_t count = std::min(
      queue_.size(), std::clamp(share, limits::reads_at_once_least, limits::reads_at_once_max));
  for (std::size_t i = 0; i < count; ++i) {
    jobs.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return true;
}

void ReaderPool::read(Reader& reader, std::vector<Job>& jobs) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::microseconds at_the_latest{limits::answers_gathered_us_max};
  std::optional<Reader::Span> span;
  if (jobs.size() > 1) span.emplace(reader);
  std::vector<Answer> answers;
  answers.reserve(jobs.size());
  auto began = Clock::now();
  for (Job& job : jobs) {
    answers.push_back({job.asker, job.read(&reader)});
    if (const auto now = Clock::now(); now - began >= at_the_latest) {
      hand_out(answers);
      began = now;
    }
  }
  span.reset();  // before the askers' own work
  hand_out(answers);
}

void ReaderPool::hand_out(std::vector<Answer>& answers) {
  std::stable_sort(answers.begin(), answers.end(), [](const Answer& a, const Answer& b) {
    return std::less<>{}(a.asker, b.asker);
  });
  for (auto from = answers.begin(); from != answers.end();) {
    ports::Reactor& asker = *from->asker;
    std::vector<base::Task> tasks;
    for (; from != answers.end() && from->asker == &asker; ++from)
      tasks.push_back(std::move(from->task));
    asker.post([tasks = std::move(tasks)]() mutable {
      for (base::Task& waiting : tasks) {
        base::Task task = std::move(waiting);  // what it owns is freed before the next one runs
        task();
      }
    });
  }
  answers.clear();
}

base::Fault ReaderPool::failed(Failure failure) {
  logger_.log(is_corruption(failure) ? base::LogLevel::error : base::LogLevel::warning,
              is_corruption(failure) ? "database_damaged" : "database_read_failed",
              {{"sqlite_code", failure.number()}});
  return to_fault(failure);
}

}  // namespace kith::adapters::sqlite
