#pragma once

#include "base/assert.hpp"
#include "ports/reactor.hpp"
#include "ports/stream.hpp"

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

// The stream port without a kernel behind it, for tests: the far end is the test.
namespace kith::ports {

class FakeStream;

// The far end of a stream, kept by the test: what it received, and how it behaves. What it does
// reaches the stream when its reactor runs.
class FakePeer {
 public:
  explicit FakePeer(std::string peer_address = "203.0.113.7") : address(std::move(peer_address)) {}

  // Bytes to the server: one on_bytes for each call. While it has paused, they wait here.
  void send(std::string_view bytes);
  // Closes: the server hears on_closed, behind the bytes.
  void hang_up();
  // The server hears on_closed, at once.
  void reset();

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

  bool has_news() const noexcept { return ended_ || reset_ || !unread_.empty(); }

  void wake();

  FakeStream* stream_ = nullptr;
  std::deque<std::string> unread_;
  bool ended_ = false;
  bool reset_ = false;
};

struct FakeReleasedStream final : public ReleasedStream {
  explicit FakeReleasedStream(std::shared_ptr<FakePeer> p) : peer(std::move(p)) {}

  ~FakeReleasedStream() override {
    if (peer) peer->closed = true;
  }

  std::shared_ptr<FakePeer> peer;
};

// A stream whose kernel is the test. Written bytes reach the peer at the end of the tick. A closed
// one lingers no time: a stalled peer, too, gets all at once.
class FakeStream final : public Stream, private TickHook {
 public:
  FakeStream(Reactor& reactor, std::shared_ptr<FakePeer> peer)
      : reactor_(reactor), peer_(std::move(peer)) {
    peer_->stream_ = this;
  }

  ~FakeStream() override { abort(); }

  void set_handler(StreamHandler* handler) noexcept override {
    handler_ = handler;
    listen();
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
    listen();
  }

  bool paused() const noexcept { return paused_; }

  void close(std::uint32_t /*linger_ms*/) override {
    if (!open_) return;
    deliver();
    peer_->closed = true;
    detach();
  }

  void abort() noexcept override {
    if (!open_) return;
    peer_->aborted = true;
    detach();
  }

  bool open() const noexcept override { return open_; }

  std::string peer_address() const override { return peer_->address; }

  std::unique_ptr<ReleasedStream> release() override {
    if (!open_) return nullptr;
    KITH_ASSERT(queued_.empty());
    detach();
    return std::make_unique<FakeReleasedStream>(peer_);
  }

 private:
  friend class FakePeer;

  void queue(std::string_view bytes) {
    if (!open_ || bytes.empty()) return;
    queued_.append(bytes);
    reactor_.at_tick_end(*this);
  }

  void listen() {
    if (open_ && peer_->has_news()) reactor_.at_tick_end(*this);
  }

  // To a peer that is gone it is lost.
  void deliver() {
    if (!peer_->ended_ && !peer_->reset_) peer_->received.append(queued_);
    queued_.clear();
  }

  void detach() noexcept {
    open_ = false;
    queued_.clear();
    peer_->stream_ = nullptr;
    reactor_.withdraw(*this);
  }

  // What calls back may destroy this object.
  void on_tick_end() override {
    if (peer_->reset_) return lost();
    if (!queued_.empty() && !peer_->stalled) {
      deliver();
      if (std::exchange(blocked_, false) && handler_ != nullptr) {
        listen();
        return handler_->on_drained();
      }
    }
    blocked_ = !queued_.empty();
    if (paused_ || handler_ == nullptr) return;
    if (!peer_->unread_.empty()) {
      // Its own memory, so that a view kept too long is found by ASan.
      const std::string bytes = std::move(peer_->unread_.front());
      peer_->unread_.pop_front();
      listen();
      return handler_->on_bytes(bytes);
    }
    if (peer_->ended_) lost();
  }

  void lost() {
    queued_.clear();
    blocked_ = false;
    if (handler_ == nullptr) return;  // the next one will hear of it
    detach();
    handler_->on_closed();
  }

  Reactor& reactor_;
  std::shared_ptr<FakePeer> peer_;
  StreamHandler* handler_ = nullptr;
  std::string queued_;
  bool paused_ = false;
  bool blocked_ = false;
  bool open_ = true;
};

inline void FakePeer::wake() {
  if (stream_ != nullptr) stream_->reactor_.at_tick_end(*stream_);
}

inline void FakePeer::send(std::string_view bytes) {
  if (bytes.empty() || closed || aborted || ended_ || reset_) return;
  unread_.emplace_back(bytes);
  wake();
}

inline void FakePeer::hang_up() {
  ended_ = true;
  wake();
}

inline void FakePeer::reset() {
  reset_ = true;
  unread_.clear();
  wake();
}

inline void FakePeer::read_again() {
  stalled = false;
  wake();
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
