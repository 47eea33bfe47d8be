#include "delivery/comparison.hpp"

#include "base/limits.hpp"
#include "conversations/world_test.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace kith::delivery {
namespace {

using conversations::World;

class ComparisonTest : public ::testing::Test {
 protected:
  ComparisonTest() {
    world_.start({&heard_});
    world_.make_group(group_, {"ann", "bob"});
    world_.submit(world_.send_entry(group_, "ann", "m1"));
    world_.settle();
  }

  using Found = std::tuple<ConversationKey, Seq, Seq>;

  conversations::Listening heard_;
  World world_;
  std::vector<Found> found_;
  Comparison comparison_{
      *world_.reactors[0], world_.store, [this](const auto& key, Seq known, Seq head) {
        found_.emplace_back(key, known, head);
      }};
  const ConversationKey group_ = World::group(1);
};

TEST_F(ComparisonTest, it_tells_what_was_known_when_it_asked_and_what_is_there) {
  comparison_.watch(group_);
  comparison_.want(group_);
  comparison_.allow(10);
  comparison_.note(group_, 5);  // heard while the read is under way
  world_.settle();
  EXPECT_EQ(found_, (std::vector<Found>{{group_, 0, 1}}));
  comparison_.want(group_);
  comparison_.allow(10);
  world_.settle();
  EXPECT_EQ(found_.back(), (Found{group_, 5, 1}));
}

TEST_F(ComparisonTest, a_conversation_that_is_not_there_has_no_head) {
  comparison_.watch(World::group(9));
  comparison_.want(World::group(9));
  comparison_.allow(1);
  world_.settle();
  EXPECT_EQ(found_, (std::vector<Found>{{World::group(9), 0, 0}}));
}

TEST_F(ComparisonTest, only_what_is_watched_is_compared_and_once) {
  comparison_.want(group_);
  comparison_.allow(10);
  world_.settle();
  EXPECT_TRUE(found_.empty());
  comparison_.watch(group_);
  comparison_.want(group_);
  comparison_.want(group_);
  EXPECT_EQ(comparison_.waiting(), 1U);
  comparison_.forget(group_);
  comparison_.allow(10);
  world_.settle();
  EXPECT_TRUE(found_.empty());
  EXPECT_EQ(comparison_.waiting(), 0U);
}

TEST_F(ComparisonTest, it_reads_slice_by_slice_and_no_more_than_it_is_allowed) {
  const auto slice = base::limits::compared_heads_slice;
  std::vector<ConversationKey> keys;
  for (std::size_t i = 0; i < 2 * slice; ++i) {
    ConversationKey key{conversations::app, {}};
    key.cid.bytes = {'x', static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
    comparison_.watch(key);
    comparison_.want(key);
  }
  comparison_.allow(slice + 10);
  EXPECT_EQ(world_.store.reads_waiting(), 1U);
  world_.settle();
  EXPECT_EQ(found_.size(), slice + 10);
  comparison_.allow(2 * slice);
  world_.settle();
  EXPECT_EQ(found_.size(), 2 * slice);
}

TEST_F(ComparisonTest, what_was_noted_and_is_being_read_is_void_when_it_begins_again) {
  comparison_.watch(group_);
  comparison_.note(group_, 7);
  comparison_.want(group_);
  comparison_.allow(10);
  comparison_.begin_again();
  world_.settle();
  EXPECT_EQ(found_, (std::vector<Found>{{group_, 0, 1}}));
}

TEST_F(ComparisonTest, what_could_not_be_read_is_read_again_with_the_next_allowance) {
  world_.store.fail_read = [] {
    return std::optional<base::Fault>{base::Fault{base::Errc::overloaded, "later"}};
  };
  comparison_.watch(group_);
  comparison_.want(group_);
  comparison_.allow(10);
  world_.settle();
  EXPECT_TRUE(found_.empty());
  EXPECT_EQ(comparison_.waiting(), 1U);
  world_.store.fail_read = nullptr;
  world_.settle();
  EXPECT_TRUE(found_.empty());
  comparison_.allow(10);
  world_.settle();
  EXPECT_EQ(found_.size(), 1U);
}

}  // namespace
}  // namespace kith::delivery
