#include "client/pending.hpp"

#include <gtest/gtest.h>

namespace kith::bench {
namespace {

Asked asked(std::uint32_t number) {
  return {0, 0, number, Asked::Kind::message};
}

std::vector<std::uint32_t> open_numbers(const Pending& pending) {
  std::vector<std::uint32_t> numbers;
  pending.each([&](const Asked& one) { numbers.push_back(one.number); });
  return numbers;
}

TEST(Pending, gives_back_what_was_asked_under_its_number) {
  Pending pending;
  const std::uint32_t first = pending.push(asked(70));
  const std::uint32_t second = pending.push(asked(71));
  EXPECT_EQ(second, first + 1);
  EXPECT_EQ(pending.take(second)->number, 71U);
  EXPECT_EQ(pending.take(first)->number, 70U);
  EXPECT_EQ(pending.open(), 0U);
}

TEST(Pending, an_answer_that_comes_twice_or_to_nothing_is_none) {
  Pending pending;
  EXPECT_FALSE(pending.take(0));
  const std::uint32_t id = pending.push(asked(1));
  pending.push(asked(2));
  EXPECT_TRUE(pending.take(id));
  EXPECT_FALSE(pending.take(id));
  EXPECT_FALSE(pending.take(id + 2));
  EXPECT_FALSE(pending.take(0xffffffff));
}

TEST(Pending, grows_with_an_old_one_open_and_keeps_the_order) {
  Pending pending;
  std::vector<std::uint32_t> wanted{0};
  const std::uint32_t oldest = pending.push(asked(0));
  for (std::uint32_t i = 1; i < 1'000; ++i) {
    const std::uint32_t id = pending.push(asked(i));
    if (i % 2 == 0) {
      wanted.push_back(i);
    } else {
      EXPECT_TRUE(pending.take(id));
    }
  }
  EXPECT_EQ(open_numbers(pending), wanted);
  EXPECT_EQ(pending.take(oldest)->number, 0U);
  EXPECT_EQ(pending.open(), wanted.size() - 1);
}

TEST(Pending, is_full_at_its_bound) {
  Pending pending;
  for (std::uint32_t i = 0; i < Pending::max; ++i) {
    EXPECT_FALSE(pending.full());
    pending.push(asked(i));
  }
  EXPECT_TRUE(pending.full());
  pending.take(0);
  EXPECT_FALSE(pending.full());
}

TEST(Pending, forgets_all_and_goes_on_with_its_numbers) {
  Pending pending;
  const std::uint32_t id = pending.push(asked(1));
  pending.clear();
  EXPECT_EQ(pending.open(), 0U);
  EXPECT_FALSE(pending.take(id));
  const std::uint32_t next = pending.push(asked(2));
  EXPECT_EQ(pending.take(next)->number, 2U);
}

}  // namespace
}  // namespace kith::bench
