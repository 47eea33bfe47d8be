#include "adapters/sqlite/reader_pool.hpp"

namespace kith::adapters::sqlite {

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

bool ReaderPool::push(Job& job) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= queue_max_) return false;
    queue_.push_back(std::move(job));
  }
  filled_.notify_one();
  return true;
}

void ReaderPool::work(Reader& reader) {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    job(&reader);
  }
}

base::Fault ReaderPool::failed(Failure failure) {
  logger_.log(is_corruption(failure) ? base::LogLevel::error : base::LogLevel::warning,
              is_corruption(failure) ? "database_damaged" : "database_read_failed",
              {{"sqlite_code", failure.number()}});
  return to_fault(failure);
}

}  // namespace kith::adapters::sqlite
