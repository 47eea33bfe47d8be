#include "client/verifier.hpp"

#include <gtest/gtest.h>

namespace kith::bench {
namespace {

using Seen = Verifier::Seen;
const std::set<std::pair<std::uint32_t, std::uint32_t>> nothing_open;

// A group of users 10, 11 and 12 in which 10 writes.
class Verification : public testing::Test {
 protected:
  void write(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      verifier_.next_number(stream_);
      verifier_.acked(stream_);
    }
  }

  Seen give(std::uint32_t user, std::uint32_t number, std::uint32_t session = 1) {
    return verifier_.received(stream_, user, session, number);
  }

  Sums judged() const { return verifier_.judge(nothing_open); }

  Verifier verifier_;
  std::uint32_t stream_ =
      verifier_.add_stream(verifier_.add_conversation(Audience::range(10, 3)), 10);
};

TEST_F(Verification, everything_in_its_order_is_no_complaint) {
  write(3);
  for (std::uint32_t number = 0; number < 3; ++number)
    for (const std::uint32_t user : {11U, 12U})
      EXPECT_EQ(give(user, number), Seen::first);
  const Sums sums = judged();
  EXPECT_EQ(sums.sent, 3U);
  EXPECT_EQ(sums.acked, 3U);
  EXPECT_EQ(sums.expected, 6U);
  EXPECT_EQ(sums.delivered, 6U);
  EXPECT_EQ(sums.lost + sums.duplicated + sums.reordered + sums.refused + sums.unanswered, 0U);
  EXPECT_TRUE(verifier_.settled());
  EXPECT_EQ(verifier_.complete(stream_), 3U);
}

TEST_F(Verification, a_loss_in_the_middle_is_found) {
  write(3);
  for (const std::uint32_t number : {0U, 1U, 2U})
    give(11, number);
  for (const std::uint32_t number : {0U, 2U})
    give(12, number);
  EXPECT_EQ(judged().lost, 1U);
  EXPECT_FALSE(verifier_.settled());
}

TEST_F(Verification, a_loss_at_the_end_is_found) {
  write(3);
  for (const std::uint32_t number : {0U, 1U, 2U})
    give(11, number);
  give(12, 0);
  EXPECT_EQ(judged().lost, 2U);
}

TEST_F(Verification, a_duplicate_is_found) {
  write(2);
  give(11, 0);
  EXPECT_EQ(give(11, 0), Seen::duplicate);
  give(11, 1);
  EXPECT_EQ(give(11, 0), Seen::duplicate);
  EXPECT_EQ(judged().duplicated, 2U);
}

TEST_F(Verification, a_reordered_message_is_found_and_is_not_lost) {
  write(3);
  EXPECT_EQ(give(11, 1), Seen::first);
  EXPECT_EQ(give(11, 0), Seen::reordered);
  EXPECT_EQ(give(11, 2), Seen::first);
  for (const std::uint32_t number : {0U, 1U, 2U})
    give(12, number);
  const Sums sums = judged();
  EXPECT_EQ(sums.reordered, 1U);
  EXPECT_EQ(sums.lost, 0U);
  EXPECT_EQ(sums.duplicated, 0U);
  EXPECT_EQ(sums.delivered, 6U);
}

TEST_F(Verification, after_a_reconnect_what_was_shown_may_come_again_but_once_and_in_order) {
  write(4);
  for (const std::uint32_t number : {0U, 1U, 2U})
    give(11, number, 1);
  EXPECT_EQ(give(11, 1, 2), Seen::again);
  EXPECT_EQ(give(11, 2, 2), Seen::again);
  EXPECT_EQ(give(11, 3, 2), Seen::first);
  EXPECT_EQ(give(11, 2, 2), Seen::duplicate);
  EXPECT_EQ(judged().again, 2U);
  EXPECT_EQ(judged().duplicated, 1U);
}

TEST_F(Verification, what_was_refused_or_has_no_answer_is_not_missed) {
  for (int i = 0; i < 3; ++i)
    verifier_.next_number(stream_);
  verifier_.acked(stream_);
  verifier_.refused(stream_, 1);
  for (const std::uint32_t user : {11U, 12U})
    give(user, 0);
  EXPECT_FALSE(verifier_.settled());
  const Sums sums = verifier_.judge({{stream_, 2}});
  EXPECT_EQ(sums.lost, 0U);
  EXPECT_EQ(sums.refused, 1U);
  EXPECT_EQ(sums.unanswered, 1U);
}

TEST_F(Verification, without_acknowledgements_everything_sent_is_expected) {
  const std::uint32_t ticks =
      verifier_.add_stream(verifier_.add_conversation(Audience::range(0, 2)), 0, false);
  verifier_.next_number(ticks);
  EXPECT_EQ(judged().lost, 1U);
  verifier_.received(ticks, 1, 1, 0);
  EXPECT_EQ(judged().lost, 0U);
  EXPECT_TRUE(verifier_.settled(ticks));
}

TEST_F(Verification, what_nobody_sent_or_reaches_a_stranger_is_strange) {
  write(1);
  EXPECT_EQ(give(11, 1), Seen::strange);
  EXPECT_EQ(give(13, 0), Seen::strange);
  EXPECT_EQ(give(9, 0), Seen::strange);
  EXPECT_EQ(verifier_.received(99, 11, 1, 0), Seen::strange);
  EXPECT_EQ(judged().strange, 4U);
}

TEST_F(Verification, the_senders_own_words_are_no_delivery) {
  write(1);
  EXPECT_EQ(give(10, 0), Seen::again);
  EXPECT_EQ(judged().delivered, 0U);
  EXPECT_EQ(judged().lost, 2U);
}

TEST_F(Verification, gaps_beyond_the_bound_are_lost_and_take_no_memory) {
  const auto many = static_cast<std::uint32_t>(Verifier::gaps_max) + 10;
  write(many + 1);
  give(11, many);
  for (std::uint32_t number = 0; number <= many; ++number)
    give(12, number);
  EXPECT_EQ(judged().lost, many);
}

TEST(Audiences, know_the_place_of_each_member) {
  const Audience range = Audience::range(5, 3);
  const Audience some = Audience::of({9, 2, 30});
  std::size_t slot = 0;
  EXPECT_TRUE(range.slot_of(7, slot));
  EXPECT_EQ(slot, 2U);
  EXPECT_FALSE(range.slot_of(8, slot));
  EXPECT_FALSE(range.slot_of(4, slot));
  EXPECT_TRUE(some.slot_of(9, slot));
  EXPECT_EQ(slot, 1U);
  EXPECT_EQ(some.user_at(2), 30U);
  EXPECT_FALSE(some.slot_of(10, slot));
  EXPECT_EQ(some.size(), 3U);
}

TEST(Sums, of_threads_are_added) {
  Sums one{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  one.add(one);
  EXPECT_EQ(one.sent, 2U);
  EXPECT_EQ(one.lost, 10U);
  EXPECT_EQ(one.strange, 22U);
}

}  // namespace
}  // namespace kith::bench
