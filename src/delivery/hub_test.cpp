#include "delivery/hub.hpp"

#include "delivery/world_test.hpp"

#include <gtest/gtest.h>

namespace kith::delivery {
namespace {

namespace limits = base::limits;

class HubTest : public ::testing::Test {
 protected:
  HubTest() { world_.make_group(group_, {"ann", "bob", "carl"}); }

  DeliveryWorld world_;
  const ConversationKey group_ = DeliveryWorld::group(1);
};

TEST_F(HubTest, a_message_reaches_every_device_but_the_connection_that_sent_it) {
  const auto sender = world_.connect("ann");
  const auto other_device = world_.connect("ann");
  const auto bob = world_.connect("bob");
  world_.send(sender, group_, "m1");
  EXPECT_TRUE(sender->seqs(group_.cid).empty());
  EXPECT_EQ(sender->count("ack"), 1U);
  EXPECT_EQ(other_device->seqs(group_.cid), std::vector<Seq>{1});
  EXPECT_EQ(bob->seqs(group_.cid), std::vector<Seq>{1});
  EXPECT_EQ(bob->received.back().client_id, "m1");
}

TEST_F(HubTest, events_come_in_the_order_of_the_log_and_the_answer_behind_them) {
  const auto ann = world_.connect("ann");
  const auto bob = world_.connect("bob");
  world_.begin_send(bob, group_, "b1");
  world_.begin_send(bob, group_, "b2");
  world_.begin_send(ann, group_, "a1");
  world_.begin_send(bob, group_, "b3");
  world_.settle();
  world_.read_all();
  std::vector<std::string> order;
  for (const auto& seen : ann->received)
    if (seen.cid == group_.cid) order.push_back(seen.name + " " + seen.client_id);
  EXPECT_EQ(
      order,
      (std::vector<std::string>{"message.new b1", "message.new b2", "ack a1", "message.new b3"}));
}

TEST_F(HubTest, a_channel_is_left_when_its_last_session_ends) {
  const auto ann = world_.connect("ann");
  const auto bob = world_.connect("bob");
  EXPECT_EQ(world_.hub().channels(), 3U);  // the group and two own logs
  world_.disconnect(ann);
  EXPECT_EQ(world_.hub().channels(), 2U);
  EXPECT_EQ(world_.hub().sessions(), 1U);
  world_.disconnect(bob);
  EXPECT_EQ(world_.hub().channels(), 0U);
  EXPECT_EQ(world_.registries[0]->channels(), 0U);
}

TEST_F(HubTest, a_head_told_without_its_events_is_read) {
  const auto ann = world_.connect("ann");
  // Committed by another node, so to speak: nobody told this one.
  world_.store.database().execute(ports::LockStep{{group_}});
  ports::WriteStep step;
  for (Seq seq = 1; seq <= 3; ++seq) {
    domain::LogEvent event;
    event.seq = event.no = seq;
    event.actor = user("bob");
    event.client_id = conversations::ClientId{"n" + std::to_string(seq)};
    event.body = conversations::body("hi");
    step.events.push_back({group_, event});
  }
  world_.store.database().execute(step);
  world_.store.database().execute(ports::CommitStep{});
  world_.hub().learn(group_, 3);
  world_.hub().learn(group_, 2);
  world_.settle();
  world_.read_all();
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 3));
  world_.write(group_, "bob", 1);
  world_.read_all();
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 4));
}

TEST_F(HubTest, an_event_that_skips_numbers_brings_those_before_it_first) {
  const auto ann = world_.connect("ann");
  world_.submit(world_.send_entry(group_, "bob", "b1"));
  world_.submit(world_.send_entry(group_, "bob", "b2"));
  world_.store.run_lane();
  // The home's task is taken apart: the second event comes first.
  const auto* row = world_.row(group_);
  const auto id_key = world_.store.meta().id_key;
  world_.hub().on_published(encode(id_key, group_, *row->log.at(2)));
  world_.hub().on_published(encode(id_key, group_, *row->log.at(1)));
  world_.settle();
  world_.read_all();
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 2));
}

