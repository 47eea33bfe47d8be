#include "delivery/hub.hpp"
#include "delivery/world_test.hpp"

#include <gtest/gtest.h>

// Messages that are shown before they are stored.
namespace kith::delivery {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class EarlyTest : public ::testing::Test {
 protected:
  EarlyTest() {
    world_.make_group(group_, {"ann", "bob", "cid"});
    ann_ = world_.connect("ann");
    bob_ = world_.connect("bob");
    world_.read_all();
    ann_->received.clear();
    bob_->received.clear();
    world_.show_within = milliseconds{5};
  }

  // Sends, and lets time pass while the lane stands still.
  void send_early(const ClientPtr& client, std::string id, base::Duration time = milliseconds{5}) {
    world_.begin_send(client, group_, std::move(id));
    move_without_lane();
    world_.pass(time);
    move_without_lane();
    read_all();
  }

  void move_without_lane() {
    do
      world_.run_reactors();
    while (world_.answer_reads());
  }

  void read_all() {
    for (const auto& client : world_.clients)
      client->read_all();
  }

  std::vector<std::string> names(const ClientPtr& client) {
    std::vector<std::string> found;
    for (const auto& seen : client->received)
      if (seen.cid == group_.cid && seen.name != "message.delivered") found.push_back(seen.name);
    return found;
  }

  using Names = std::vector<std::string>;

