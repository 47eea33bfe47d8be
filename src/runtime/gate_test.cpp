#include "runtime/gate.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <vector>

namespace kith::runtime {
namespace {

using std::chrono::milliseconds;
constexpr std::chrono::seconds deadline{20};

TEST(Gate, AClosedGateRefusesAndWaitsForWhoIsInside) {
  Gate gate;
  auto pass = gate.enter();
  EXPECT_TRUE(pass);
  EXPECT_EQ(gate.inside(), 1U);
  gate.close();
  EXPECT_FALSE(gate.enter());
  EXPECT_FALSE(gate.wait_empty(milliseconds{0}));
  auto waiting = std::async(std::launch::async, [&] { return gate.wait_empty(deadline); });
  pass.leave();
  EXPECT_TRUE(waiting.get());
}

TEST(Gate, APassMovesAndLeavesOnce) {
  Gate gate;
  {
    auto first = gate.enter();
    auto second = std::move(first);
    EXPECT_TRUE(second);
    second = gate.enter();
    EXPECT_EQ(gate.inside(), 1U);
    first.leave();  // NOLINT(bugprone-use-after-move): an empty pass does nothing
    EXPECT_EQ(gate.inside(), 1U);
  }
  EXPECT_EQ(gate.inside(), 0U);
  gate.close();
  EXPECT_TRUE(gate.wait_empty(milliseconds{0}));
}

TEST(Gate, NobodyIsLostWhenManyThreadsComeAndGoWhileItCloses) {
  for (int round = 0; round < 20; ++round) {
    auto gate = std::make_unique<Gate>();
    std::atomic<int> refused{0};
    std::promise<void> begun;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0;; ++i) {
          const auto pass = gate->enter();
          if (!pass) break;
          if (t == 0 && i == 0) begun.set_value();
        }
        ++refused;
      });
    begun.get_future().wait();
    gate->close();
    EXPECT_TRUE(gate->wait_empty(deadline));
    for (auto& thread : threads)
      thread.join();
    EXPECT_EQ(refused, 4);
    EXPECT_EQ(gate->inside(), 0U);
  }
}

}  // namespace
}  // namespace kith::runtime