TEST_F(HubTest, an_event_of_a_channel_nobody_listens_to_is_passed_over) {
  domain::LogEvent event;
  event.seq = 1;
  world_.hub().on_published(encode(world_.store.meta().id_key, group_, event));
  EXPECT_EQ(world_.hub().channels(), 0U);
}

TEST_F(HubTest, a_removed_member_gets_the_event_that_removes_him_and_nothing_after_it) {
  const auto bob = world_.connect("bob");
  const auto bobs_other = world_.connect("bob");
  const auto ann = world_.connect("ann");
  world_.submit(world_.send_entry(group_, "ann", "m1"));
  world_.submit(world_.remove_entry(group_, "bob", "ann"));
  world_.submit(world_.send_entry(group_, "ann", "m2"));
  world_.settle();
  world_.read_all();
  EXPECT_EQ(bob->seqs(group_.cid), range(1, 2));
  EXPECT_EQ(bobs_other->seqs(group_.cid), range(1, 2));
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 3));
  EXPECT_EQ(bob->received.back().name, "conversation.removed");
}

TEST_F(HubTest, a_member_added_again_hears_from_there_on) {
  const auto bob = world_.connect("bob");
  world_.submit(world_.remove_entry(group_, "bob", "ann"));
  world_.submit(world_.send_entry(group_, "ann", "m1"));
  world_.submit(world_.add_entry(group_, {"bob"}, "ann"));
  world_.submit(world_.send_entry(group_, "ann", "m2"));
  world_.settle();
  world_.read_all();
  EXPECT_EQ(bob->seqs(group_.cid), (std::vector<Seq>{1, 3, 4}));
}

TEST_F(HubTest, who_is_added_while_connected_begins_to_hear) {
  const auto dora = world_.connect("dora");
  world_.write(group_, "ann", 3);
  world_.submit(world_.add_entry(group_, {"dora"}, "ann"));
  world_.submit(world_.send_entry(group_, "ann", "m2"));
  world_.settle();
  world_.read_all();
  EXPECT_EQ(dora->seqs(group_.cid), range(4, 5));
  EXPECT_EQ(dora->count("conversation.added"), 1U);
  world_.write(group_, "ann", 1);
  world_.read_all();
  EXPECT_EQ(dora->seqs(group_.cid), range(4, 6));
}

TEST_F(HubTest, the_first_direct_message_reaches_the_other_with_the_conversation_before_it) {
  const auto ann = world_.connect("ann");
  const auto bob = world_.connect("bob");
  const auto key = world_.direct("ann", "bob");
  world_.begin_send(ann, key, "d1", "bob");
  world_.begin_send(ann, key, "d2", "bob");
  world_.settle();
  world_.read_all();
  EXPECT_EQ(ann->count("ack"), 2U);
  EXPECT_EQ(bob->seqs(key.cid), range(1, 2));
  EXPECT_EQ(bob->received.front().name, "conversation.added");
}

TEST_F(HubTest, a_session_above_its_mark_gets_no_more_and_misses_nothing) {
  const auto ann = world_.connect("ann");
  world_.write(group_, "bob", 60, 12'000);
  EXPECT_LE(ann->bytes_most, limits::outbox_high_bytes + 13'000);
  EXPECT_EQ(world_.hub().behind(), 1U);
  world_.read_all();
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 60));
  world_.write(group_, "bob", 1);
  world_.read_all();
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 61));
}

