#include "delivery/session_fixture_test.hpp"

// Catching up.
namespace kith::delivery {
namespace {

namespace limits = base::limits;

TEST_F(SessionTest, what_is_missed_comes_page_by_page_as_the_client_reads) {
  flood(group_, 450, 100);
  const auto ann = world_.begin_connect("ann", {});
  world_.settle();
  EXPECT_LT(ann->waiting(), 450U);
  world_.read_all();
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 450));
}

TEST_F(SessionTest, a_session_that_catches_up_while_more_comes_becomes_live) {
  flood(group_, 300, 500);
  const auto ann = world_.begin_connect("ann", {});
  for (int i = 0; i < 30; ++i) {
    world_.settle();
    ann->read(20);
    world_.write(group_, "bob", 1);
  }
  world_.read_all();
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 330));
}

TEST_F(SessionTest, who_is_too_far_behind_gets_the_newest_page_and_is_told_of_the_gap) {
  const auto ann = world_.connect("ann");
  flood(group_, 30, 12'000);  // above its mark
  flood(group_, static_cast<int>(limits::behind_events_max) + 100, 2);
  world_.read_all();
  const auto head = world_.head(group_);
  const auto seqs = ann->seqs(group_.cid);
  ASSERT_EQ(ann->count("conversation.gap"), 1U);
  const auto gap = *std::find_if(ann->received.begin(), ann->received.end(), [](const auto& seen) {
    return seen.name == "conversation.gap";
  });
  EXPECT_EQ(gap.to, head - limits::history_page_max);
  EXPECT_EQ(seqs.back(), head);
  auto expected = range(1, gap.seq - 1);
  for (const auto seq : range(gap.to + 1, head))
    expected.push_back(seq);
  EXPECT_EQ(seqs, expected);
  world_.write(group_, "bob", 1);
  world_.read_all();
  EXPECT_EQ(ann->seqs(group_.cid).back(), head + 1);
}

TEST_F(SessionTest, who_was_removed_while_far_behind_sees_nothing_after_his_removal) {
  const auto carl = world_.connect("carl");
  flood(group_, 30, 12'000);
  world_.submit(world_.remove_entry(group_, "carl", "ann"));
  world_.settle();
  const auto end = world_.head(group_);
  flood(group_, static_cast<int>(limits::behind_events_max) + 500, 2);
  world_.read_all();
  for (const auto seq : carl->seqs(group_.cid))
    EXPECT_LE(seq, end);
  EXPECT_EQ(carl->received.back().name, "conversation.removed");
  EXPECT_FALSE(carl->closed.has_value());
}

TEST_F(SessionTest, who_was_removed_and_added_while_far_behind_begins_where_he_was_added) {
  const auto carl = world_.connect("carl");
  flood(group_, 30, 12'000);
  world_.submit(world_.remove_entry(group_, "carl", "ann"));
  flood(group_, static_cast<int>(limits::behind_events_max), 2);
  world_.submit(world_.add_entry(group_, {"carl"}, "ann"));
  flood(group_, 20, 2);
  world_.read_all();
  const auto from = world_.row(group_)->members.at(user("carl")).from_seq;
  const auto seqs = carl->seqs(group_.cid);
  EXPECT_EQ(seqs.back(), world_.head(group_));
  for (const auto seq : seqs)
    EXPECT_TRUE(seq >= from || seq < 32) << seq;
}

TEST_F(SessionTest, a_removal_among_missed_events_ends_the_page_there) {
  const auto carl = world_.connect("carl");
  flood(group_, 30, 12'000);
  world_.submit(world_.remove_entry(group_, "carl", "ann"));
  flood(group_, 20, 2);
  world_.read_all();
  EXPECT_EQ(carl->seqs(group_.cid), range(1, 31));
}

TEST_F(SessionTest, additions_among_passed_over_events_of_the_own_log_are_not_missed) {
  const auto ann = world_.connect("ann");
  flood(group_, 30, 12'000);  // ann is above her mark
  const auto wanted = DeliveryWorld::group(7);
  world_.make_group(wanted, {"bob"});
  world_.submit(world_.add_entry(wanted, {"ann"}));
  for (std::size_t i = 0; i < limits::behind_events_max / 2 + 100; ++i) {
    world_.submit(world_.add_entry(DeliveryWorld::group(1), {"x"}));
    auto key = DeliveryWorld::group(8);
    key.cid.bytes[2] = static_cast<std::uint8_t>(i & 0xff);
    key.cid.bytes[3] = static_cast<std::uint8_t>(i >> 8);
    world_.submit(world_.create_entry(key, {"bob", "ann"}));
    world_.submit(world_.remove_entry(key, "ann"));
  }
  world_.settle();
  world_.read_all();
  world_.write(wanted, "bob", 1);
  world_.read_all();
  const auto seqs = ann->seqs(wanted.cid);
  ASSERT_FALSE(seqs.empty());
  EXPECT_EQ(seqs.back(), world_.head(wanted));
}

TEST_F(SessionTest, a_page_that_the_store_can_not_read_now_is_read_a_little_later) {
  flood(group_, 10, 2);
  const auto ann = world_.begin_connect("ann", {});
  while (ann->session && world_.hub().channels() < 2)
    world_.settle_once();
  int failures = 3;
  world_.store.fail_read = [&]() -> std::optional<base::Fault> {
    if (failures == 0) return std::nullopt;
    --failures;
    return base::Fault{base::Errc::overloaded, "later"};
  };
  const auto late = world_.connect("carl");  // its attachment fails: closed, to come back
  EXPECT_TRUE(late->closed.has_value());
  failures = 0;
  world_.read_all();
  for (int i = 0; i < 5; ++i)
    pass(200);
  world_.read_all();
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 10));
}

TEST_F(SessionTest, page_reads_are_tried_again_until_they_succeed) {
  const auto ann = world_.connect("ann");
  flood(group_, 150, 4'000);  // more than the ring, more than the outbox
  int failures = 4;
  world_.store.fail_read = [&]() -> std::optional<base::Fault> {
    if (failures == 0) return std::nullopt;
    --failures;
    return base::Fault{base::Errc::overloaded, "later"};
  };
  world_.read_all();
  EXPECT_LT(ann->seqs(group_.cid).size(), 150U);
  for (int i = 0; i < 10; ++i)
    pass(100), world_.read_all();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 150));
  EXPECT_FALSE(ann->closed.has_value());
}

}  // namespace
}  // namespace kith::delivery
