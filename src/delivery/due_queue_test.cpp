#include "delivery/due_queue.hpp"

#include <gtest/gtest.h>

namespace kith::delivery {
namespace {

base::Instant at(std::int64_t ns) {
  return base::Instant{ns};
}

TEST(DueQueue, gives_nobody_before_his_time) {
  DueQueue queue;
  EXPECT_EQ(queue.take(at(9)), 0U);
  queue.push(7, at(10));
  EXPECT_EQ(queue.take(at(9)), 0U);
  EXPECT_EQ(queue.next_at(), at(10));
  EXPECT_EQ(queue.take(at(10)), 7U);
  EXPECT_TRUE(queue.empty());
}

TEST(DueQueue, gives_everybody_once_and_in_order) {
  DueQueue queue;
  std::uint64_t pushed = 0;
  std::uint64_t taken = 0;
  for (int round = 0; round < 1'000; ++round) {
    for (int i = 0; i < 3 + round % 5; ++i) {
      ++pushed;
      queue.push(pushed, at(static_cast<std::int64_t>(pushed)));
    }
    const auto now = at(static_cast<std::int64_t>(pushed) - round % 3);
    while (const auto session = queue.take(now))
      ASSERT_EQ(session, ++taken);
    ASSERT_EQ(static_cast<std::int64_t>(taken), now.ns);
  }
}

}  // namespace
}  // namespace kith::delivery
