#include "adapters/sqlite/tails.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <set>
#include <thread>

namespace kith::adapters::sqlite {

namespace {

// The writer's side by hand: what it publishes is what a transaction committed.
class TailsTest : public ::testing::Test {
 protected:
  TailLimits limits_;
  std::optional<Tails> tails_;
  TailChanges changes_;
  Version version_ = 0;

  void SetUp() override { tails_.emplace(limits_); }

  void add(std::int64_t conversation, base::Seq seq) {
    EventRecord event{.conversation = conversation, .seq = seq, .no = seq, .body = "body"};
    LogRow row;
    const auto [offset, size] = row.add_event(event);
    const auto bytes = std::make_shared<const std::string>(row.take());
    changes_[conversation].fresh.push_back({seq, version_ + 1, 0, bytes, offset, size});
  }

  // No two of these are neighbours.
  static std::int64_t far(std::int64_t n) { return n * Tails::neighbours; }

  void fold(std::int64_t conversation) { changes_[conversation].folded = true; }

  void publish(const LogGrowth& growth = {1, 10}) {
    tails_->publish(++version_, changes_, growth);
    changes_.clear();
  }

  static std::vector<base::Seq> seqs(const TailSnapshot& snapshot, std::int64_t conversation) {
    std::vector<base::Seq> found;
    const auto events = snapshot.of(conversation);
    EXPECT_TRUE(events.has_value());
    for (const TailEvent& event : *events)
      found.push_back(event.seq);
    return found;
  }

