#pragma once

#include "ports/stream_fixture_test.hpp"

// A stream that is open: bytes in, bytes out, pauses, pressure.
namespace kith::ports::contract {

TEST_P(StreamContract, knows_its_peers_address_and_is_open) {
  EXPECT_EQ(stream_->peer_address(), GetParam().peer_address);
  EXPECT_TRUE(stream_->open());
  EXPECT_EQ(stream_->queued_bytes(), 0U);
}

TEST_P(StreamContract, bytes_come_in_order_and_on_the_reactor_only) {
  listen();
  std::string sent;
  for (int i = 0; i < 100; ++i) {
    const std::string part = std::to_string(i) + ";";
    far_->send(part);
    sent += part;
  }
  EXPECT_EQ(ear_.calls, 0);
  ASSERT_TRUE(run_until_heard(sent.size()));
  EXPECT_EQ(ear_.heard, sent);
}

TEST_P(StreamContract, reading_begins_with_the_first_handler_and_stops_without_one) {
  far_->send("a");
  turns();
  listen();
  EXPECT_EQ(ear_.calls, 0);
  ASSERT_TRUE(run_until_heard(1));
  stream_->set_handler(nullptr);
  far_->send("b");
  turns();
  EXPECT_EQ(ear_.heard, "a");
  Ear next;
  stream_->set_handler(&next);
  ASSERT_TRUE(run_until([&] { return !next.heard.empty(); }));
  EXPECT_EQ(next.heard, "b");
}

TEST_P(StreamContract, the_handler_may_hand_over_to_another_while_it_reads) {
  Ear next;
  ear_.then = [&] { stream_->set_handler(&next); };
  listen();
  far_->send("a");
  ASSERT_TRUE(run_until_heard(1));
  far_->send("b");
  ASSERT_TRUE(run_until([&] { return !next.heard.empty(); }));
  EXPECT_EQ(ear_.heard + next.heard, "ab");
  EXPECT_EQ(ear_.calls, 1);
}

TEST_P(StreamContract, what_is_written_in_a_tick_is_counted_and_leaves_in_order_at_its_end) {
  listen();
  const auto shared = std::make_shared<const std::string>("[shared]");
  std::size_t queued = 0;
  std::string early;
  world_->reactor(0).post([&] {
    stream_->write("one ");
    stream_->write(shared, 1, 6);
    stream_->write(std::string{});
    stream_->write(shared, 3, 0);
    stream_->write(" two");
    queued = stream_->queued_bytes();
    early = far_->read();
  });
  ASSERT_TRUE(run_until_arrived(14));
  EXPECT_EQ(arrived_, "one shared two");
  EXPECT_EQ(early, "");
  EXPECT_EQ(queued, 14U);
  EXPECT_EQ(stream_->queued_bytes(), 0U);
}

TEST_P(StreamContract, shared_bytes_are_let_go_when_they_have_left) {
  auto shared = std::make_shared<const std::string>("shared");
  const std::weak_ptr<const std::string> watch = shared;
  stream_->write(std::move(shared), 0, 6);
  ASSERT_TRUE(run_until_arrived(6));
  EXPECT_TRUE(watch.expired());
}

TEST_P(StreamContract, bytes_leave_without_a_handler_too) {
  stream_->write("hi");
  ASSERT_TRUE(run_until_arrived(2));
  EXPECT_EQ(arrived_, "hi");
}

TEST_P(StreamContract, drained_is_not_said_when_all_left_at_once) {
  listen();
  for (std::size_t i = 1; i <= 5; ++i) {
    stream_->write("x");
    ASSERT_TRUE(run_until_arrived(i));
  }
  turns();
  EXPECT_EQ(ear_.calls, 0);
}

TEST_P(StreamContract, drained_is_said_once_after_a_flush_that_could_not_take_all) {
  listen();
  std::size_t left = 1;
  ear_.when_drained = [&] { left = stream_->queued_bytes(); };
  fill();
  turns();
  EXPECT_EQ(ear_.drained, 0);
  const std::size_t before = stream_->queued_bytes();
  stream_->write("behind it");
  EXPECT_EQ(stream_->queued_bytes(), before + 9);
  ASSERT_TRUE(run_until_arrived(too_much_bytes + 9));
  ASSERT_TRUE(run_until([&] { return ear_.drained > 0; }));
  EXPECT_EQ(left, 0U);
  EXPECT_EQ(arrived_, std::string(too_much_bytes, 'z') + "behind it");
  turns();
  EXPECT_EQ(ear_.calls, 1);
}

TEST_P(StreamContract, a_stream_that_can_not_get_rid_of_bytes_still_reads) {
  listen();
  fill();
  far_->send("x");
  ASSERT_TRUE(run_until_heard(1));
  EXPECT_GT(stream_->queued_bytes(), 0U);
  EXPECT_EQ(ear_.drained, 0);
}

TEST_P(StreamContract, paused_it_reads_nothing_and_resumed_it_reads_all) {
  ear_.then = [&] { stream_->pause(); };
  listen();
  far_->send("a");
  ASSERT_TRUE(run_until_heard(1));
  far_->send("b");
  far_->send("c");
  turns();
  EXPECT_EQ(ear_.heard, "a");
  ear_.then = nullptr;
  stream_->resume();
  EXPECT_EQ(ear_.heard, "a");
  ASSERT_TRUE(run_until_heard(3));
  EXPECT_EQ(ear_.heard, "abc");
}

TEST_P(StreamContract, paused_it_still_sends) {
  listen();
  stream_->pause();
  stream_->write("hi");
  ASSERT_TRUE(run_until_arrived(2));
  fill();
  ASSERT_TRUE(run_until_arrived(too_much_bytes + 2));
  ASSERT_TRUE(run_until([&] { return ear_.drained == 1; }));
}

}  // namespace kith::ports::contract