TEST_F(HubTest, a_session_of_many_conversations_is_above_its_mark_by_one_frame_only) {
  std::vector<ConversationKey> keys;
  for (std::uint8_t n = 10; n < 60; ++n) {
    keys.push_back(DeliveryWorld::group(n));
    world_.make_group(keys.back(), {"ann", "bob"});
  }
  const auto ann = world_.connect("ann");
  for (const auto& key : keys)
    world_.write(key, "bob", 1, 15'000);
  EXPECT_LE(ann->bytes_most, limits::outbox_high_bytes + 16'000);
  world_.read_all();
  for (const auto& key : keys)
    EXPECT_EQ(ann->seqs(key.cid), range(1, 1));
}

TEST_F(HubTest, one_slow_reader_holds_up_nobody_else) {
  const auto slow = world_.connect("ann");
  const auto quick = world_.connect("carl");
  for (int i = 0; i < 50; ++i) {
    world_.write(group_, "bob", 1, 12'000);
    quick->read_all();
  }
  EXPECT_EQ(quick->seqs(group_.cid), range(1, 50));
  EXPECT_LT(slow->waiting(), 30U);
}

TEST_F(HubTest, the_ring_is_bounded_in_events_and_bytes_and_still_right) {
  const auto ann = world_.connect("ann");
  const auto bob = world_.connect("bob");
  for (std::size_t round = 0; round < 4; ++round) {
    world_.write(group_, "carl", static_cast<int>(limits::ring_events_max) - 3, 100);
    world_.write(group_, "carl", 5, 14'000);
    bob->read_all();
  }
  const auto late = world_.connect("carl");
  world_.read_all();
  const auto head = world_.head(group_);
  EXPECT_EQ(ann->seqs(group_.cid), range(1, head));
  EXPECT_EQ(bob->seqs(group_.cid), range(1, head));
  EXPECT_EQ(late->seqs(group_.cid), range(1, head));
}

TEST_F(HubTest, proved_places_are_written_as_cursors_within_a_second_and_at_the_end) {
  const auto ann = world_.connect("ann", {.device = "phone"});
  world_.write(group_, "bob", 2);
  ann->probe();
  ann->read_all();
  const auto cursor = [&]() -> Seq {
    const auto& cursors = world_.store.database().committed().cursors;
    const auto it = cursors.find({group_, user("ann"), DeviceId{"phone"}});
    return it == cursors.end() ? 0 : it->second;
  };
  world_.settle();
  EXPECT_EQ(cursor(), 0U);
  world_.pass(std::chrono::milliseconds{limits::cursor_write_interval_ms});
  world_.settle();
  EXPECT_EQ(cursor(), 2U);
  world_.write(group_, "bob", 1);
  ann->probe();
  ann->read_all();
  world_.hub().flush_cursors();
  world_.settle();
  EXPECT_EQ(cursor(), 3U);
  world_.write(group_, "bob", 1);
  ann->probe();
  ann->read_all();
  world_.disconnect(ann);
  world_.settle();
  EXPECT_EQ(cursor(), 4U);
}

TEST_F(HubTest, cursors_that_a_full_lane_refuses_are_written_later) {
  const auto ann = world_.connect("ann", {.device = "phone"});
  world_.write(group_, "bob", 2);
  ann->probe();
  ann->read_all();
  world_.store.lane_full = true;
  world_.pass(std::chrono::milliseconds{2 * limits::cursor_write_interval_ms});
  world_.store.lane_full = false;
  world_.pass(std::chrono::milliseconds{2 * limits::cursor_write_interval_ms});
  world_.settle();
  EXPECT_EQ(
      world_.store.database().committed().cursors.at({group_, user("ann"), DeviceId{"phone"}}), 2U);
}

TEST_F(HubTest, cursors_are_written_in_slices) {
  for (std::size_t n = 0; n < limits::cursor_slice + 10; ++n) {
    ConversationKey key{app, {}};
    key.cid.bytes = {'m', static_cast<std::uint8_t>(n & 0xff), static_cast<std::uint8_t>(n >> 8)};
    world_.submit(world_.create_entry(key, {"ann", "bob"}));
    world_.submit(world_.send_entry(key, "bob", "m1"));
  }
  world_.settle();
  const auto ann = world_.connect("ann", {.device = "phone"});
  world_.read_all();
  ann->probe();
  ann->read_all();
  std::size_t slices = 0;
  world_.store.fail_step = [&](const ports::Step& step) -> std::optional<ports::StepFailed> {
    if (const auto* write = std::get_if<ports::WriteStep>(&step)) slices += write->cursors.size();
    return std::nullopt;
  };
  world_.disconnect(ann);
  EXPECT_EQ(world_.store.entries_waiting(), 2U);
  world_.settle();
  EXPECT_EQ(slices, limits::cursor_slice + 11);  // with the own log
}

}  // namespace
}  // namespace kith::delivery
