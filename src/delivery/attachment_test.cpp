#include "delivery/attachment.hpp"

#include "delivery/world_test.hpp"

#include <gtest/gtest.h>

namespace kith::delivery {
namespace {

namespace limits = base::limits;

class AttachmentTest : public ::testing::Test {
 protected:
  AttachmentTest() { world_.make_group(group_, {"ann", "bob"}); }

  // One move of the store, of all that wait.
  void look_all() {
    while (world_.store.reads_waiting() > 0)
      world_.store.look();
  }

  void answer_all() {
    while (world_.store.answers_waiting() > 0)
      world_.store.answer();
    world_.run_reactors();
  }

  // The moves of an attachment, one after the other.
  void move(std::size_t i) {
    if (i % 3 == 0)
      world_.run_reactors();
    else if (i % 3 == 1)
      look_all();
    else
      answer_all();
  }

  void put_cursor(std::string_view device, Seq seq) {
    auto entry = std::make_unique<conversations::CursorEntry>();
    entry->user = {app, user("ann")};
    entry->device = DeviceId{std::string{device}};
    entry->cursors = {{group_.cid, seq}};
    world_.submit(std::move(entry));
    world_.settle();
  }

  // Adds ann to a group and greets her there while she connects, once at each moment of that, then
  // calls `also`; she must hear both.
  template <class Also>
  void add_at_every_moment(std::size_t first_group, Also also) {
    for (std::size_t moment = 0; moment < 12; ++moment) {
      const auto key = DeliveryWorld::group(static_cast<std::uint8_t>(first_group + moment));
      world_.make_group(key, {"bob"});
      const auto ann = world_.begin_connect("ann", {});
      for (std::size_t i = 0; i < 14; ++i) {
        if (i == moment) {
          world_.submit(world_.add_entry(key, {"ann"}, "bob"));
          world_.submit(world_.send_entry(key, "bob", "welcome"));
          world_.store.run_lane();
          also();
        }
        move(i);
      }
      world_.settle();
      world_.read_all();
      ASSERT_EQ(ann->seqs(key.cid), range(1, 2)) << moment;
      world_.disconnect(ann);
      world_.settle();
    }
  }

  DeliveryWorld world_;
  const ConversationKey group_ = DeliveryWorld::group(1);
};

// --- many at once

TEST_F(AttachmentTest, of_hundreds_who_come_at_once_a_few_read_at_a_time_and_all_are_served) {
  world_.write(group_, "bob", 3);
  std::vector<ClientPtr> devices;
  for (int i = 0; i < 300; ++i)
    devices.push_back(world_.begin_connect("ann", {}));
  world_.run_reactors();
  EXPECT_LE(world_.store.reads_waiting(), limits::membership_reads_max);
  for (std::size_t i = 0; i < 150; ++i)
    world_.disconnect(devices[i]);  // half of them do not wait for it
  world_.settle();
  world_.read_all();
  for (std::size_t i = 150; i < 300; ++i)
    EXPECT_EQ(devices[i]->seqs(group_.cid), range(1, 3));
}

// --- where a session begins

TEST_F(AttachmentTest, without_any_cursor_a_member_begins_where_he_joined) {
  world_.write(group_, "bob", 5);
  EXPECT_EQ(world_.connect("ann")->seqs(group_.cid), range(1, 5));
  world_.submit(world_.add_entry(group_, {"dora"}, "ann"));
  world_.settle();
  world_.write(group_, "bob", 2);
  EXPECT_EQ(world_.connect("dora")->seqs(group_.cid), range(6, 8));
}

TEST_F(AttachmentTest, the_clients_cursor_goes_before_the_devices_and_that_before_the_users) {
  world_.write(group_, "bob", 10);
  put_cursor("", 2);
  EXPECT_EQ(world_.connect("ann", {.device = "phone"})->seqs(group_.cid), range(3, 10));
  put_cursor("phone", 5);
  EXPECT_EQ(world_.connect("ann", {.device = "phone"})->seqs(group_.cid), range(6, 10));
  EXPECT_EQ(world_.connect("ann", {.device = "desk"})->seqs(group_.cid), range(3, 10));
  EXPECT_EQ(
      world_.connect("ann", {.device = "phone", .cursors = {{group_.cid, 8}}})->seqs(group_.cid),
      range(9, 10));
  EXPECT_EQ(
      world_.connect("ann", {.device = "phone", .cursors = {{group_.cid, 1}}})->seqs(group_.cid),
      range(2, 10));
}

// What another connection of his proved is no place of a session that goes on.
TEST_F(AttachmentTest, one_who_says_where_he_was_everywhere_begins_elsewhere_where_he_joined) {
  const auto other = DeliveryWorld::group(2);
  world_.make_group(other, {"bob", "ann"});
  world_.write(group_, "bob", 5);
  world_.write(other, "bob", 2);
  put_cursor("", 5);
  const auto ann = world_.connect("ann", {.cursors = {{other.cid, 1}}, .cursors_are_all = true});
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 5));
  EXPECT_EQ(ann->seqs(other.cid), range(2, 2));
}