  std::shared_ptr<ports::MemoryDatabase> database_ = std::make_shared<ports::MemoryDatabase>();
  DeliveryWorld world_{1, {}, {50, 1'000}, database_};
  const ConversationKey group_ = DeliveryWorld::group(1);
  ClientPtr ann_;
  ClientPtr bob_;
};

TEST_F(EarlyTest, it_is_shown_without_a_number_and_gets_one_when_it_is_stored) {
  send_early(ann_, "m1");
  ASSERT_EQ(names(bob_), Names{"message.new"});
  EXPECT_EQ(bob_->received.back().seq, 0U);
  world_.read_all();
  ASSERT_EQ(names(bob_), (Names{"message.new", "message.stored"}));
  EXPECT_EQ(bob_->received[0].id, bob_->received[1].id);
  EXPECT_EQ(bob_->received[1].seq, 1U);
  EXPECT_EQ(names(ann_), Names{"ack"});
}

TEST_F(EarlyTest, whoever_was_not_shown_it_gets_the_whole_message) {
  send_early(ann_, "m1");
  auto cid = world_.begin_connect("cid", {});
  world_.read_all();
  EXPECT_EQ(names(cid), Names{"message.new"});
  EXPECT_EQ(cid->received.back().seq, 1U);
}

TEST_F(EarlyTest, whoever_was_not_shown_the_one_before_is_not_shown_the_next_before_it) {
  send_early(ann_, "m1");
  auto cid = world_.begin_connect("cid", {});
  move_without_lane();
  read_all();
  send_early(ann_, "m2");
  EXPECT_EQ(names(bob_), (Names{"message.new", "message.new"}));
  EXPECT_EQ(names(cid), Names{});
  world_.read_all();
  EXPECT_EQ(cid->seqs(group_.cid), range(1, 2));
}

TEST_F(EarlyTest, who_sent_the_one_before_is_shown_the_next) {
  send_early(ann_, "m1");
  send_early(bob_, "m2");
  EXPECT_EQ(names(ann_), Names{"message.new"});
}

TEST_F(EarlyTest, it_moves_no_position_and_proves_nothing) {
  bob_->proves = true;
  for (int i = 0; i < 3; ++i) {  // what he was sent on connecting is proved
    world_.pass(seconds{1});
    world_.read_all();
  }
  const auto before = bob_->asked_to_prove;
  send_early(ann_, "m1", seconds{3});
  EXPECT_EQ(bob_->asked_to_prove, before);
  world_.disconnect(bob_);
  world_.read_all();
  auto again = world_.connect("bob");
  EXPECT_EQ(names(again), Names{"message.new"});
}

TEST_F(EarlyTest, one_who_falls_behind_meanwhile_is_told_the_number_by_his_page) {
  send_early(ann_, "m1");
  bob_->push(300 * 1'024, [] {});
  world_.show_within.reset();
  world_.begin_send(ann_, group_, "m2");
  world_.settle();
  EXPECT_EQ(names(bob_), Names{"message.new"});
  world_.read_all();
  EXPECT_EQ(names(bob_), (Names{"message.new", "message.stored", "message.new"}));
  EXPECT_EQ(bob_->seqs(group_.cid), range(1, 2));
}

TEST_F(EarlyTest, one_who_is_behind_is_shown_nothing_early) {
  bob_->push(300 * 1'024, [] {});
  send_early(ann_, "m1");
  EXPECT_EQ(names(bob_), Names{});
  world_.read_all();
  EXPECT_EQ(names(bob_), Names{"message.new"});
}

TEST_F(EarlyTest, what_is_refused_after_it_was_shown_is_retracted) {
  send_early(ann_, "m1");
  world_.store.fail_step = [](const ports::Step& step) -> std::optional<ports::StepFailed> {
    if (!std::holds_alternative<ports::WriteStep>(step)) return std::nullopt;
    return ports::StepFailed{false, {base::Errc::quota_exceeded, "the disk is full"}};
  };
  world_.read_all();
  EXPECT_EQ(names(bob_), (Names{"message.new", "message.retracted"}));
  EXPECT_EQ(bob_->received[0].id, bob_->received[1].id);
}

TEST_F(EarlyTest, what_was_retracted_may_still_come_and_comes_whole) {
  send_early(ann_, "m1");
  world_.hub().on_retract(
      group_,
      domain::message_id(
          world_.store.meta().id_key, group_, user("ann"), conversations::ClientId{"m1"}));
  world_.read_all();
  EXPECT_EQ(names(bob_), (Names{"message.new", "message.retracted", "message.new"}));
  EXPECT_EQ(bob_->received.back().seq, 1U);
}

TEST_F(EarlyTest, a_repeated_frame_shows_nothing_twice_before_and_after_it_is_stored) {
  const conversations::EarlyMessage message{
      .key = group_,
      .id = domain::message_id(
          world_.store.meta().id_key, group_, user("ann"), conversations::ClientId{"m1"}),
      .sender = user("ann"),
      .client_id = conversations::ClientId{"m1"},
      .body = conversations::body("hi"),
      .origin = {0, ann_->session->id()}};
  send_early(ann_, "m1");
  world_.hub().on_early(encode_early(message));
  world_.read_all();
  world_.hub().on_early(encode_early(message));
  world_.read_all();
  EXPECT_EQ(names(bob_), (Names{"message.new", "message.stored"}));
}

TEST_F(EarlyTest, where_memory_does_not_reach_back_it_is_not_shown) {
  world_.show_within.reset();
  for (int i = 0; i < 200; ++i)
    world_.begin_send(ann_, group_, "m" + std::to_string(i));
  world_.read_all();
  const auto before = names(bob_).size();
  world_.hub().on_early(encode_early({.key = group_,
                                      .sender = user("ann"),
                                      .client_id = conversations::ClientId{"m0"},
                                      .body = conversations::body("hi"),
                                      .after = 3}));
  world_.read_all();
  EXPECT_EQ(names(bob_).size(), before);
}

TEST_F(EarlyTest, a_session_is_shown_at_most_so_many_that_are_not_settled) {
  for (std::size_t i = 0; i < base::limits::early_max + 5; ++i)
    world_.begin_send(ann_, group_, "m" + std::to_string(i));
  move_without_lane();
  world_.pass(milliseconds{5});
  move_without_lane();
  read_all();
  EXPECT_EQ(names(bob_).size(), base::limits::early_max);
  world_.read_all();
  EXPECT_EQ(bob_->count("message.stored"), base::limits::early_max);
  EXPECT_EQ(bob_->seqs(group_.cid), range(1, base::limits::early_max + 5));
}

TEST_F(EarlyTest, what_becomes_of_it_is_not_told_to_one_who_was_removed) {
  send_early(ann_, "m1");
  world_.store.run_lane();
  world_.show_within.reset();
  world_.submit(world_.remove_entry(group_, "bob"));
  world_.read_all();
  EXPECT_EQ(bob_->count("message.stored"), 1U);
  send_early(ann_, "m2");
  EXPECT_EQ(bob_->count("message.new"), 1U);
}

TEST_F(EarlyTest, a_message_of_another_node_that_is_not_stored_after_ten_seconds_is_retracted) {
  world_.hub().on_early(encode_early({.key = group_,
                                      .id = MessageId::from_view("0123456789abcdef"),
                                      .sender = user("ann"),
                                      .client_id = conversations::ClientId{"elsewhere"},
                                      .body = conversations::body("hi"),
                                      .here = false}));
  world_.pass(seconds{9});
  world_.read_all();
  EXPECT_EQ(names(bob_), Names{"message.new"});
  world_.pass(seconds{2});
  world_.read_all();
  world_.pass(seconds{1});
  world_.read_all();
  EXPECT_EQ(names(bob_), (Names{"message.new", "message.retracted"}));
}

TEST_F(EarlyTest, a_message_of_another_node_that_is_stored_and_was_not_told_is_found) {
  const conversations::ClientId client_id{"elsewhere"};
  const auto id = domain::message_id(world_.store.meta().id_key, group_, user("ann"), client_id);
  world_.hub().on_early(encode_early({.key = group_,
                                      .id = id,
                                      .sender = user("ann"),
                                      .client_id = client_id,
                                      .body = conversations::body("hi"),
                                      .here = false}));
  // Another node commits it, and its frame vanishes.
  conversations::Listening heard;
  conversations::World elsewhere{1, database_};
  elsewhere.start({&heard});
  elsewhere.submit(elsewhere.send_entry(group_, "ann", "elsewhere"));
  elsewhere.settle();
  ASSERT_EQ(world_.head(group_), 1U);
  for (int i = 0; i < 12; ++i) {
    world_.pass(seconds{1});
    world_.read_all();
  }
  EXPECT_EQ(names(bob_), (Names{"message.new", "message.stored"}));
}

}  // namespace
}  // namespace kith::delivery
