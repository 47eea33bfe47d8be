#include "conversations/pending.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kith::conversations {
namespace {

using std::chrono::milliseconds;

PendingSend at_ms(std::int64_t ms) {
  PendingSend send;
  send.submitted_at = {ms * 1'000'000};
  send.body = "body";
  return send;
}

base::Instant ms(std::int64_t n) {
  return {n * 1'000'000};
}

class PendingTest : public ::testing::Test {
 protected:
  std::vector<std::uint64_t> due(std::int64_t now_ms) {
    std::vector<std::uint64_t> numbers;
    pending_.take_due(ms(now_ms), [&](std::uint64_t number) { numbers.push_back(number); });
    return numbers;
  }

  Pending pending_;
};

using Numbers = std::vector<std::uint64_t>;

TEST_F(PendingTest, each_is_due_once_when_its_own_time_has_passed) {
  pending_.add(at_ms(0), milliseconds{5});
  pending_.add(at_ms(1), milliseconds{0});
  pending_.add(at_ms(2), std::nullopt);
  pending_.add(at_ms(3), milliseconds{5});
  EXPECT_EQ(pending_.next_due(), ms(1));
  EXPECT_EQ(due(4), Numbers{2});
  EXPECT_EQ(pending_.next_due(), ms(5));
  EXPECT_EQ(due(8), (Numbers{1, 4}));
  EXPECT_EQ(due(1'000), Numbers{});
  EXPECT_EQ(pending_.next_due(), std::nullopt);
}

TEST_F(PendingTest, what_is_answered_is_not_due) {
  pending_.add(at_ms(0), milliseconds{5});
  pending_.add(at_ms(0), milliseconds{5});
  pending_.answered(1);
  EXPECT_EQ(due(10), Numbers{2});
  EXPECT_EQ(pending_.find(1), nullptr);
  EXPECT_NE(pending_.find(2), nullptr);
}

TEST_F(PendingTest, the_oldest_is_the_first_without_an_answer) {
  EXPECT_EQ(pending_.oldest(), std::nullopt);
  for (int i = 0; i < 3; ++i)
    pending_.add(at_ms(i), std::nullopt);
  pending_.answered(2);
  EXPECT_EQ(pending_.oldest(), ms(0));
  pending_.answered(1);
  EXPECT_EQ(pending_.oldest(), ms(2));
  EXPECT_EQ(pending_.size(), 1U);
  pending_.answered(3);
  EXPECT_EQ(pending_.oldest(), std::nullopt);
  EXPECT_EQ(pending_.next_number(), 4U);
}

TEST_F(PendingTest, numbers_that_were_never_given_are_nobody) {
  EXPECT_EQ(pending_.find(0), nullptr);
  EXPECT_EQ(pending_.find(1), nullptr);
  pending_.answered(0);
  pending_.answered(7);
  EXPECT_EQ(pending_.next_number(), 1U);
}

TEST_F(PendingTest, what_waits_behind_an_older_one_keeps_no_body) {
  pending_.add(at_ms(0), milliseconds{5});
  pending_.add(at_ms(0), milliseconds{5});
  pending_.answered(2);
  EXPECT_EQ(pending_.size(), 2U);
  EXPECT_EQ(pending_.find(1)->body, "body");
}

TEST(Pending, counts_from_the_number_it_is_given) {
  Pending pending{1'000};
  EXPECT_EQ(pending.next_number(), 1'000U);
  pending.add({}, std::nullopt);
  EXPECT_EQ(pending.find(999), nullptr);
  EXPECT_NE(pending.find(1'000), nullptr);
  EXPECT_EQ(pending.next_number(), 1'001U);
}

}  // namespace
}  // namespace kith::conversations