  std::vector<std::int64_t> room_for(const LogGrowth& more) {
    std::vector<std::int64_t> folded;
    EXPECT_TRUE(tails_
                    ->make_room(more,
                                [&](std::int64_t conversation) -> Outcome<std::size_t> {
                                  folded.push_back(conversation);
                                  return tails_->of(conversation).front().held_bytes();
                                })
                    .has_value());
    return folded;
  }
};

using Seqs = std::vector<base::Seq>;

TEST_F(TailsTest, a_reader_sees_what_was_published_before_he_began) {
  add(1, 1);
  publish();
  add(1, 2);
  publish();
  TailSnapshot snapshot{*tails_};
  EXPECT_EQ(seqs(snapshot, 1), (Seqs{1, 2}));
  EXPECT_TRUE(seqs(snapshot, 2).empty());
}

TEST_F(TailsTest, a_reader_of_an_older_state_does_not_see_what_came_after_it) {
  add(1, 1);
  publish();
  TailSnapshot snapshot{*tails_};
  add(1, 2);
  add(2, 1);
  publish();
  EXPECT_EQ(seqs(snapshot, 1), Seqs{1});
  EXPECT_TRUE(seqs(snapshot, 2).empty());
}

TEST_F(TailsTest, what_moved_to_rows_stays_for_readers_who_do_not_see_the_rows) {
  add(1, 1);
  publish();
  auto old = std::make_unique<TailSnapshot>(*tails_);
  fold(1);
  add(1, 2);
  publish();
  auto middle = std::make_unique<TailSnapshot>(*tails_);
  fold(1);
  publish();
  const TailSnapshot young{*tails_};
  EXPECT_EQ(seqs(*old, 1), Seqs{1});
  EXPECT_EQ(seqs(*middle, 1), Seqs{2});
  EXPECT_TRUE(seqs(young, 1).empty());
  EXPECT_TRUE(tails_->empty());
}

TEST_F(TailsTest,
       what_was_kept_for_readers_goes_with_the_last_of_them_and_not_with_the_next_commit) {
  add(1, 1);
  publish();
  std::optional<TailSnapshot> first{*tails_};
  std::optional<TailSnapshot> second{*tails_};
  fold(1);
  publish();
  add(1, 2);
  publish();
  fold(1);
  publish();
  EXPECT_GT(tails_->retired_bytes(), 0U);
  first.reset();
  EXPECT_GT(tails_->retired_bytes(), 0U);
  second->fix_at(1);
  EXPECT_EQ(seqs(*second, 1), Seqs{1});
  second.reset();
  EXPECT_EQ(tails_->retired_bytes(), 0U);
  TailSnapshot later{*tails_};
  EXPECT_TRUE(seqs(later, 1).empty());
  add(2, 1);
  publish();  // erases the empty tail, which was folded twice
  add(1, 3);
  publish();
  EXPECT_EQ(tails_->of(1).size(), 1U);
}

TEST_F(TailsTest, an_emptied_tail_may_be_erased_before_its_turn) {
  add(1, 1);
  publish();
  {
    const TailSnapshot snapshot{*tails_};
    fold(1);
    publish();
  }
  fold(1);  // there is nothing: the tail itself goes
  publish();
  add(1, 2);
  publish();
  TailSnapshot snapshot{*tails_};
  EXPECT_EQ(seqs(snapshot, 1), Seqs{2});
}

TEST_F(TailsTest, the_newest_event_is_the_last_of_those_a_reader_sees) {
  add(1, 1);
  publish();
  add(1, 2);
  publish();
  TailSnapshot old{*tails_};
  fold(1);
  publish();
  add(1, 3);
  publish();
  const auto newest = [](const TailSnapshot& snapshot, std::int64_t conversation) {
    const auto found = snapshot.newest_of(conversation).value();
    return found ? found->seq : 0;
  };
  EXPECT_EQ(newest(old, 1), 2U);
  EXPECT_EQ(newest(old, 2), 0U);
  EXPECT_EQ(newest(TailSnapshot{*tails_}, 1), 3U);
  old.fix_at(1);
  EXPECT_EQ(newest(old, 1), 1U);
  old.fix_at(3);
  EXPECT_EQ(newest(old, 1), 0U);
}

TEST_F(TailsTest, a_transaction_younger_than_the_pin_is_seen_when_its_rows_are) {
  add(1, 1);
  publish();
  TailSnapshot snapshot{*tails_};
  add(1, 2);
  publish();
  snapshot.fix_at(2);
  EXPECT_EQ(seqs(snapshot, 1), (Seqs{1, 2}));
}

TEST_F(TailsTest, a_reader_who_sees_a_commit_first_waits_until_it_is_published) {
  add(1, 1);
  std::optional<Seqs> seen;
  std::thread reader{[&] {
    TailSnapshot snapshot{*tails_};
    snapshot.fix_at(1);
    seen = seqs(snapshot, 1);
  }};
  publish();
  reader.join();
  EXPECT_EQ(seen, Seqs{1});
}

TEST_F(TailsTest, a_reader_that_takes_too_long_is_told_to_begin_anew) {
  limits_.retired_bytes = 1'000;
  tails_.emplace(limits_);
  add(1, 1);
  publish();
  const TailSnapshot slow{*tails_};
  for (base::Seq seq = 2; seq < 100; ++seq) {
    fold(1);
    add(1, seq);
    publish();
  }
  const auto result = slow.of(1);
  ASSERT_TRUE(result.has_error());
  EXPECT_TRUE(is_busy(result.error()));
  const TailSnapshot again{*tails_};
  EXPECT_EQ(seqs(again, 1), Seqs{99});
}

TEST_F(TailsTest, the_oldest_conversation_makes_room_when_the_log_has_grown) {
  limits_.log_events = 10;
  tails_.emplace(limits_);
  add(far(1), 1);
  publish({4, 10});
  add(far(2), 1);
  publish({4, 10});
  add(far(3), 1);
  publish({1, 10});
  EXPECT_TRUE(room_for({1, 1}).empty());
  EXPECT_EQ(room_for({2, 1}), std::vector<std::int64_t>{far(1)});
  EXPECT_EQ(room_for({6, 1}), (std::vector<std::int64_t>{far(1), far(2)}));
}

TEST_F(TailsTest, neighbours_half_as_old_go_with_the_oldest) {
  limits_.log_events = 10;
  tails_.emplace(limits_);
  const std::int64_t first = far(1);
  add(first + 3, 1);
  publish({1, 10});
  add(first - 1, 1);
  publish({1, 10});
  add(first + Tails::neighbours, 1);
  publish({1, 10});
  add(first + 2, 1);
  add(first + 1, 1);
  publish({2, 10});
  add(first + Tails::neighbours - 1, 1);
  publish({1, 10});
  add(first, 1);
  publish({4, 10});
  EXPECT_EQ(
      room_for({1, 1}),
      (std::vector<std::int64_t>{first + 3, first + 1, first + 2, first + Tails::neighbours - 1}));
}

TEST_F(TailsTest, who_went_with_another_is_not_counted_again) {
  constexpr std::size_t at_once = Tails::neighbours + 2;
  limits_.log_events = at_once;
  tails_.emplace(limits_);
  for (std::int64_t id = far(1); id < far(2); ++id)
    add(id, 1);
  publish({Tails::neighbours, 10});
  for (const std::int64_t other : {far(2), far(3), far(4)}) {
    add(other, 1);
    publish();
  }
  publish({at_once, 10});
  std::set<std::int64_t> folded;
  ASSERT_TRUE(tails_
                  ->make_room({1, 1},
                              [&](std::int64_t conversation) -> Outcome<std::size_t> {
                                return std::size_t{folded.insert(conversation).second ? 1U : 0U};
                              })
                  .has_value());
  EXPECT_EQ(folded.size(), at_once);
}

TEST_F(TailsTest, the_oldest_make_room_in_memory_and_no_more_than_needed) {
  limits_.held_bytes = 1'000;
  tails_.emplace(limits_);
  for (std::int64_t c = 1; c <= 5; ++c) {
    add(far(c), 1);
    publish();
  }
  EXPECT_TRUE(room_for({1, 1}).empty());
  const std::size_t each = tails_->of(far(1)).front().held_bytes();
  EXPECT_EQ(room_for({1, 1'000 - 4 * each + 1}), (std::vector<std::int64_t>{far(1), far(2)}));
}

TEST_F(TailsTest, a_tail_that_began_anew_is_as_old_as_its_first_event) {
  add(1, 1);
  publish();
  add(2, 1);
  publish();
  fold(1);
  publish();
  add(1, 2);
  publish();
  EXPECT_EQ(tails_->oldest_row(), 2U);
  std::vector<std::int64_t> order;
  std::size_t besides = 0;
  const auto fold = [&](std::int64_t conversation) -> Outcome<std::size_t> {
    order.push_back(conversation);
    return besides;
  };
  EXPECT_TRUE(tails_->fold_oldest(9, fold).has_value());
  EXPECT_EQ(order, (std::vector<std::int64_t>{2, 1}));
  order.clear();
  besides = 9;
  EXPECT_TRUE(tails_->fold_oldest(9, fold).has_value());
  EXPECT_EQ(order, std::vector<std::int64_t>{2});
}

TEST_F(TailsTest, where_nothing_waits_no_row_of_the_log_is_needed) {
  EXPECT_EQ(tails_->oldest_row(), 1U);
  add(1, 1);
  publish();
  add(2, 1);
  publish();
  EXPECT_EQ(tails_->oldest_row(), 1U);
  fold(1);
  publish();
  EXPECT_EQ(tails_->oldest_row(), 2U);
  fold(2);
  publish();
  EXPECT_EQ(tails_->oldest_row(), 5U);
}

}  // namespace

}  // namespace kith::adapters::sqlite
