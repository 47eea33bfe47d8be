#pragma once

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "ports/reactor.hpp"
#include "ports/stream.hpp"

#include <algorithm>
#include <deque>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The ports without a world behind them, for tests: nothing moves until the test says so.
namespace kith::ports {

// Tasks, timers and tick hooks run when the test calls `run` or `advance`, on its thread.
class FakeReactor final : public Reactor {
 public:
  explicit FakeReactor(base::ManualClock& clock, std::size_t index = 0, std::size_t count = 1)
      : clock_(clock), random_(index + 1), index_(index), count_(count) {}

  ~FakeReactor() override {
    while (!timers_.empty())
      disarm(*timers_.front());
    while (!hooks_.empty())
      withdraw(*hooks_.front());
  }

  std::size_t index() const noexcept override { return index_; }

  std::size_t count() const noexcept override { return count_; }

  const base::Clock& clock() const noexcept override { return clock_; }

  base::Random& random() noexcept override { return random_; }

  void post(base::Task task) override { tasks_.push_back(std::move(task)); }

  bool try_post(base::Task& task) override {
    if (mailbox_full || tasks_.size() >= base::limits::mailbox_tasks_max) return false;
    tasks_.push_back(std::move(task));
    return true;
  }

  void arm(Timer& timer, base::Duration after) override {
    disarm(timer);
    Timer::Access::owner(timer) = this;
    Timer::Access::due(timer) = (clock_.now() + after).ns;
    timers_.push_back(&timer);
  }

  void disarm(Timer& timer) noexcept override {
    if (Timer::Access::owner(timer) == nullptr) return;
    Timer::Access::owner(timer) = nullptr;
    std::erase(timers_, &timer);
  }

  void at_tick_end(TickHook& hook) override {
    if (hook.hooked_to != nullptr) return;
    hook.hooked_to = this;
    hooks_.push_back(&hook);
  }

  void withdraw(TickHook& hook) noexcept override {
    if (hook.hooked_to == nullptr) return;
    hook.hooked_to = nullptr;
    std::erase(hooks_, &hook);
  }

  // Ends the present tick and goes on until there is nothing to do: tasks, timers due, hooks.
  void run() {
    while (step()) {
    }
  }

  // Lets time pass, timer by timer, in the order of their deadlines. All reactors of one clock must
  // be advanced through one of them; give the others in `along`.
  void advance(base::Duration duration, std::initializer_list<FakeReactor*> along = {}) {
    std::vector<FakeReactor*> all(along);
    all.push_back(this);
    const base::Instant end = clock_.now() + duration;
    for (;;) {
      bool again = true;
      while (again) {
        again = false;
        for (auto* reactor : all)
          while (reactor->step())
            again = true;
      }
      std::int64_t next = std::numeric_limits<std::int64_t>::max();
      for (auto* reactor : all)
        next = std::min(next, reactor->next_due());
      if (next > end.ns) break;
      clock_.advance(base::Instant{next} - clock_.now());
    }
    clock_.advance(end - clock_.now());
  }

  std::size_t armed_timers() const noexcept { return timers_.size(); }

  bool mailbox_full = false;  // try_post refuses

 private:
  std::int64_t next_due() const noexcept {
    std::int64_t next = std::numeric_limits<std::int64_t>::max();
    for (auto* timer : timers_)
      next = std::min(next, Timer::Access::due(*timer));
    return next;
  }

  // One tick; false: there was nothing to do.
  bool step() {
    bool worked = false;
    for (std::size_t due = tasks_.size(); due > 0; --due) {
      base::Task task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
      worked = true;
    }
    while (next_due() <= clock_.now().ns) {
      Timer* const timer = *std::min_element(timers_.begin(), timers_.end(), [](auto* a, auto* b) {
        return Timer::Access::due(*a) < Timer::Access::due(*b);
      });
      disarm(*timer);
      Timer::Access::fire(*timer);
      worked = true;
    }
    while (!hooks_.empty()) {
      TickHook* const hook = hooks_.front();
      withdraw(*hook);  // before the call: it may ask again, or die
      hook->on_tick_end();
      worked = true;
    }
    return worked;
  }

  base::ManualClock& clock_;
  base::SeededRandom random_;
  std::deque<base::Task> tasks_;
  std::vector<Timer*> timers_;
  std::vector<TickHook*> hooks_;
  std::size_t index_;
  std::size_t count_;
};

class FakeStream;

// The far end of a stream, kept by the test: what it received, and how it behaves.
class FakePeer {
 public:
  explicit FakePeer(std::string peer_address = "203.0.113.7") : address(std::move(peer_address)) {}

  // Bytes to the server. While it has paused, they wait here.
  void send(std::string_view bytes);
  // Closes or resets: the server hears on_closed.
  void hang_up();

  // Takes what it received.
  std::string take() { return std::exchange(received, {}); }

  // A stalled peer reads nothing: the stream's queue grows. Reading again drains it.
  void stall() { stalled = true; }

