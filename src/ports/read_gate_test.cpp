#include "ports/read_gate.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kith::ports {
namespace {

class ReadGateTest : public ::testing::Test {
 protected:
  void enter(int name, bool begins = true) {
    gate_.enter([this, name, begins] {
      begun_.push_back(name);
      return begins;
    });
  }

  ReadGate gate_{2};
  std::vector<int> begun_;
};

TEST_F(ReadGateTest, so_many_read_and_the_others_wait_in_their_order) {
  for (int i = 0; i < 5; ++i)
    enter(i);
  EXPECT_EQ(begun_, (std::vector{0, 1}));
  EXPECT_EQ(gate_.waiting(), 3U);
  gate_.end();
  EXPECT_EQ(begun_, (std::vector{0, 1, 2}));
  gate_.end();
  gate_.end();
  EXPECT_EQ(begun_, (std::vector{0, 1, 2, 3, 4}));
  gate_.end();
  enter(5);
  EXPECT_EQ(begun_.back(), 5);
}

TEST_F(ReadGateTest, who_has_nothing_to_read_takes_no_place) {
  enter(0);
  enter(1);
  for (int i = 0; i < 100'000; ++i)
    enter(2, false);  // sessions that ended while they waited
  enter(3);
  gate_.end();
  EXPECT_EQ(begun_.back(), 3);
  EXPECT_EQ(gate_.waiting(), 0U);
}

}  // namespace
}  // namespace kith::ports
