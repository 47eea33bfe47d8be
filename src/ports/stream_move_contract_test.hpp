#pragma once

#include "ports/stream_fixture_test.hpp"

// A connection that moves to another reactor.
namespace kith::ports::contract {

TEST_P(StreamContract, a_released_stream_is_closed_and_hears_nothing_more) {
  listen();
  const auto released = stream_->release();
  ASSERT_NE(released, nullptr);
  EXPECT_FALSE(stream_->open());
  EXPECT_EQ(stream_->release(), nullptr);
  stream_->write("late");
  stream_->close();
  stream_->abort();
  far_->send("for the next one");
  turns();
  EXPECT_EQ(far_->read(), "");
  EXPECT_EQ(far_->state(), FarEnd::State::open);
  EXPECT_EQ(ear_.calls, 0);
}

TEST_P(StreamContract, adopted_elsewhere_it_is_the_same_connection_without_a_handler) {
  ear_.then = [&] { stream_->pause(); };
  listen();
  far_->send("a");
  ASSERT_TRUE(run_until_heard(1));
  auto released = stream_->release();
  stream_.reset();
  far_->send("b");
  turns();
  stream_ = world_->factory(1).adopt(std::move(released));
  EXPECT_TRUE(stream_->open());
  EXPECT_EQ(stream_->peer_address(), GetParam().peer_address);
  turns();
  Ear next;
  stream_->set_handler(&next);
  EXPECT_EQ(next.calls, 0);
  ASSERT_TRUE(run_until([&] { return !next.heard.empty(); }));
  EXPECT_EQ(next.heard, "b");
  stream_->write("from there");
  ASSERT_TRUE(run_until_arrived(10));
  EXPECT_EQ(arrived_, "from there");
  EXPECT_EQ(ear_.calls, 1);
}

TEST_P(StreamContract, released_in_on_bytes_it_can_go_round_and_lose_nothing) {
  std::size_t place = 0;
  int moves = 0;
  const auto move = [&] {
    auto released = stream_->release();
    place = 1 - place;
    ++moves;
    world_->reactor(place).post([&, r = std::move(released)]() mutable {
      stream_ = world_->factory(place).adopt(std::move(r));
      listen();
    });
  };
  ear_.then = move;
  listen();
  std::string sent;
  for (int i = 0; i < 20; ++i) {
    sent += std::to_string(i) + ";";
    far_->send(std::to_string(i) + ";");
    ASSERT_TRUE(run_until_heard(sent.size()));
  }
  EXPECT_EQ(ear_.heard, sent);
  EXPECT_GE(moves, 20);
  ear_.then = nullptr;
  turns();  // the last move arrives
  EXPECT_TRUE(stream_->open());
}

TEST_P(StreamContract, an_end_on_the_way_is_told_at_the_new_place) {
  listen();
  auto released = stream_->release();
  far_->end();
  turns();
  stream_ = world_->factory(1).adopt(std::move(released));
  listen();
  EXPECT_EQ(ear_.calls, 0);
  ASSERT_TRUE(run_until([&] { return ear_.closed > 0; }));
  turns();
  EXPECT_EQ(ear_.calls, 1);
}

TEST_P(StreamContract, a_released_stream_that_nobody_adopts_is_closed) {
  listen();
  stream_->release().reset();
  ASSERT_TRUE(run_until_over());
  EXPECT_EQ(far_->state(), FarEnd::State::ended);
  EXPECT_EQ(ear_.calls, 0);
}

}  // namespace kith::ports::contract
