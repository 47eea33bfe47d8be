#pragma once

#include "adapters/sqlite/writer.hpp"
#include "ports/lane_pace.hpp"
#include "ports/lane_queue.hpp"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace kith::adapters::sqlite {

// The writer's thread and the queue before it. While a transaction runs, entries gather; the next
// one takes all of them. Nothing else groups commits. When nothing came for a while it tidies up.
class Lane {
 public:
  using Entries = ports::LaneQueue::Entries;

  Lane(std::unique_ptr<Writer> writer, base::Duration linger) noexcept;
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  ~Lane();  // ends the thread after its batch; what waits is destroyed

  void start(ports::BatchMachineFactory& factory);
  base::Result<void> submit(std::unique_ptr<ports::LaneEntry>& entry);
  Entries withdraw(base::Instant limit);
  void drain();

 private:
  void work();
  Entries take();  // waits; empty: the end
  void wait(std::unique_lock<std::mutex>& lock);
  void linger(std::unique_lock<std::mutex>& lock);
  void run(Entries entries);

  enum class Tidy : std::uint8_t { wanted, begun, done };

  std::unique_ptr<Writer> writer_;  // the thread's own while it runs
  Tidy tidy_ = Tidy::wanted;        // likewise
  ports::BatchMachineFactory* factory_ = nullptr;

  std::mutex mutex_;  // guards what follows
  std::condition_variable filled_;
  std::condition_variable ended_;
  ports::LaneQueue queue_;
  ports::LanePace pace_;
  std::size_t wake_at_ = 0;  // entries, with which the thread is to be woken; 0: it does not sleep
  bool draining_ = false;    // no more entries; the thread ends when none waits
  bool stopping_ = false;    // the thread ends now
  bool running_ = false;

  std::thread thread_;
};

}  // namespace kith::adapters::sqlite
