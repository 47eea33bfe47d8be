#pragma once

#include "adapters/sqlite/reader.hpp"
#include "base/log.hpp"
#include "base/task.hpp"
#include "ports/store.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace kith::adapters::sqlite {

// The reading threads, each with a connection, and the one queue before them.
class ReaderPool {
 public:
  ReaderPool(std::vector<Reader> readers, std::size_t queue_max, base::Logger& logger);
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;
  ~ReaderPool();  // after the reads that run; those that wait are destroyed

  // `read(Reader&)` gives an Outcome<T>; `done` is posted to `asker` with it.
  template <class T, class Read>
  void ask(ports::Reactor& asker, ports::Done<T> done, Read read) {
    auto job =
        [this, &asker, done = std::move(done), read = std::move(read)](Reader* reader) mutable {
          base::Result<T> answer = queue_full;
          if (reader != nullptr) answer = checked(read(*reader));
          asker.post([done = std::move(done), answer = std::move(answer)]() mutable {
            done(std::move(answer));
          });
        };
    Job boxed{std::move(job)};
    if (!push(boxed)) boxed(nullptr);
  }

 private:
  using Job = base::MoveOnlyFunction<void(Reader*)>;  // null: the queue was full

  static constexpr base::Fault queue_full{
      base::Errc::overloaded, "too many reads wait for the database: try again later", 1'000};

  template <class T>
  base::Result<T> checked(Outcome<T> outcome) {
    if (outcome.has_error()) return failed(outcome.error());
    return std::move(outcome).value();
  }

  base::Fault failed(Failure failure);
  bool push(Job& job);  // false: the job is untouched
  void work(Reader& reader);

  base::Logger& logger_;
  std::vector<Reader> readers_;
  const std::size_t queue_max_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable filled_;
  std::deque<Job> queue_;
  bool stopping_ = false;

  std::vector<std::thread> threads_;
};

}  // namespace kith::adapters::sqlite
