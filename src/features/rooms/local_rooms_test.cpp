#include "features/rooms/rooms_world_test.hpp"

#include <array>

// While its reactor gathers, what is said in a room leaves together.
namespace kith::features::rooms {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the world of these tests
using std::chrono::milliseconds;

constexpr milliseconds look{1};

class LocalRoomsTest : public ::testing::Test {
 protected:
  LocalRoomsTest() {
    for (auto* player : players_)
      w_.join(*player, "r");
    for (auto* player : players_)
      player->take();
    gather();
    tick(players_);
    w_.settle();
    for (auto* player : players_)
      EXPECT_EQ(player->take().size(), 2U);
  }

  // Much is said somewhere else over this reactor.
  void gather() {
    auto& noise = w_.connect("noise");
    w_.join(noise, "elsewhere");
    for (int i = 0; i < 60; ++i) {
      w_.begin(noise, {"room.send", in_room("elsewhere", R"("data":1)")});
      if (i % 20 == 19) w_.pass(milliseconds{9});
    }
    ASSERT_NE(w_.reactors[0]->paced, base::Duration::zero());
  }

  void say(Person& player, int number = 1) {
    w_.begin(player, {"room.send", in_room("r", R"("data":)" + std::to_string(number))});
  }

  template <class Players>
  void tick(const Players& players) {
    for (auto* player : players)
      say(*player);
  }

  RoomsWorld w_{1, {.gather = look}};
  Person& ann_ = w_.connect("ann");
  Person& bob_ = w_.connect("bob");
  Person& cid_ = w_.connect("cid");
  std::array<Person*, 3> players_{&ann_, &bob_, &cid_};
};

TEST_F(LocalRoomsTest, what_a_look_cut_in_two_leaves_as_soon_as_it_is_whole) {
  say(ann_);
  w_.settle();
  EXPECT_EQ(bob_.take(), (Lines{}));
  say(bob_);
  say(cid_);
  w_.settle();
  EXPECT_EQ(ann_.take(), (Lines{data_line("r", "bob", "1"), data_line("r", "cid", "1")}));
  EXPECT_EQ(bob_.take(), (Lines{data_line("r", "ann", "1"), data_line("r", "cid", "1")}));
}

TEST_F(LocalRoomsTest, what_stays_away_is_waited_for_once) {
  say(ann_, 1);
  w_.settle();
  say(ann_, 2);
  w_.settle();
  EXPECT_EQ(bob_.take(), (Lines{data_line("r", "ann", "1"), data_line("r", "ann", "2")}));
  say(ann_, 3);  // two are usual now
  say(ann_, 4);
  w_.settle();
  EXPECT_EQ(bob_.take().size(), 2U);
}

TEST_F(LocalRoomsTest, when_nothing_more_comes_it_leaves_by_itself) {
  say(ann_);
  w_.settle();
  EXPECT_EQ(bob_.take(), (Lines{}));
  w_.pass(look);
  EXPECT_EQ(bob_.take(), (Lines{data_line("r", "ann", "1")}));
  say(ann_);  // one is usual now
  w_.settle();
  EXPECT_EQ(bob_.take().size(), 1U);
}

TEST_F(LocalRoomsTest, once_little_is_said_it_leaves_as_it_comes) {
  w_.pass(ports::Reactor::pace_holds);
  say(ann_);
  w_.settle();
  EXPECT_EQ(bob_.take(), (Lines{data_line("r", "ann", "1")}));
}

TEST_F(LocalRoomsTest, who_comes_in_does_not_hear_what_was_said_before) {
  say(ann_, 1);
  w_.settle();
  auto& eve = w_.connect("eve");
  w_.join(eve, "r");
  w_.pass(look);
  say(ann_, 2);
  w_.pass(look);
  w_.pass(look);
  EXPECT_EQ(eve.take(), (Lines{data_line("r", "ann", "2")}));
  EXPECT_EQ(
      bob_.take(),
      (Lines{data_line("r", "ann", "1"), joined_line("r", "eve"), data_line("r", "ann", "2")}));
}

TEST_F(LocalRoomsTest, what_waits_in_a_room_that_all_have_left_is_forgotten) {
  say(ann_);
  w_.settle();
  for (auto* player : players_)
    w_.begin_leave(*player, "r");
  w_.pass(look);
  EXPECT_EQ(w_.joined(), 1U);  // elsewhere
  w_.join(bob_, "r");
  w_.pass(look);
  for (const auto& line : bob_.take())
    EXPECT_EQ(line.find("room.data"), std::string::npos) << line;
}

TEST_F(LocalRoomsTest, only_so_much_waits) {
  for (std::size_t i = 0; i < base::limits::room_waiting_max; ++i)
    say(ann_);
  w_.settle();
  EXPECT_EQ(bob_.take().size(), base::limits::room_waiting_max);
  const std::string large(base::limits::room_waiting_bytes_max, 'x');
  w_.begin(ann_, {"room.send", in_room("r", R"("data":")" + large + "\"")});
  w_.settle();
  EXPECT_EQ(bob_.take().size(), 1U);  // though that many are usual now
}

TEST_F(LocalRoomsTest, what_is_said_after_a_room_was_full_waits_for_a_look_too) {
  for (std::size_t i = 0; i < base::limits::room_waiting_max + 1; ++i)
    say(ann_);
  w_.settle();
  EXPECT_EQ(bob_.take().size(), base::limits::room_waiting_max);
  w_.pass(look);
  EXPECT_EQ(bob_.take().size(), 1U);
}

}  // namespace
}  // namespace kith::features::rooms
