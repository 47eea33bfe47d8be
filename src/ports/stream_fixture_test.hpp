#pragma once

#include "ports/reactor.hpp"
#include "ports/stream.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the contract of ports::Stream stands on.
namespace kith::ports::contract {

// The other side of a stream. None of it waits.
class FarEnd {
 public:
  enum class State : std::uint8_t { open, ended, reset };

  FarEnd() = default;
  FarEnd(const FarEnd&) = delete;
  FarEnd& operator=(const FarEnd&) = delete;
  virtual ~FarEnd() = default;

  virtual void send(std::string_view bytes) = 0;  // a few
  virtual void end() = 0;                         // closes, orderly
  virtual void reset() = 0;
  // From now on it reads nothing, and the stream can not get rid of many bytes; until `read`.
  virtual void stall() = 0;
  // Takes what has arrived since the last time.
  virtual std::string read() = 0;
  // What the stream's side did, as far as it was read.
  virtual State state() = 0;
};

struct Connected {
  std::unique_ptr<Stream> stream;  // on the first reactor; no handler yet
  std::unique_ptr<FarEnd> far;
};

// Two reactors with their factories and how to move them. All is done on the test's thread, and
// handlers are called only within `run_until` and `turn`.
class StreamWorld {
 public:
  StreamWorld() = default;
  StreamWorld(const StreamWorld&) = delete;
  StreamWorld& operator=(const StreamWorld&) = delete;
  virtual ~StreamWorld() = default;

  virtual Connected connect() = 0;
  virtual Reactor& reactor(std::size_t place) = 0;
  virtual StreamFactory& factory(std::size_t place) = 0;
  // One tick of both reactors, which does not wait.
  virtual void turn() = 0;
  // Ticks until `done`; false: it did not come before the deadline.
  virtual bool run_until(const std::function<bool()>& done) = 0;
};

// How the tests get a world of one implementation.
struct StreamAdapter {
  std::string name;
  std::string peer_address;
  std::function<std::unique_ptr<StreamWorld>()> make;
};

inline std::string stream_name(const ::testing::TestParamInfo<StreamAdapter>& tested) {
  return tested.param.name;
}

// Writes down what it hears; then does what the test says.
struct Ear final : StreamHandler {
  void on_bytes(std::string_view bytes) override {
    EXPECT_FALSE(bytes.empty());
    heard += bytes;
    ++calls;
    if (then) then();
  }

  void on_drained() override {
    ++drained;
    ++calls;
    if (when_drained) when_drained();
  }

  void on_closed() override {
    ++closed;
    ++calls;
    if (when_closed) when_closed();
  }

  std::string heard;
  int drained = 0;
  int closed = 0;
  int calls = 0;
  std::function<void()> then;
  std::function<void()> when_drained;
  std::function<void()> when_closed;
};

class StreamContract : public ::testing::TestWithParam<StreamAdapter> {
 protected:
  // More than a connection with small buffers holds on its way.
  static constexpr std::size_t too_much_bytes = 1'000'000;

  void SetUp() override {
    world_ = GetParam().make();
    auto made = world_->connect();
    stream_ = std::move(made.stream);
    far_ = std::move(made.far);
    ASSERT_NE(stream_, nullptr);
  }

  void TearDown() override {
    stream_.reset();
    far_.reset();
  }

  void listen() { stream_->set_handler(&ear_); }

  bool run_until(const std::function<bool()>& done) { return world_->run_until(done); }

  bool run_until_heard(std::size_t length) {
    return run_until([this, length] { return ear_.heard.size() >= length; });
  }

  bool run_until_arrived(std::size_t length) {
    return run_until([this, length] {
      arrived_ += far_->read();
      return arrived_.size() >= length;
    });
  }

  // Until the far end sees an end.
  bool run_until_over() {
    return run_until([this] {
      arrived_ += far_->read();
      return far_->state() != FarEnd::State::open;
    });
  }

  // Ticks in which what must not happen could.
  void turns() {
    for (int i = 0; i < 10; ++i)
      world_->turn();
  }

  // Bytes wait, because the far end does not read.
  void fill() {
    far_->stall();
    stream_->write(std::string(too_much_bytes, 'z'));
    world_->turn();
    ASSERT_GT(stream_->queued_bytes(), 0U);
  }

  std::unique_ptr<StreamWorld> world_;
  std::unique_ptr<FarEnd> far_;
  std::string arrived_;
  Ear ear_;
  std::unique_ptr<Stream> stream_;
};

// An implementation's test may have no other use for the suite.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StreamContract);

}  // namespace kith::ports::contract
