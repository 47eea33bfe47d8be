#pragma once

#include "adapters/sqlite/reader.hpp"
#include "base/log.hpp"
#include "base/task.hpp"
#include "ports/store.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace kith::adapters::sqlite {

// The reading threads, each with a connection, and the one queue before them. What a reactor asks
// within a tick is handed over at its end, a thread reads several questions in one snapshot, and
// their answers leave together: a change of threads costs as much as a small read.
class ReaderPool {
 public:
  ReaderPool(std::vector<Reader> readers, std::size_t queue_max, base::Logger& logger);
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;
  ~ReaderPool();  // after the reads that run; those that wait are destroyed

  // `read(Reader&)` gives an Outcome<T>; `done` is posted to `asker` with it.
  template <class T, class Read>
  void ask(ports::Reactor& asker, ports::Done<T> done, Read read) {
    auto job = [this, done = std::move(done), read = std::move(read)](Reader* reader) mutable {
      base::Result<T> answer = queue_full;
      if (reader != nullptr) answer = checked(read(*reader));
      return base::Task{[done = std::move(done), answer = std::move(answer)]() mutable {
        done(std::move(answer));
      }};
    };
    push({&asker, std::move(job)});
  }

 private:
  struct Job {
    ports::Reactor* asker;
    base::MoveOnlyFunction<base::Task(Reader*)> read;  // null: the queue was full
  };

  struct Answer {
    ports::Reactor* asker;
    base::Task task;
  };

  // Wakes the readers at the end of a reactor's tick.
  class Bell final : public ports::TickHook {
   public:
    explicit Bell(ReaderPool& pool) : pool_(pool) {}

    void on_tick_end() override { pool_.wake(); }

   private:
    ReaderPool& pool_;
  };

  static constexpr base::Fault queue_full{
      base::Errc::overloaded, "too many reads wait for the database: try again later", 1'000};

  template <class T>
  base::Result<T> checked(Outcome<T> outcome) {
    if (outcome.has_error()) return failed(outcome.error());
    return std::move(outcome).value();
  }

  base::Fault failed(Failure failure);
  void push(Job job);
  Bell& bell_of(const ports::Reactor& asker);  // under the mutex
  void wake();
  void work(Reader& reader);
  bool take(std::vector<Job>& jobs);  // false: it is over
  static void read(Reader& reader, std::vector<Job>& jobs);
  static void hand_out(std::vector<Answer>& answers);

  base::Logger& logger_;
  std::vector<Reader> readers_;
  const std::size_t queue_max_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable filled_;
  std::deque<Job> queue_;
  std::vector<std::unique_ptr<Bell>> bells_;  // by the reactor's index
  std::size_t idle_ = 0;                      // readers that wait
  bool stopping_ = false;

  std::vector<std::thread> threads_;
};

}  // namespace kith::adapters::sqlite
