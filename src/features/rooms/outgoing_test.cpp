#include "features/rooms/outgoing.hpp"

#include "base/limits.hpp"

#include <gtest/gtest.h>

namespace kith::features::rooms {
namespace {

using std::chrono::microseconds;
namespace limits = base::limits;

constexpr microseconds window{1'000};

// A room in which somebody speaks at times a test gives, in microseconds.
class OutgoingTest : public ::testing::Test {
 protected:
  static Message message(std::size_t bytes = 10) {
    auto frames = std::make_shared<Frames>();
    frames->add(wire::engineio::OutMessage::binary(std::string(bytes, 'x')));
    return {std::move(frames), {}};
  }

  bool waits(std::int64_t at_us, std::size_t bytes = 10) {
    const bool waiting = outgoing.add(message(bytes), base::Instant{at_us * 1'000}, window);
    if (!waiting) outgoing.clear();
    return waiting;
  }

  Outgoing outgoing;
};

TEST_F(OutgoingTest, whoever_speaks_alone_never_waits) {
  for (int i = 0; i < 10; ++i)
    EXPECT_FALSE(waits(i * 1'000));
}

TEST_F(OutgoingTest, who_follows_closely_waits_for_those_who_come_with_him) {
  EXPECT_FALSE(waits(5'000));
  EXPECT_TRUE(waits(5'300));
  EXPECT_TRUE(waits(5'600));
  EXPECT_EQ(outgoing.messages().size(), 2U);
}

TEST_F(OutgoingTest, after_a_window_that_was_shared_the_first_one_waits_too) {
  EXPECT_FALSE(waits(5'000));
  EXPECT_TRUE(waits(5'100));
  outgoing.clear();
  EXPECT_TRUE(waits(20'000));
  EXPECT_TRUE(waits(20'100));
  EXPECT_EQ(outgoing.messages().size(), 2U);
}

TEST_F(OutgoingTest, after_a_window_in_which_nobody_else_spoke_nobody_waits) {
  EXPECT_FALSE(waits(5'000));
  EXPECT_TRUE(waits(5'100));
  outgoing.clear();
  EXPECT_TRUE(waits(20'000));
  outgoing.clear();
  EXPECT_FALSE(waits(40'000));
}

TEST_F(OutgoingTest, without_a_window_nobody_waits) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(outgoing.add(message(), base::Instant{}, base::Duration::zero()));
    outgoing.clear();
  }
}

TEST_F(OutgoingTest, what_must_not_wait_stands_behind_what_did) {
  EXPECT_FALSE(waits(5'000));
  EXPECT_TRUE(waits(5'100));
  const auto last = message();
  outgoing.add_last(last);
  ASSERT_EQ(outgoing.messages().size(), 2U);
  EXPECT_EQ(outgoing.messages().back().frames, last.frames);
  outgoing.clear();
  EXPECT_TRUE(outgoing.empty());
}

TEST_F(OutgoingTest, so_many_do_not_wait_for_more) {
  EXPECT_FALSE(waits(5'000));
  for (std::size_t i = 1; i < limits::room_gathered_max; ++i)
    EXPECT_TRUE(waits(5'001));
  EXPECT_FALSE(waits(5'002));
  EXPECT_TRUE(outgoing.empty());
  EXPECT_TRUE(waits(5'003));
}

TEST_F(OutgoingTest, so_many_bytes_do_not_wait_for_more) {
  EXPECT_FALSE(waits(5'000));
  EXPECT_TRUE(waits(5'001, limits::room_gathered_bytes_max - 1'000));
  EXPECT_FALSE(waits(5'002, 1'000));
  EXPECT_TRUE(waits(5'003, limits::room_gathered_bytes_max - 1'000));
}

}  // namespace
}  // namespace kith::features::rooms
