#include "delivery/relay.hpp"

#include "delivery/cluster_test.hpp"

#include <gtest/gtest.h>

// Several nodes over one database: who is connected elsewhere hears of everything, whatever the
// broker does.
namespace kith::delivery {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Way = ports::MemoryBroker::Way;

class RelayTest : public ::testing::Test {
 protected:
  RelayTest() {
    nodes_[0].make_group(group_, {"ann", "bob", "cid"});
    ann_ = nodes_.connect(0, "ann");
    bob_ = nodes_.connect(1, "bob");
  }

  Relay& relay(std::size_t node) { return *nodes_[node].relays[0]; }

  // Ann's frame gets as far as the way to the other node, and vanishes there.
  void send_and_lose(std::string id) {
    nodes_.broker_moves = false;
    nodes_.send(0, ann_, group_, std::move(id));
    nodes_.broker.step(nodes_.link(0), Way::commands);
    ASSERT_TRUE(nodes_.broker.lose(nodes_.link(1), 0));
    nodes_.broker_moves = true;
  }

  Cluster nodes_;
  const ConversationKey group_ = DeliveryWorld::group(1);
  ClientPtr ann_;
  ClientPtr bob_;
};

TEST_F(RelayTest, what_is_sent_at_one_node_is_heard_at_the_other_in_order) {
  for (int i = 1; i <= 3; ++i)
    nodes_.send(0, ann_, group_, "m" + std::to_string(i));
  EXPECT_EQ(bob_->seqs(group_.cid), range(1, 3));
  nodes_.send(1, bob_, group_, "b1");
  EXPECT_EQ(ann_->seqs(group_.cid), range(4, 4));
  EXPECT_EQ(bob_->seqs(group_.cid), range(1, 3));
}

TEST_F(RelayTest, what_nobody_else_listens_to_is_not_published) {
  auto cid = nodes_.connect(0, "cid");
  nodes_[1].disconnect(bob_);
  nodes_.settle();
  nodes_.send(0, ann_, group_, "m1");  // goes out, and reaches this node alone
  nodes_.broker_moves = false;
  nodes_.send(0, ann_, group_, "m2");
  EXPECT_EQ(nodes_.broker.waiting(nodes_.link(0), Way::commands), 0U);
  EXPECT_EQ(cid->seqs(group_.cid), range(1, 2));
  EXPECT_EQ(relay(0).open_skips(), 1U);
  nodes_.broker_moves = true;
  nodes_.pass(seconds{1});
  EXPECT_EQ(relay(0).open_skips(), 0U);
}

TEST_F(RelayTest, a_skip_that_was_wrong_is_made_good_within_a_second) {
  nodes_[1].disconnect(bob_);
  nodes_.settle();
  nodes_.send(0, ann_, group_, "m1");
  auto bob = nodes_[1].begin_connect("bob", {});
  // He is subscribed and has read before the greeting reaches the other node.
  for (bool again = true; again;) {
    again = nodes_.broker.step(nodes_.link(1), Way::subscriptions);
    again = nodes_.broker.step(nodes_.link(1), Way::messages) || again;
    again = nodes_[1].settle_once() || again;
  }
  nodes_.broker_moves = false;
  nodes_.send(0, ann_, group_, "m2");
  EXPECT_EQ(bob->seqs(group_.cid), range(1, 1));
  nodes_.broker_moves = true;
  nodes_.pass(milliseconds{1'100});
  EXPECT_EQ(bob->seqs(group_.cid), range(1, 2));
}

TEST_F(RelayTest, an_answer_closes_no_skip_that_was_made_after_its_question) {
  nodes_[1].disconnect(bob_);
  nodes_.settle();
  nodes_.send(0, ann_, group_, "m1");
  nodes_.send(0, ann_, group_, "m2");
  ASSERT_EQ(relay(0).open_skips(), 1U);
  nodes_.broker_moves = false;
  nodes_[0].pass(seconds{1});
  while (nodes_.broker.step(nodes_.link(0), Way::commands)) {
  }
  // The broker has said that nobody else is there; now somebody comes, and reads.
  auto bob = nodes_[1].begin_connect("bob", {});
  for (bool again = true; again;) {
    again = nodes_.broker.step(nodes_.link(1), Way::subscriptions);
    again = nodes_.broker.step(nodes_.link(1), Way::messages) || again;
    again = nodes_[1].settle_once() || again;
  }
  nodes_.send(0, ann_, group_, "m3");
  while (nodes_.broker.step(nodes_.link(0), Way::answers)) {
  }
  nodes_.settle();
  EXPECT_EQ(relay(0).open_skips(), 1U);
  EXPECT_EQ(bob->seqs(group_.cid), range(1, 2));
  nodes_.broker_moves = true;
  nodes_.pass(milliseconds{1'100});
  EXPECT_EQ(bob->seqs(group_.cid), range(1, 3));
}

TEST_F(RelayTest, what_was_committed_while_the_link_was_down_is_found_by_comparing) {
  nodes_.broker.cut_link(nodes_.link(1));
  nodes_.send(0, ann_, group_, "m1");
  EXPECT_TRUE(bob_->seqs(group_.cid).empty());
  nodes_.broker.notice(nodes_.link(1));
  nodes_.pass(milliseconds{1'100});
  EXPECT_EQ(bob_->seqs(group_.cid), range(1, 1));
}

TEST_F(RelayTest, without_a_broker_heads_are_compared_every_second) {
  nodes_.broker.set_reachable(false);
  for (std::size_t i = 0; i < 2; ++i)
    nodes_.broker.notice(nodes_.link(i));
  nodes_.settle();
  nodes_.send(0, ann_, group_, "m1");
  EXPECT_TRUE(bob_->seqs(group_.cid).empty());
  EXPECT_EQ(relay(0).unpublished(), 1U);
  nodes_.pass(milliseconds{1'100});
  EXPECT_EQ(bob_->seqs(group_.cid), range(1, 1));
  nodes_.broker.set_reachable(true);
  nodes_.pass(seconds{1});
  EXPECT_EQ(relay(0).unpublished(), 0U);
  nodes_.send(0, ann_, group_, "m2");
  EXPECT_EQ(bob_->seqs(group_.cid), range(1, 2));
}

TEST_F(RelayTest, what_the_broker_did_not_answer_is_published_again_when_there_is_a_link) {
  nodes_.broker_moves = false;
  nodes_.send(0, ann_, group_, "m1");
  nodes_.broker.cut_link(nodes_.link(0));
  nodes_.broker.notice(nodes_.link(0));
  nodes_.settle();
  EXPECT_EQ(relay(0).unpublished(), 1U);
  nodes_.broker_moves = true;
  nodes_.settle();
  EXPECT_EQ(bob_->seqs(group_.cid), range(1, 1));
}

TEST_F(RelayTest, a_link_the_broker_forgot_is_noticed_and_made_again) {
  nodes_.broker.break_link(nodes_.link(1));
  nodes_.send(0, ann_, group_, "m1");
  EXPECT_TRUE(bob_->seqs(group_.cid).empty());
  nodes_.pass(milliseconds{2'200});
  EXPECT_EQ(bob_->seqs(group_.cid), range(1, 1));
}

TEST_F(RelayTest, a_frame_that_vanishes_is_found_by_the_next) {
  ASSERT_NO_FATAL_FAILURE(send_and_lose("m1"));
  nodes_.settle();
  EXPECT_TRUE(bob_->seqs(group_.cid).empty());
  nodes_.send(0, ann_, group_, "m2");
  EXPECT_EQ(bob_->seqs(group_.cid), range(1, 2));
}

TEST_F(RelayTest, a_frame_that_vanishes_and_is_the_last_is_found_within_a_minute) {
  ASSERT_NO_FATAL_FAILURE(send_and_lose("m1"));
  nodes_.pass(seconds{62});
  EXPECT_EQ(bob_->seqs(group_.cid), range(1, 1));
}

TEST_F(RelayTest, repeated_and_late_frames_show_nothing_twice) {
  nodes_.broker_moves = false;
  for (int i = 1; i <= 3; ++i)
    nodes_.send(0, ann_, group_, "m" + std::to_string(i));
  while (nodes_.broker.step(nodes_.link(0), Way::commands)) {
  }
  ASSERT_TRUE(nodes_.broker.repeat(nodes_.link(1), 0, 2));
  ASSERT_TRUE(nodes_.broker.move(nodes_.link(1), 3, 0));
  nodes_.broker_moves = true;
  nodes_.settle();
  EXPECT_EQ(bob_->seqs(group_.cid), range(1, 3));
}

TEST_F(RelayTest, the_death_of_a_peer_makes_the_others_compare) {
  nodes_.pass(seconds{2});
  auto* dead = nodes_.nodes[0].get();
  nodes_.broker_moves = false;
  nodes_.send(0, ann_, group_, "m1");  // committed, not yet told
  EXPECT_TRUE(bob_->seqs(group_.cid).empty());
  ann_.reset();
  dead->store.abandon();
  nodes_.nodes.erase(nodes_.nodes.begin());
  nodes_.broker_moves = true;
  nodes_.pass(milliseconds{7'000});
  EXPECT_EQ(bob_->seqs(group_.cid), range(1, 1));
}

TEST_F(RelayTest, a_retry_at_another_node_is_answered_as_a_duplicate_and_told) {
  auto ann = nodes_.connect(1, "ann");
  nodes_.broker_moves = false;
  nodes_.send(0, ann_, group_, "m1");
  nodes_.send(1, ann, group_, "m1");
  EXPECT_EQ(ann->count("ack"), 1U);
  EXPECT_TRUE(ann->received.back().duplicate);
  EXPECT_EQ(bob_->seqs(group_.cid), range(1, 1));
}

TEST_F(RelayTest, rights_changed_at_another_node_hold_here) {
  nodes_.send(1, bob_, group_, "b1");  // loaded at both
  nodes_.send(0, ann_, group_, "a1");
  nodes_.broker_moves = false;
  nodes_[0].submit(nodes_[0].remove_entry(group_, "bob"));
  nodes_[0].settle();
  nodes_.send(1, bob_, group_, "b2");
  EXPECT_EQ(bob_->count("refused"), 1U);
  nodes_.broker_moves = true;
  nodes_.settle();
  EXPECT_EQ(bob_->count("member.removed"), 1U);
  nodes_.send(0, ann_, group_, "a2");
  EXPECT_EQ(bob_->seqs(group_.cid).back(), 3U);
}

TEST_F(RelayTest, who_is_added_at_another_node_hears_the_conversation) {
  auto dan = nodes_.connect(1, "dan");
  nodes_[0].submit(nodes_[0].add_entry(group_, {"dan"}));
  nodes_.settle();
  EXPECT_EQ(dan->count("conversation.added"), 1U);
  nodes_.send(0, ann_, group_, "m1");
  EXPECT_EQ(dan->seqs(group_.cid).back(), 2U);
  nodes_.send(1, dan, group_, "d1");  // what node 1 had loaded did not know him
  EXPECT_EQ(dan->count("ack"), 1U);
}

TEST_F(RelayTest, an_early_message_is_shown_and_settled_at_the_other_node) {
  auto& node = nodes_[0];
  node.show_within = milliseconds{0};
  node.begin_send(ann_, group_, "m1");
  node.pass(milliseconds{1});
  for (bool again = true; again;) {  // everything but the lane of node 0
    again = node.answer_reads();
    node.run_reactors();
    again = nodes_.broker.run() || again;
    again = nodes_[1].settle_once() || again;
    nodes_[1].read_all();
  }
  ASSERT_EQ(bob_->count("message.new"), 1U);
  EXPECT_FALSE(bob_->received.back().numbered);
  nodes_.settle();
  EXPECT_EQ(bob_->count("message.stored"), 1U);
  EXPECT_EQ(bob_->count("message.new"), 1U);
  EXPECT_EQ(bob_->received.back().seq, 1U);
}

TEST_F(RelayTest, an_early_message_of_a_node_that_dies_is_retracted_after_ten_seconds) {
  auto& node = nodes_[0];
  node.show_within = milliseconds{0};
  node.begin_send(ann_, group_, "m1");
  node.pass(milliseconds{1});
  for (bool again = true; again;) {
    again = node.answer_reads();
    node.run_reactors();
    again = nodes_.broker.run() || again;
    again = nodes_[1].settle_once() || again;
    nodes_[1].read_all();
  }
  ASSERT_EQ(bob_->count("message.new"), 1U);
  ann_.reset();
  nodes_.nodes.erase(nodes_.nodes.begin());
  nodes_.pass(seconds{12});
  EXPECT_EQ(bob_->count("message.retracted"), 1U);
}

TEST_F(RelayTest, a_database_that_went_back_gets_another_epoch_and_all_nodes_hear_of_it_once) {
  nodes_.send(0, ann_, group_, "m1");
  nodes_.send(0, ann_, group_, "m2");
  relay(1).publish_head(group_, 7);  // as if it had been told so
  nodes_.pass(seconds{62});
  nodes_.pass(seconds{2});
  for (std::size_t i = 0; i < 2; ++i)
    EXPECT_EQ(nodes_[i].epochs, std::vector<std::string>{"e2"});
}

TEST_F(RelayTest, nothing_stays_when_everybody_has_left) {
  nodes_.send(0, ann_, group_, "m1");
  nodes_[0].disconnect(ann_);
  nodes_[1].disconnect(bob_);
  nodes_.pass(seconds{2});
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(relay(i).topics(), 0U);
    EXPECT_EQ(relay(i).open_skips(), 0U);
  }
}

TEST_F(RelayTest, bytes_that_are_no_frame_are_passed_over) {
  relay(1).on_message(channel_of(group_), "nonsense");
  relay(1).on_message("another:channel", "nonsense");
  relay(1).on_message(channel_of(group_), std::string{"\1\1\4who?", 7});
  nodes_.send(0, ann_, group_, "m1");
  EXPECT_EQ(bob_->seqs(group_.cid), range(1, 1));
}

TEST_F(RelayTest, what_is_not_stored_is_broadcast_to_other_nodes_too) {
  wire::engineio::OutMessage::Builder builder{wire::engineio::OutMessage::Builder::Kind::text};
  builder.buffer() += R"(2["typing",{}])";
  nodes_[0].registries[0]->broadcast(
      group_, std::move(builder).finish(), {.except = ann_->session->id()});
  nodes_.settle();
  EXPECT_EQ(bob_->count("typing"), 1U);
  EXPECT_EQ(ann_->count("typing"), 0U);
}

}  // namespace
}  // namespace kith::delivery
