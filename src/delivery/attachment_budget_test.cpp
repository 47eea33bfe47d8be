#include "delivery/attachment.hpp"
#include "delivery/world_test.hpp"

#include <gtest/gtest.h>

// How much is pushed to who comes back.
namespace kith::delivery {
namespace {

namespace limits = base::limits;

TEST(AttachmentBudget, the_newest_conversations_come_first_and_the_rest_as_gaps) {
  DeliveryWorld world{1, HubOptions{.catchup_events_max = 25}};
  std::vector<ConversationKey> keys;
  for (std::uint8_t n = 1; n <= 4; ++n) {
    world.pass(std::chrono::seconds{1});
    keys.push_back(DeliveryWorld::group(n));
    world.make_group(keys.back(), {"ann", "bob"});
    world.write(keys.back(), "bob", 10);
  }
  const auto ann = world.connect("ann");
  EXPECT_EQ(ann->seqs(keys[3].cid), range(1, 10));
  EXPECT_EQ(ann->seqs(keys[2].cid), range(1, 10));
  EXPECT_TRUE(ann->seqs(keys[1].cid).empty());
  EXPECT_TRUE(ann->seqs(keys[0].cid).empty());
  EXPECT_EQ(ann->count("conversation.gap"), 2U);
  for (const auto& key : keys)
    world.write(key, "bob", 1);
  world.read_all();
  for (const auto& key : keys)
    EXPECT_EQ(ann->seqs(key.cid).back(), 11U);
}

TEST(AttachmentBudget, a_removal_above_a_gap_is_not_passed_over) {
  DeliveryWorld world{1, HubOptions{.catchup_events_max = 5}};
  const auto key = DeliveryWorld::group(1);
  world.make_group(key, {"bob", "ann"});
  world.write(key, "bob", 20);
  const auto ann = world.begin_connect("ann", {});
  // The memberships are read, then the removal is heard, then the answer comes.
  for (int i = 0; i < 3; ++i) {
    world.run_reactors();
    while (world.store.reads_waiting() > 0)
      world.store.look();
    if (i < 2)
      while (world.store.answers_waiting() > 0)
        world.store.answer();
  }
  world.submit(world.remove_entry(key, "ann", "bob"));
  world.store.run_lane();
  world.run_reactors();
  world.settle();
  world.write(key, "bob", 5);
  world.read_all();
  for (const auto seq : ann->seqs(key.cid))
    EXPECT_LE(seq, 21U);
}

TEST(AttachmentBudget, who_comes_back_after_very_long_gets_the_newest_page_of_each) {
  DeliveryWorld world;
  const auto key = DeliveryWorld::group(1);
  world.make_group(key, {"ann", "bob"});
  world.write(key, "bob", static_cast<int>(limits::behind_events_max) + 1);
  const auto head = world.head(key);
  const auto ann = world.connect("ann");
  world.read_all();
  EXPECT_EQ(ann->seqs(key.cid), range(head - limits::history_page_max + 1, head));
  ASSERT_EQ(ann->count("conversation.gap"), 1U);
  const auto bob = world.connect("bob", {.cursors = {{key.cid, 1}}});
  world.read_all();
  EXPECT_EQ(bob->seqs(key.cid), range(2, head));  // just near enough
}

TEST(AttachmentBudget, gaps_wait_for_room_in_the_outbox) {
  DeliveryWorld world{1, HubOptions{.catchup_events_max = 40}};
  for (std::uint8_t n = 1; n <= 200; ++n) {
    world.make_group(DeliveryWorld::group(n), {"ann", "bob"});
    world.write(DeliveryWorld::group(n), "bob", 1, 9'000);
  }
  const auto ann = world.begin_connect("ann", {});
  world.settle();
  EXPECT_LE(ann->bytes_most, limits::outbox_high_bytes + 10'000);
  world.read_all();
  EXPECT_GT(ann->count("conversation.gap"), 100U);
}

}  // namespace
}  // namespace kith::delivery
