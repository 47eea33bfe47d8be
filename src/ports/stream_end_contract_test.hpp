#pragma once

#include "ports/stream_fixture_test.hpp"

// How a stream ends, from either side: the peer's end is told once, one's own not at all.
namespace kith::ports::contract {

TEST_P(StreamContract, the_peers_end_is_told_once_behind_its_bytes) {
  std::string before;
  ear_.when_closed = [&] {
    before = ear_.heard;
    EXPECT_FALSE(stream_->open());
    EXPECT_EQ(stream_->queued_bytes(), 0U);
  };
  listen();
  far_->send("last words");
  far_->end();
  EXPECT_EQ(ear_.calls, 0);
  ASSERT_TRUE(run_until([&] { return ear_.closed > 0; }));
  EXPECT_EQ(before, "last words");
  turns();
  EXPECT_EQ(ear_.closed, 1);
  EXPECT_EQ(stream_->release(), nullptr);
}

TEST_P(StreamContract, a_reset_is_told_once) {
  listen();
  far_->reset();
  ASSERT_TRUE(run_until([&] { return ear_.closed > 0; }));
  turns();
  EXPECT_EQ(ear_.calls, 1);
  EXPECT_FALSE(stream_->open());
}

TEST_P(StreamContract, a_reset_is_told_while_bytes_wait) {
  listen();
  fill();
  far_->reset();
  ASSERT_TRUE(run_until([&] { return ear_.closed > 0; }));
  turns();
  EXPECT_EQ(ear_.calls, 1);
  EXPECT_EQ(stream_->queued_bytes(), 0U);
}

TEST_P(StreamContract, a_reset_is_told_while_it_is_paused) {
  listen();
  stream_->pause();
  far_->reset();
  ASSERT_TRUE(run_until([&] { return ear_.closed > 0; }));
  EXPECT_EQ(ear_.calls, 1);
}

TEST_P(StreamContract, paused_it_hears_of_an_orderly_end_behind_the_bytes_when_it_reads_again) {
  listen();
  stream_->pause();
  far_->send("unread");
  far_->end();
  turns();
  EXPECT_EQ(ear_.calls, 0);
  stream_->resume();
  ASSERT_TRUE(run_until([&] { return ear_.closed > 0; }));
  EXPECT_EQ(ear_.heard, "unread");
}

TEST_P(StreamContract, without_a_handler_the_peers_end_waits_for_the_next_one) {
  listen();
  stream_->set_handler(nullptr);
  far_->end();
  turns();
  EXPECT_TRUE(stream_->open());
  listen();
  EXPECT_EQ(ear_.calls, 0);
  ASSERT_TRUE(run_until([&] { return ear_.closed > 0; }));
  EXPECT_EQ(ear_.calls, 1);
}

TEST_P(StreamContract, writing_to_a_peer_that_is_gone_does_not_call_back_before_the_ticks_end) {
  listen();
  int calls = -1;
  far_->reset();
  stream_->write("to nobody");
  stream_->write(std::make_shared<const std::string>("to nobody"), 0, 9);
  calls = ear_.calls;
  ASSERT_TRUE(run_until([&] { return ear_.closed > 0; }));
  EXPECT_EQ(calls, 0);
  turns();
  EXPECT_EQ(ear_.calls, 1);
}

TEST_P(StreamContract, close_sends_what_is_queued_then_ends) {
  listen();
  stream_->write("good");
  stream_->write("bye");
  stream_->close();
  EXPECT_FALSE(stream_->open());
  EXPECT_EQ(stream_->queued_bytes(), 0U);
  ASSERT_TRUE(run_until_over());
  EXPECT_EQ(arrived_, "goodbye");
  EXPECT_EQ(far_->state(), FarEnd::State::ended);
}

TEST_P(StreamContract, close_sends_what_is_queued_to_a_slow_peer_and_though_the_stream_is_gone) {
  listen();
  fill();
  stream_->close(60'000);
  stream_.reset();
  turns();
  ASSERT_TRUE(run_until_over());
  EXPECT_EQ(arrived_.size(), too_much_bytes);
  EXPECT_EQ(far_->state(), FarEnd::State::ended);
  EXPECT_EQ(ear_.calls, 0);
}

TEST_P(StreamContract, after_close_nothing_is_told_and_nothing_taken) {
  listen();
  stream_->close(60'000);
  stream_->write("late");
  stream_->close(60'000);
  stream_->abort();
  stream_->pause();
  stream_->resume();
  listen();
  EXPECT_EQ(stream_->queued_bytes(), 0U);
  EXPECT_EQ(stream_->release(), nullptr);
  far_->send("late too");
  ASSERT_TRUE(run_until_over());
  EXPECT_EQ(far_->state(), FarEnd::State::ended);
  far_->end();
  turns();
  EXPECT_EQ(arrived_, "");
  EXPECT_EQ(ear_.calls, 0);
}

TEST_P(StreamContract, abort_resets_at_once_and_drops_what_is_queued) {
  listen();
  stream_->write("dropped");
  stream_->abort();
  EXPECT_FALSE(stream_->open());
  EXPECT_EQ(stream_->queued_bytes(), 0U);
  stream_->write("late");
  ASSERT_TRUE(run_until_over());
  EXPECT_EQ(far_->state(), FarEnd::State::reset);
  turns();
  EXPECT_EQ(arrived_, "");
  EXPECT_EQ(ear_.calls, 0);
}

TEST_P(StreamContract, an_open_stream_that_is_destroyed_aborts) {
  listen();
  stream_->write("dropped");
  stream_.reset();
  ASSERT_TRUE(run_until_over());
  EXPECT_EQ(far_->state(), FarEnd::State::reset);
  EXPECT_EQ(arrived_, "");
  EXPECT_EQ(ear_.calls, 0);
}

TEST_P(StreamContract, closing_from_on_bytes_sends_the_answer_and_hears_no_more) {
  ear_.then = [&] {
    stream_->write("answer");
    stream_->close();
  };
  listen();
  far_->send("a");
  ASSERT_TRUE(run_until_heard(1));
  far_->send("b");
  ASSERT_TRUE(run_until_over());
  EXPECT_EQ(arrived_, "answer");
  EXPECT_EQ(ear_.calls, 1);
}

TEST_P(StreamContract, the_handler_may_destroy_the_stream_in_on_bytes) {
  ear_.then = [&] {
    stream_->write("dropped");
    stream_.reset();
  };
  listen();
  far_->send("a");
  ASSERT_TRUE(run_until_over());
  EXPECT_EQ(far_->state(), FarEnd::State::reset);
  EXPECT_EQ(arrived_, "");
  EXPECT_EQ(ear_.calls, 1);
}

TEST_P(StreamContract, the_handler_may_destroy_the_stream_in_on_drained) {
  ear_.when_drained = [&] { stream_.reset(); };
  listen();
  fill();
  ASSERT_TRUE(run_until_over());
  EXPECT_EQ(ear_.calls, 1);
}

TEST_P(StreamContract, the_handler_may_destroy_the_stream_in_on_closed) {
  ear_.when_closed = [&] { stream_.reset(); };
  listen();
  far_->end();
  ASSERT_TRUE(run_until([&] { return ear_.closed > 0; }));
  turns();
  EXPECT_EQ(ear_.calls, 1);
  EXPECT_EQ(stream_, nullptr);
}

}  // namespace kith::ports::contract
