#include "client/conductor.hpp"

#include <sys/resource.h>

namespace kith::bench {
namespace {

constexpr std::int64_t turn_ns = 1'000'000;
constexpr std::int64_t stopped_wait_ns = 2'000'000'000;

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

OwnUse OwnUse::now() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  return {seconds(use.ru_utime), seconds(use.ru_stime), now_ns()};
}

Conductor::Conductor(const Options& options, unsigned threads) : threads_(threads) {
  for (const Watched& watched : options.watched) {
    ProcessWatch process;
    process.watched = watched;
    processes_.push_back(std::move(process));
  }
  sample_all(processes_, &ProcessWatch::before);
}

void Conductor::meet(Loop& loop, const std::function<void()>& first) {
  const unsigned mine = arrived_.fetch_add(1);
  const unsigned phase = mine / threads_;
  if (mine % threads_ == threads_ - 1) {
    if (first) first();
    released_.store(phase + 1);
    return;
  }
  while (released_.load() <= phase)
    loop.pump(turn_ns);
}

void Conductor::begin() {
  sample_all(processes_, &ProcessWatch::begin);
  begun_ = OwnUse::now();
}

void Conductor::end() {
  sample_all(processes_, &ProcessWatch::end);
  ended_ = OwnUse::now();
}

double Conductor::measured_s() const noexcept {
  return static_cast<double>(ended_.at_ns - begun_.at_ns) / 1e9;
}

}  // namespace kith::bench