TEST_F(AttachmentTest, a_cursor_at_the_head_brings_nothing_and_then_what_comes) {
  world_.write(group_, "bob", 4);
  const auto ann = world_.connect("ann", {.cursors = {{group_.cid, 4}}});
  EXPECT_TRUE(ann->seqs(group_.cid).empty());
  world_.write(group_, "bob", 1);
  world_.read_all();
  EXPECT_EQ(ann->seqs(group_.cid), range(5, 5));
}

TEST_F(AttachmentTest, who_misses_nothing_is_told_so_and_who_misses_something_is_not) {
  world_.write(group_, "bob", 4);
  const auto own = world_.own_log("ann").cid;
  const Seq added = world_.head(world_.own_log("ann"));
  const auto whole = world_.connect("ann", {.cursors = {{group_.cid, 4}, {own, added}}});
  EXPECT_EQ(whole->times_caught_up, 1);
  const auto behind = world_.connect("ann", {.cursors = {{group_.cid, 3}, {own, added}}});
  EXPECT_EQ(behind->times_caught_up, 0);
  EXPECT_EQ(behind->seqs(group_.cid), range(4, 4));
}

TEST_F(AttachmentTest, a_member_added_again_never_sees_what_was_said_without_him) {
  world_.write(group_, "ann", 2);
  world_.submit(world_.remove_entry(group_, "bob", "ann"));
  world_.settle();
  world_.write(group_, "ann", 3);
  world_.submit(world_.add_entry(group_, {"bob"}, "ann"));
  world_.settle();
  world_.write(group_, "ann", 1);
  for (const Seq claim : {0, 2, 3, 5})
    EXPECT_EQ(world_.connect("bob", {.cursors = {{group_.cid, claim}}})->seqs(group_.cid),
              range(7, 8));
}

TEST_F(AttachmentTest, cursors_of_conversations_that_are_not_his_are_passed_over) {
  world_.make_group(DeliveryWorld::group(2), {"bob"});
  world_.write(DeliveryWorld::group(2), "bob", 3);
  const auto ann = world_.connect(
      "ann",
      {.cursors = {
           {DeliveryWorld::group(2).cid, 1}, {DeliveryWorld::group(3).cid, 99}, {group_.cid, 0}}});
  EXPECT_TRUE(ann->seqs(DeliveryWorld::group(2).cid).empty());
  EXPECT_EQ(ann->count("session.reset"), 0U);
}

// --- reset

TEST_F(AttachmentTest, a_cursor_above_the_head_is_answered_by_a_reset_and_everything) {
  world_.write(group_, "bob", 3);
  const auto ann = world_.connect("ann", {.cursors = {{group_.cid, 4}}});
  EXPECT_EQ(ann->received.front().name, "session.reset");
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 3));
  EXPECT_FALSE(ann->closed.has_value());
}

TEST_F(AttachmentTest, cursors_of_another_epoch_are_answered_by_a_reset_and_everything) {
  world_.write(group_, "bob", 3);
  const auto ann = world_.connect("ann", {.cursors = {{group_.cid, 3}}, .epoch_matches = false});
  EXPECT_EQ(ann->received.front().name, "session.reset");
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 3));
}

TEST_F(AttachmentTest, a_stored_cursor_above_the_head_resets_and_closes_nobody) {
  world_.write(group_, "bob", 3);
  put_cursor("phone", 50);
  const auto ann = world_.connect("ann", {.device = "phone"});
  EXPECT_EQ(ann->count("session.reset"), 1U);
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 3));
  EXPECT_FALSE(ann->closed.has_value());
  world_.write(group_, "bob", 1);
  world_.read_all();
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 4));
}

// --- races

TEST_F(AttachmentTest, what_is_committed_at_any_moment_of_an_attachment_comes_once) {
  for (std::size_t moment = 0; moment < 12; ++moment) {
    const auto ann = world_.begin_connect("ann", {});
    const auto before = world_.head(group_);
    for (std::size_t i = 0; i < 14; ++i) {
      if (i == moment) {
        world_.submit(world_.send_entry(group_, "bob", "at" + std::to_string(moment)));
        world_.store.run_lane();
      }
      move(i);
    }
    world_.settle();
    world_.read_all();
    ASSERT_EQ(ann->seqs(group_.cid), range(1, before + 1)) << moment;
    world_.disconnect(ann);
    world_.settle();
  }
}

