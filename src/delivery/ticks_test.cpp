#include "delivery/ticks.hpp"

#include "base/limits.hpp"
#include "conversations/world_test.hpp"

#include <gtest/gtest.h>

namespace kith::delivery {
namespace {

using conversations::user;
using conversations::World;
using std::chrono::milliseconds;
using std::chrono::seconds;

class TicksTest : public ::testing::Test {
 protected:
  TicksTest() { reactor_.advance(seconds{10}); }

  std::vector<std::string> told(base::Duration after) {
    told_.clear();
    reactor_.advance(after);
    return told_;
  }

  base::ManualClock clock_;
  ports::FakeReactor reactor_{clock_};
  std::vector<std::string> told_;
  Ticks ticks_{reactor_,
               [this](const auto&, const auto& frame) { told_.emplace_back(frame.packet_view()); }};
  const ConversationKey group_ = World::group(1);
};

TEST_F(TicksTest, the_members_of_a_conversation_share_a_frame) {
  ticks_.note({{.key = group_, .user = user("bob"), .delivered_seq = 4},
               {.key = group_, .user = user("ann"), .delivered_seq = 5}});
  const auto frames = told(milliseconds{100});
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_NE(frames[0].find(
                R"("members":[{"user":"ann","delivered_seq":5},{"user":"bob","delivered_seq":4}])"),
            std::string::npos)
      << frames[0];
}

TEST_F(TicksTest, each_conversation_is_told_of_once_a_second_with_the_highest) {
  ticks_.note({{.key = group_, .user = user("bob"), .delivered_seq = 4}});
  EXPECT_EQ(told(milliseconds{100}).size(), 1U);
  for (Seq seq = 5; seq < 9; ++seq)
    ticks_.note({{.key = group_, .user = user("bob"), .delivered_seq = seq}});
  ticks_.note({{.key = group_, .user = user("bob"), .delivered_seq = 2}});
  EXPECT_TRUE(told(milliseconds{800}).empty());
  const auto frames = told(milliseconds{200});
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_NE(frames[0].find("\"delivered_seq\":8"), std::string::npos);
}

TEST_F(TicksTest, what_was_read_is_told_apart_from_what_was_received) {
  ticks_.note({{.key = group_, .user = user("bob"), .delivered_seq = 4},
               {.key = group_, .user = user("ann"), .read_seq = 3}});
  const auto frames = told(milliseconds{100});
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_NE(frames[0].find("message.delivered"), std::string::npos);
  EXPECT_EQ(frames[0].find("ann"), std::string::npos);
  EXPECT_NE(frames[1].find("message.read"), std::string::npos);
  EXPECT_NE(frames[1].find(R"([{"user":"ann","read_seq":3}])"), std::string::npos);
}

TEST_F(TicksTest, nothing_wakes_it_when_there_is_nothing_to_tell) {
  EXPECT_EQ(reactor_.armed_timers(), 0U);
  ticks_.note({});
  EXPECT_EQ(reactor_.armed_timers(), 0U);
  EXPECT_EQ(ticks_.conversations(), 0U);
}

TEST_F(TicksTest, of_more_members_than_the_bound_the_others_are_left_out) {
  std::vector<Tick> many;
  for (std::size_t i = 0; i <= base::limits::ticks_members_max; ++i)
    many.push_back({.key = group_, .user = user("u" + std::to_string(i)), .delivered_seq = 1});
  ticks_.note(many);
  const auto frames = told(milliseconds{100});
  ASSERT_EQ(frames.size(), 1U);
  std::size_t users = 0;
  for (auto at = frames[0].find("\"user\""); at != std::string::npos;
       at = frames[0].find("\"user\"", at + 1))
    ++users;
  EXPECT_EQ(users, base::limits::ticks_members_max);
}

}  // namespace
}  // namespace kith::delivery
