#pragma once

#include "ports/reactor.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// What the contract of ports::Reactor stands on.
namespace kith::ports::contract {

// A reactor and how to move it. All is done on the test's thread.
class ReactorWorld {
 public:
  ReactorWorld() = default;
  ReactorWorld(const ReactorWorld&) = delete;
  ReactorWorld& operator=(const ReactorWorld&) = delete;
  virtual ~ReactorWorld() = default;

  virtual Reactor& reactor() = 0;
  // One tick, which does not wait.
  virtual void turn() = 0;
  // Ticks until `done`; false: it did not come before the deadline.
  virtual bool run_until(const std::function<bool()>& done) = 0;
  // Runs each poster, at once on threads of their own where the implementation knows threads;
  // returns when all have ended.
  virtual void post_from(const std::vector<std::function<void()>>& posters) = 0;
  // Destroys the reactor.
  virtual void end() = 0;
};

// How the tests get a world of one implementation.
struct ReactorAdapter {
  std::string name;
  std::function<std::unique_ptr<ReactorWorld>()> make;
};

inline std::string reactor_name(const ::testing::TestParamInfo<ReactorAdapter>& tested) {
  return tested.param.name;
}

struct Probe final : Timer {
  explicit Probe(std::function<void()> a) : action(std::move(a)) {}

  void on_timer() override { action(); }

  std::function<void()> action;
};

struct Hook final : TickHook {
  explicit Hook(std::function<void()> a) : action(std::move(a)) {}

  void on_tick_end() override { action(); }

  std::function<void()> action;
};

using Lines = std::vector<std::string>;

class ReactorContract : public ::testing::TestWithParam<ReactorAdapter> {
 protected:
  using Ms = std::chrono::milliseconds;

  Reactor& reactor() { return world_->reactor(); }

  base::Instant now() { return reactor().clock().now(); }

  void say(std::string line) { lines_.push_back(std::move(line)); }

  std::function<void()> saying(std::string line) {
    return [this, line = std::move(line)] { say(line); };
  }

  bool run_until_said(std::size_t count) {
    return world_->run_until([this, count] { return lines_.size() >= count; });
  }

  // Passes the deadline of everything armed for less than `after`.
  void pass(base::Duration after) {
    bool passed = false;
    Probe fence{[&passed] { passed = true; }};
    reactor().arm(fence, after);
    ASSERT_TRUE(world_->run_until([&passed] { return passed; }));
  }

  std::unique_ptr<ReactorWorld> world_ = GetParam().make();
  Lines lines_;
};

// An implementation's test may have no other use for the suite.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ReactorContract);

}  // namespace kith::ports::contract
