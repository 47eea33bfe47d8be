#include "delivery/session_fixture_test.hpp"

// Slow readers, own messages and ends.
namespace kith::delivery {
namespace {

namespace limits = base::limits;

// --- slow readers

TEST_F(SessionTest, a_reader_without_progress_for_a_minute_is_closed) {
  const auto ann = world_.connect("ann");
  flood(group_, 40, 12'000);
  pass(HubOptions{}.slow_reader_timeout_ms - 10);
  EXPECT_FALSE(ann->closed.has_value());
  pass(20);
  EXPECT_EQ(ann->closed, CloseCode::slow_reader);
}

TEST_F(SessionTest, a_reader_that_is_behind_from_the_start_and_never_reads_is_closed_too) {
  flood(group_, 40, 12'000);
  const auto ann = world_.begin_connect("ann", {});
  world_.settle();
  EXPECT_GT(ann->queued_bytes(), limits::outbox_low_bytes);
  pass(HubOptions{}.slow_reader_timeout_ms + 10);
  EXPECT_EQ(ann->closed, CloseCode::slow_reader);
}

TEST_F(SessionTest, a_reader_that_makes_some_progress_stays) {
  const auto ann = world_.connect("ann");
  flood(group_, 40, 12'000);
  for (int minute = 0; minute < 10; ++minute) {
    ann->read(1);
    pass(HubOptions{}.slow_reader_timeout_ms);
  }
  EXPECT_FALSE(ann->closed.has_value());
  world_.read_all();
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 40));
  pass(3 * HubOptions{}.slow_reader_timeout_ms);
  EXPECT_FALSE(ann->closed.has_value());
}

TEST_F(SessionTest, ephemeral_frames_are_dropped_above_the_high_mark_only) {
  const auto ann = world_.connect("ann");
  const auto frame = wire::engineio::OutMessage::text("2[\"typing.start\",{}]");
  EXPECT_TRUE(ann->session->send_ephemeral(frame));
  flood(group_, 40, 12'000);
  EXPECT_FALSE(ann->session->send_ephemeral(frame));
  world_.read_all();
  EXPECT_TRUE(ann->session->send_ephemeral(frame));
}

// --- own messages

TEST_F(SessionTest, while_behind_the_answer_goes_at_once_and_pages_leave_it_out) {
  const auto ann = world_.connect("ann");
  flood(group_, 40, 12'000);
  world_.begin_send(ann, group_, "a1");
  world_.settle();
  flood(group_, 3, 2);
  world_.read_all();
  auto expected = range(1, 44);
  std::erase(expected, 41U);
  EXPECT_EQ(ann->seqs(group_.cid), expected);
  EXPECT_EQ(ann->count("ack"), 1U);
}

TEST_F(SessionTest, a_page_with_an_own_message_waits_for_its_answer) {
  const auto ann = world_.connect("ann");
  flood(group_, 40, 12'000);
  const auto number = ann->session->begin_send();
  world_.write(group_, "ann", 1);
  flood(group_, 3, 2);
  world_.read_all();
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 40));
  ann->session->note_acked(group_, 41, {});
  ann->session->end_send(number);
  world_.read_all();
  auto expected = range(1, 44);
  std::erase(expected, 41U);
  EXPECT_EQ(ann->seqs(group_.cid), expected);
}

TEST_F(SessionTest, a_message_of_another_device_waits_only_for_what_was_on_its_way_before) {
  const auto ann = world_.connect("ann");
  flood(group_, 40, 12'000);
  const auto before = ann->session->begin_send();
  world_.write(group_, "ann", 1);
  world_.read_all();
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 40));
  ann->session->begin_send();  // and so on: a client that always has one on its way
  ann->session->end_send(before);
  world_.read_all();
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 41));
  world_.write(group_, "bob", 1);
  world_.read_all();
  EXPECT_EQ(ann->seqs(group_.cid), range(1, 42));
}

TEST_F(SessionTest, an_answer_given_while_behind_is_remembered_over_a_removal_and_return) {
  const auto carl = world_.connect("carl");
  flood(group_, 30, 12'000);
  world_.submit(world_.remove_entry(group_, "carl", "ann"));
  world_.submit(world_.add_entry(group_, {"carl"}, "ann"));
  world_.settle();
  world_.begin_send(carl, group_, "c1");
  world_.settle();
  flood(group_, 2, 2);
  world_.read_all();
  auto expected = range(1, 35);
  std::erase(expected, 33U);
  EXPECT_EQ(carl->seqs(group_.cid), expected);
  EXPECT_EQ(carl->count("ack"), 1U);
}

TEST_F(SessionTest, own_messages_passed_over_by_a_gap_are_forgotten) {
  const auto ann = world_.connect("ann");
  flood(group_, 40, 12'000);
  for (int i = 0; i < 10; ++i)
    world_.begin_send(ann, group_, "a" + std::to_string(i));
  world_.settle();
  flood(group_, static_cast<int>(limits::behind_events_max) + 200, 2);
  world_.read_all();
  EXPECT_TRUE(ann->session->may_send());
  EXPECT_EQ(ann->seqs(group_.cid).back(), world_.head(group_));
}

TEST_F(SessionTest, too_many_answered_messages_that_wait_stop_further_ones) {
  const auto ann = world_.connect("ann");
  flood(group_, 40, 12'000);
  EXPECT_TRUE(ann->session->may_send());
  for (Seq seq = 1'000; seq < 1'000 + 1'024; ++seq)
    ann->session->note_acked(group_, seq, {});
  EXPECT_FALSE(ann->session->may_send());
  ann->session->note_acked(group_, 1'000, {});               // known
  ann->session->note_acked(DeliveryWorld::group(9), 5, {});  // not listened to
  world_.disconnect(ann);
}

TEST_F(SessionTest, a_duplicate_is_answered_on_the_connection_that_retries) {
  const auto first = world_.connect("ann");
  world_.send(first, group_, "a1");
  world_.disconnect(first);
  const auto second = world_.connect("ann", {.cursors = {{group_.cid, 0}}});
  EXPECT_EQ(second->seqs(group_.cid), range(1, 1));
  world_.send(second, group_, "a1");
  EXPECT_EQ(second->count("ack"), 1U);
  EXPECT_TRUE(second->received.back().duplicate);
  EXPECT_EQ(second->received.back().seq, 1U);
}

// --- ends

TEST_F(SessionTest, a_session_may_end_while_its_page_is_read) {
  flood(group_, 40, 12'000);
  const auto ann = world_.begin_connect("ann", {});
  for (int i = 0; i < 4; ++i) {
    world_.run_reactors();
    while (world_.store.reads_waiting() > 0)
      world_.store.look();
    if (world_.store.answers_waiting() > 0) world_.store.answer();
  }
  world_.disconnect(ann);
  world_.settle();
  EXPECT_EQ(world_.hub().channels(), 0U);
}

TEST_F(SessionTest, a_session_may_end_after_every_number_of_steps) {
  flood(group_, 300, 10);
  for (std::size_t steps = 0; steps < 40; ++steps) {
    const auto ann = world_.begin_connect("ann", {});
    for (std::size_t i = 0; i < steps; ++i) {
      if (world_.reactors[0]->waiting_tasks() > 0)
        world_.reactors[0]->run_one_task();
      else if (world_.store.answers_waiting() > 0)
        world_.store.answer();
      else if (world_.store.reads_waiting() > 0)
        world_.store.look();
      ann->read(30);
    }
    world_.disconnect(ann);
    world_.settle();
    ASSERT_EQ(world_.hub().channels(), 0U) << steps;
    ASSERT_EQ(world_.registries[0]->channels(), 0U) << steps;
  }
}

}  // namespace
}  // namespace kith::delivery