  void read_again();

  std::string address;
  std::string received;
  bool stalled = false;
  bool closed = false;   // the server closed, gracefully
  bool aborted = false;  // or with a reset

 private:
  friend class FakeStream;
  FakeStream* stream_ = nullptr;
  std::string unread_;
};

struct FakeReleasedStream final : public ReleasedStream {
  explicit FakeReleasedStream(std::shared_ptr<FakePeer> p) : peer(std::move(p)) {}

  ~FakeReleasedStream() override {
    if (peer) peer->aborted = true;
  }

  std::shared_ptr<FakePeer> peer;
};

// A stream whose kernel is the test. Written bytes reach the peer at the end of the tick.
class FakeStream final : public Stream, private TickHook {
 public:
  FakeStream(Reactor& reactor, std::shared_ptr<FakePeer> peer)
      : reactor_(reactor), peer_(std::move(peer)) {
    peer_->stream_ = this;
  }

  ~FakeStream() override { abort(); }

  void set_handler(StreamHandler* handler) noexcept override {
    handler_ = handler;
    if (open_ && !peer_->unread_.empty()) reactor_.at_tick_end(*this);
  }

  void write(std::string bytes) override { queue(bytes); }

  void write(base::SharedBytes bytes, std::size_t offset, std::size_t length) override {
    KITH_ASSERT(offset + length <= bytes->size());
    queue(std::string_view{*bytes}.substr(offset, length));
  }

  std::size_t queued_bytes() const noexcept override { return queued_.size(); }

  void pause() noexcept override { paused_ = true; }

  void resume() noexcept override {
    paused_ = false;
    if (!peer_->unread_.empty()) reactor_.at_tick_end(*this);
  }

  bool paused() const noexcept { return paused_; }

  void close(std::uint32_t /*linger_ms*/) override {
    if (!open_) return;
    peer_->received.append(queued_);
    peer_->closed = true;
    detach();
  }

  void abort() noexcept override {
    if (!open_) return;
    peer_->aborted = true;
    detach();
  }

  bool open() const noexcept override { return open_; }

  const std::string& peer_address() const noexcept override { return peer_->address; }

  std::unique_ptr<ReleasedStream> release() override {
    if (!open_) return nullptr;
    KITH_ASSERT(queued_.empty());
    detach();
    return std::make_unique<FakeReleasedStream>(peer_);
  }

 private:
  friend class FakePeer;

  void queue(std::string_view bytes) {
    if (!open_) return;
    queued_.append(bytes);
    reactor_.at_tick_end(*this);
  }

  void detach() noexcept {
    open_ = false;
    queued_.clear();
    peer_->stream_ = nullptr;
    reactor_.withdraw(*this);
  }

  void on_tick_end() override {
    if (!queued_.empty()) {
      if (peer_->stalled) {
        blocked_ = true;
      } else {
        peer_->received.append(std::exchange(queued_, {}));
        if (std::exchange(blocked_, false) && handler_ != nullptr) {
          if (!peer_->unread_.empty()) reactor_.at_tick_end(*this);
          return handler_->on_drained();  // may destroy this object
        }
      }
    }
    if (!paused_ && handler_ != nullptr && !peer_->unread_.empty()) {
      const std::string bytes = std::exchange(peer_->unread_, {});
      handler_->on_bytes(bytes);  // may destroy this object
    }
  }

  Reactor& reactor_;
  std::shared_ptr<FakePeer> peer_;
  StreamHandler* handler_ = nullptr;
  std::string queued_;
  bool paused_ = false;
  bool blocked_ = false;
  bool open_ = true;
};

inline void FakePeer::send(std::string_view bytes) {
  if (stream_ == nullptr || stream_->paused_ || stream_->handler_ == nullptr || !unread_.empty()) {
    if (!closed && !aborted) unread_.append(bytes);
    if (stream_ != nullptr) stream_->reactor_.at_tick_end(*stream_);
    return;
  }
  const std::string copy{bytes};  // its own memory, so that a view kept too long is found by ASan
  stream_->handler_->on_bytes(copy);
}

inline void FakePeer::hang_up() {
  if (stream_ == nullptr) return;
  auto* const handler = stream_->handler_;
  stream_->detach();
  if (handler != nullptr) handler->on_closed();
}

inline void FakePeer::read_again() {
  stalled = false;
  if (stream_ != nullptr) stream_->reactor_.at_tick_end(*stream_);
}

class FakeStreamFactory final : public StreamFactory {
 public:
  explicit FakeStreamFactory(Reactor& reactor) : reactor_(reactor) {}

  std::unique_ptr<Stream> adopt(std::unique_ptr<ReleasedStream> released) override {
    auto& fake = static_cast<FakeReleasedStream&>(*released);
    return std::make_unique<FakeStream>(reactor_, std::exchange(fake.peer, nullptr));
  }

 private:
  Reactor& reactor_;
};

}  // namespace kith::ports