TEST_F(AttachmentTest, a_removal_at_any_moment_of_an_attachment_ends_it) {
  for (std::size_t moment = 0; moment < 12; ++moment) {
    const auto key = DeliveryWorld::group(static_cast<std::uint8_t>(100 + moment));
    world_.make_group(key, {"bob", "ann"});
    world_.write(key, "bob", 3);
    const auto ann = world_.begin_connect("ann", {});
    for (std::size_t i = 0; i < 14; ++i) {
      if (i == moment) {
        world_.submit(world_.remove_entry(key, "ann", "bob"));
        world_.submit(world_.send_entry(key, "bob", "secret"));
        world_.store.run_lane();
      }
      move(i);
    }
    world_.settle();
    world_.read_all();
    for (const auto seq : ann->seqs(key.cid))
      ASSERT_LE(seq, 4U) << moment;
    ASSERT_FALSE(ann->closed.has_value());
    world_.disconnect(ann);
    world_.settle();
  }
}

TEST_F(AttachmentTest, an_addition_at_any_moment_of_an_attachment_is_heard) {
  add_at_every_moment(130, [] {});
}

// Connections that name no device share a cursor: another one may have proved what is missed here.
TEST_F(AttachmentTest, an_addition_that_another_connection_has_proved_meanwhile_is_heard) {
  add_at_every_moment(160, [this] {
    auto proved = std::make_unique<conversations::CursorEntry>();
    proved->user = {app, user("ann")};
    proved->cursors = {{world_.own_log("ann").cid, world_.head(world_.own_log("ann"))}};
    world_.submit(std::move(proved));
    world_.store.run_lane();
  });
}

TEST_F(AttachmentTest, who_is_added_while_connected_sees_it_wherever_his_other_connections_are) {
  const auto ann = world_.connect("ann");
  const auto key = DeliveryWorld::group(9);
  world_.make_group(key, {"bob"});
  world_.submit(world_.add_entry(key, {"ann"}, "bob"));
  world_.submit(world_.send_entry(key, "bob", "welcome"));
  auto proved = std::make_unique<conversations::CursorEntry>();
  proved->user = {app, user("ann")};
  proved->cursors = {{key.cid, 2}};
  world_.submit(std::move(proved));
  world_.store.run_lane();
  world_.settle();
  world_.read_all();
  EXPECT_EQ(ann->seqs(key.cid), range(1, 2));
}

TEST_F(AttachmentTest, a_read_from_before_a_removal_that_was_seen_brings_nobody_back) {
  const auto bob = world_.connect("bob");
  world_.submit(world_.remove_entry(group_, "bob"));
  world_.submit(world_.add_entry(group_, {"bob"}));
  world_.submit(world_.send_entry(group_, "ann", "a1"));
  world_.store.run_lane();
  world_.run_reactors();
  ASSERT_EQ(world_.store.reads_waiting(), 2U);  // for the removal, and for the addition
  look_all();
  world_.store.answer();
  world_.run_reactors();
  EXPECT_EQ(world_.store.answers_waiting(), 1U);
  world_.submit(world_.remove_entry(group_, "bob"));
  world_.submit(world_.send_entry(group_, "ann", "a2"));
  world_.store.run_lane();
  world_.run_reactors();
  world_.settle();
  world_.read_all();
  EXPECT_EQ(bob->seqs(group_.cid), range(1, 4));
}

TEST_F(AttachmentTest, a_channel_that_is_left_and_joined_again_is_confirmed_anew) {
  DeliveryWorld world{2};
  world.make_group(group_, {"ann", "bob"});
  const auto other = 1 - world.homes.index_of(group_);
  for (int round = 0; round < 20; ++round) {
    const auto first = world.begin_connect("ann", {.reactor = other});
    for (int i = 0; i < round; ++i)
      world.settle_once();
    world.disconnect(first);
    const auto second = world.begin_connect("ann", {.reactor = other});
    world.submit(world.send_entry(group_, "bob", "m" + std::to_string(round)));
    world.store.run_lane();
    world.settle();
    world.read_all();
    ASSERT_EQ(second->seqs(group_.cid), range(1, world.head(group_))) << round;
    world.disconnect(second);
    world.settle();
    ASSERT_EQ(world.hub(other).channels(), 0U);
    ASSERT_EQ(world.registries[1 - other]->channels(), 0U);
  }
}

TEST_F(AttachmentTest, a_read_that_fails_closes_the_session_so_that_it_comes_back) {
  world_.store.fail_read = [] {
    return std::optional<base::Fault>{base::Fault{base::Errc::overloaded, "later"}};
  };
  const auto ann = world_.connect("ann");
  EXPECT_EQ(ann->closed, CloseCode::server_error);
  world_.store.fail_read = nullptr;
  world_.disconnect(ann);
  EXPECT_EQ(world_.hub().channels(), 0U);
}

TEST(AttachmentEnd, reads_and_tasks_may_outlive_the_hub) {
  auto world = std::make_unique<DeliveryWorld>(2);
  const auto key = DeliveryWorld::group(1);
  world->make_group(key, {"ann", "bob"});
  world->begin_connect("ann", {.reactor = 0});
  world->begin_connect("bob", {.reactor = 1});
  world->run_reactors();
  while (world->store.reads_waiting() > 1)
    world->store.look();
  world.reset();  // with a read that waits, an answer that waits and tasks unrun
}

}  // namespace
}  // namespace kith::delivery
