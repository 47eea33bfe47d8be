#pragma once

#include "client/schedule.hpp"
#include "client/talk.hpp"

#include <deque>

namespace kith::bench {

// Makes senders write: each as fast as its window comes back, or all together at a rate, in turn.
class Drive {
 public:
  static constexpr std::uint32_t open_loop_window = 200;  // of one sender: the next ones wait
  static constexpr std::size_t waiting_max = 1'000'000;   // due and not sent, of all senders

  Drive(Talk& talk, Tally& tally, const Options& options)
      : talk_(talk), tally_(tally), options_(options) {}

  void add(std::uint32_t stream);

  bool closed_loop() const noexcept { return options_.rate <= 0; }

  void start(std::int64_t now, unsigned threads);
  void stop();  // what is due and was not sent is counted

  // What is due goes out; how long to sleep at most.
  std::int64_t turn();
  // Something of this stream came back.
  void credit(std::uint32_t stream);
  // A refusal came back: in a closed loop this sender holds still for a moment, as a client would.
  void refused(std::uint32_t stream, std::int64_t now);

 private:
  struct Pause {
    std::int64_t until_ns = 0;
    std::uint32_t stream = 0;
  };

  static constexpr std::int64_t pause_ns = 100'000'000;

  void fill(std::uint32_t stream);
  std::int64_t end_pauses();
  std::int64_t send_due();
  void send_waiting(std::uint32_t stream);

  Talk& talk_;
  Tally& tally_;
  const Options& options_;
  std::vector<std::uint32_t> streams_;
  std::vector<std::deque<std::int64_t>> waiting_;  // by stream: due and not yet sent
  std::size_t waiting_count_ = 0;
  std::deque<Pause>
      pauses_;  // the first ends first; one for each refusal, so at most what is in flight
  Schedule schedule_;
  bool sending_ = false;
};

}  // namespace kith::bench
