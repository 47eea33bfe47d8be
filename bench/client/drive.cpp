#include "client/drive.hpp"

namespace kith::bench {
namespace {

constexpr std::int64_t long_ns = 1'000'000'000;

}  // namespace

void Drive::add(std::uint32_t stream) {
  streams_.push_back(stream);
  if (waiting_.size() <= stream) waiting_.resize(stream + 1);
}

void Drive::start(std::int64_t now, unsigned threads) {
  sending_ = !streams_.empty();
  if (!closed_loop()) {
    schedule_ = Schedule(options_.rate / threads, now);
    return;
  }
  for (const std::uint32_t stream : streams_)
    fill(stream);
}

void Drive::stop() {
  sending_ = false;
  tally_.not_sent += waiting_count_;
}

std::int64_t Drive::turn() {
  if (!sending_) return long_ns;
  return closed_loop() ? end_pauses() : send_due();
}

void Drive::refused(std::uint32_t stream, std::int64_t now) {
  if (sending_ && closed_loop()) {
    pauses_.push_back({now + pause_ns, stream});
  } else {
    credit(stream);
  }
}

std::int64_t Drive::end_pauses() {
  const std::int64_t now = now_ns();
  while (!pauses_.empty() && pauses_.front().until_ns <= now) {
    const std::uint32_t stream = pauses_.front().stream;
    pauses_.pop_front();
    fill(stream);
  }
  return pauses_.empty() ? long_ns : pauses_.front().until_ns - now;
}

void Drive::credit(std::uint32_t stream) {
  if (!sending_ || stream >= waiting_.size()) return;
  if (closed_loop()) {
    fill(stream);
  } else if (!waiting_[stream].empty()) {
    send_waiting(stream);
  }
}

void Drive::fill(std::uint32_t stream) {
  while (talk_.in_flight(stream) < options_.window && talk_.send(stream, now_ns())) {
  }
}

std::int64_t Drive::send_due() {
  const std::int64_t now = now_ns();
  for (; schedule_.due_ns() <= now; schedule_.next()) {
    if (waiting_count_ >= waiting_max) {
      ++tally_.not_sent;
      continue;
    }
    const std::uint32_t stream = streams_[schedule_.count() % streams_.size()];
    waiting_[stream].push_back(schedule_.due_ns());
    ++waiting_count_;
    send_waiting(stream);
  }
  return schedule_.sleep_ns(now);
}

void Drive::send_waiting(std::uint32_t stream) {
  std::deque<std::int64_t>& waiting = waiting_[stream];
  while (!waiting.empty() && talk_.in_flight(stream) < open_loop_window &&
         talk_.send(stream, waiting.front())) {
    waiting.pop_front();
    --waiting_count_;
  }
}

}  // namespace kith::bench
