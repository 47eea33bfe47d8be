#pragma once

#include "base/assert.hpp"
#include "ports/reactor.hpp"
#include "ports/stream.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

// The stream port without a kernel behind it, for tests: the far end is the test.
namespace kith::ports {

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
