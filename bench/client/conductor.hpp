#pragma once

#include "client/loop.hpp"
#include "client/process.hpp"
#include "client/tally.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

namespace kith::bench {

// CPU of the generator itself, all threads.
struct OwnUse {
  double user_s = 0;
  double system_s = 0;
  std::int64_t at_ns = 0;

  static OwnUse now();
};

// Leads all threads through the phases of a run, and reads the watched processes between them.
class Conductor {
 public:
  Conductor(const Options& options, unsigned threads);

  // Each thread comes here once a phase and keeps its loop going; `first` is done by one of them
  // when all have come, then all go on.
  void meet(Loop& loop, const std::function<void()>& first = {});

  void begin();  // of the measured time; in `first`
  void end();

  // ^C, or nothing to go on with: what is on its way is waited for.
  bool stopped() const noexcept { return stops_.load(std::memory_order_relaxed) > 0; }

  // ^C once more: nothing is.
  bool hurried() const noexcept { return stops_.load(std::memory_order_relaxed) > 1; }

  void stop() noexcept { stops_.fetch_add(1, std::memory_order_relaxed); }

  std::vector<ProcessWatch>& processes() noexcept { return processes_; }

  const std::vector<ProcessWatch>& processes() const noexcept { return processes_; }

  double measured_s() const noexcept;

  // Around the measured time.
  OwnUse& begun() noexcept { return begun_; }

  OwnUse& ended() noexcept { return ended_; }

  const OwnUse& begun() const noexcept { return begun_; }

  const OwnUse& ended() const noexcept { return ended_; }

 private:
  OwnUse begun_;
  OwnUse ended_;
  unsigned threads_;
  std::atomic<unsigned> arrived_{0};
  std::atomic<unsigned> released_{0};
  std::atomic<unsigned> stops_{0};
  std::vector<ProcessWatch> processes_;
};

}  // namespace kith::bench
