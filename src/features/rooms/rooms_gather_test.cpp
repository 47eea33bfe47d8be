#include "features/rooms/rooms_world_test.hpp"

// What is said in a room at the same time leaves together.
namespace kith::features::rooms {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the world of these tests

constexpr std::chrono::microseconds window{1'000};

class RoomGather : public ::testing::TestWithParam<std::size_t> {
 protected:
  RoomGather() {
    for (auto* person : {&ann, &bob, &cid})
      w.join(*person, room);
    // From here on they speak in step: the first two show it.
    say(ann, 0);
    say(cid, 0);
    w.pass(window);
    for (auto* person : {&ann, &bob, &cid})
      person->take();
  }

  void say(Person& person, int data) {
    const auto asked =
        w.begin(person, {"room.send", in_room(room, "\"data\":" + std::to_string(data))});
    w.settle();
    EXPECT_EQ(asked->text, "{}");  // answered at once
  }

  std::string line(const std::string& from, int data) const {
    return data_line(room, from, std::to_string(data));
  }

  RoomsWorld w{2, {.gather = window}};
  std::string room = w.room_at(GetParam());
  Person& ann = w.connect("ann", 0);
  Person& bob = w.connect("bob", 1);
  Person& cid = w.connect("cid", 0);
};

INSTANTIATE_TEST_SUITE_P(home, RoomGather, ::testing::Values(0, 1));

TEST_P(RoomGather, words_wait_for_those_of_others_and_leave_in_order) {
  say(ann, 1);
  say(bob, 2);
  w.pass(window / 2);
  say(cid, 3);
  EXPECT_EQ(bob.take(), (Lines{}));
  w.pass(window / 2);
  EXPECT_EQ(ann.take(), (Lines{line("bob", 2), line("cid", 3)}));
  EXPECT_EQ(bob.take(), (Lines{line("ann", 1), line("cid", 3)}));
  EXPECT_EQ(cid.take(), (Lines{line("ann", 1), line("bob", 2)}));
}

TEST_P(RoomGather, a_room_of_its_own_does_not_wait_for_another) {
  const auto other = w.room_at(1 - GetParam());
  w.join(ann, other);
  w.join(bob, other);
  ann.take();
  bob.take();
  say(ann, 1);
  w.ask_now(ann, {"room.send", in_room(other, R"("data":2)")});
  EXPECT_EQ(bob.take(), (Lines{data_line(other, "ann", "2")}));
  w.pass(window);
  EXPECT_EQ(bob.take(), (Lines{line("ann", 1)}));
}

TEST_P(RoomGather, who_joins_is_told_of_behind_what_was_said_before_and_does_not_hear_it) {
  say(ann, 1);
  auto& dan = w.connect("dan", 1);
  w.join(dan, room);
  EXPECT_EQ(bob.take(), (Lines{line("ann", 1), joined_line(room, "dan")}));
  w.pass(window);
  EXPECT_EQ(dan.take(), (Lines{}));
  say(ann, 2);
  w.pass(window);
  EXPECT_EQ(dan.take(), (Lines{line("ann", 2)}));
}

TEST_P(RoomGather, who_leaves_is_told_of_behind_his_last_words_and_hears_nothing_more) {
  say(ann, 1);
  say(bob, 2);
  w.ask_now(ann, {"room.leave", R"({"room":")" + room + R"("})"});
  EXPECT_EQ(bob.take(), (Lines{line("ann", 1), left_line(room, "ann")}));
  w.pass(window);
  EXPECT_EQ(ann.take(), (Lines{}));
}

TEST_P(RoomGather, words_to_nobody_are_forgotten_with_their_room) {
  w.leave(bob);
  w.leave(cid);
  say(ann, 1);
  w.leave(ann);
  w.settle();
  auto& dan = w.connect("dan", 0);
  w.join(dan, room);
  w.pass(window);
  EXPECT_EQ(dan.take(), (Lines{}));
}

TEST_P(RoomGather, a_room_made_anew_within_the_window_of_the_old_one_gathers_by_itself) {
  say(ann, 1);
  for (auto* person : {&ann, &bob, &cid})
    w.leave(*person);
  auto& dan = w.connect("dan", 0);
  auto& eve = w.connect("eve", 1);
  w.join(dan, room);
  w.join(eve, room);
  dan.take();
  say(dan, 1);
  say(dan, 2);
  EXPECT_EQ(eve.take(), (Lines{line("dan", 1)}));
  w.pass(window);
  EXPECT_EQ(eve.take(), (Lines{line("dan", 2)}));
}

TEST_P(RoomGather, as_many_as_may_wait_do_and_then_leave_before_their_time) {
  for (std::size_t i = 0; i < base::limits::room_gathered_max; ++i)
    say(ann, 1);
  EXPECT_EQ(bob.take().size(), base::limits::room_gathered_max);
  say(ann, 2);
  say(ann, 3);
  w.pass(window);
  EXPECT_EQ(bob.take(), (Lines{line("ann", 2), line("ann", 3)}));
}

TEST_P(RoomGather, words_that_wait_when_the_node_ends_harm_nobody) {
  say(ann, 1);
}

}  // namespace
}  // namespace kith::features::rooms
