#include "features/rooms/rooms.hpp"
#include "features/rooms/rooms_world_test.hpp"

namespace kith::features::rooms {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the world of these tests

class RoomJoins : public RoomsAnywhere {};

INSTANTIATE_TEST_SUITE_P(home, RoomJoins, ::testing::Values(0, 1));

TEST_P(RoomJoins, a_join_answers_the_roster_and_tells_the_others) {
  auto& ann = w.connect("ann", 0);
  auto& bob = w.connect("bob", 1);
  EXPECT_EQ(w.join(ann, room), R"({"room":")" + room + R"(","users":["ann"],"total":1})");
  EXPECT_EQ(w.join(bob, room), R"({"room":")" + room + R"(","users":["ann","bob"],"total":2})");
  EXPECT_EQ(ann.take(), (Lines{joined_line(room, "bob")}));
  EXPECT_EQ(bob.take(), (Lines{}));
}

TEST_P(RoomJoins, who_leaves_hears_nothing_more_and_the_others_are_told) {
  auto& ann = w.connect("ann", 0);
  auto& bob = w.connect("bob", 1);
  w.join(ann, room);
  w.join(bob, room);
  ann.take();
  EXPECT_EQ(w.ask_now(bob, {"room.leave", in_room(room, "\"x\":1")}), "{}");
  EXPECT_EQ(ann.take(), (Lines{left_line(room, "bob")}));
  w.ask_now(ann, {"room.send", in_room(room, "\"data\":1")});
  EXPECT_EQ(bob.take(), (Lines{}));
  EXPECT_EQ(w.ask_now(bob, {"room.send", in_room(room, "\"data\":1")}), "!not_member");
  EXPECT_EQ(w.ask_now(bob, {"room.leave", in_room(room, "\"x\":1")}), "!not_member");
}

TEST_P(RoomJoins, the_others_hear_of_a_user_once_however_many_connections_he_has) {
  auto& ann = w.connect("ann", 0);
  auto& bob = w.connect("bob", 0);
  auto& bob2 = w.connect("bob", 1);
  for (auto* person : {&ann, &bob, &bob2})
    w.join(*person, room);
  EXPECT_EQ(ann.take(), (Lines{joined_line(room, "bob")}));
  w.leave(bob);
  w.settle();
  EXPECT_EQ(ann.take(), (Lines{}));
  w.leave(bob2);
  w.settle();
  EXPECT_EQ(ann.take(), (Lines{left_line(room, "bob")}));
}

TEST_P(RoomJoins, a_second_join_changes_nothing_and_one_leave_ends_it) {
  auto& ann = w.connect("ann", 0);
  auto& bob = w.connect("bob", 0);
  w.join(ann, room);
  const auto first = w.begin_join(bob, room);
  const auto second = w.begin_join(bob, room);
  w.settle();
  EXPECT_EQ(first->text, R"({"room":")" + room + R"(","users":["ann","bob"],"total":2})");
  EXPECT_EQ(second->text, first->text);
  EXPECT_EQ(w.join(bob, room), first->text);
  EXPECT_EQ(ann.take(), (Lines{joined_line(room, "bob")}));
  w.ask_now(ann, {"room.send", in_room(room, "\"data\":1")});
  EXPECT_EQ(bob.take(), (Lines{data_line(room, "ann", "1")}));
  w.ask_now(bob, {"room.leave", in_room(room, "\"x\":1")});
  EXPECT_EQ(ann.take(), (Lines{left_line(room, "bob")}));
}

TEST_P(RoomJoins, a_leave_asked_before_the_join_was_answered_holds) {
  auto& ann = w.connect("ann", 1);
  auto& bob = w.connect("bob", 0);
  w.join(ann, room);
  const auto joined = w.begin_join(bob, room);
  const auto left = w.begin_leave(bob, room);
  w.settle();
  EXPECT_EQ(joined->times, 1);
  EXPECT_EQ(left->text, "{}");
  EXPECT_EQ(ann.take(), (Lines{joined_line(room, "bob"), left_line(room, "bob")}));
  EXPECT_EQ(w.ask_now(bob, {"room.send", in_room(room, "\"data\":1")}), "!not_member");
}

TEST_P(RoomJoins, a_join_asked_after_that_leave_holds_too) {
  auto& ann = w.connect("ann", 1);
  auto& bob = w.connect("bob", 0);
  w.join(ann, room);
  w.begin_join(bob, room);
  w.begin_leave(bob, room);
  w.begin_join(bob, room);
  w.settle();
  w.ask_now(ann, {"room.send", in_room(room, "\"data\":1")});
  EXPECT_EQ(bob.take(), (Lines{data_line(room, "ann", "1")}));
  w.leave(bob);
  w.leave(ann);
  w.settle();
  EXPECT_EQ(w.joined(), 0U);
}

TEST_P(RoomJoins, a_connection_that_ends_while_it_joins_is_in_no_room) {
  auto& ann = w.connect("ann", 1);
  auto& bob = w.connect("bob", 0);
  w.join(ann, room);
  w.begin_join(bob, room);
  w.begin_join(bob, room);
  w.leave(bob);
  w.settle();
  EXPECT_EQ(ann.take(), (Lines{joined_line(room, "bob"), left_line(room, "bob")}));
  auto& cid = w.connect("cid", 0);
  EXPECT_EQ(w.join(cid, room), R"({"room":")" + room + R"(","users":["ann","cid"],"total":2})");
}

TEST_P(RoomJoins, a_connection_that_ends_leaves_all_its_rooms) {
  auto& ann = w.connect("ann", 0);
  auto& bob = w.connect("bob", 1);
  for (int i = 0; i < 5; ++i) {
    w.join(ann, "r" + std::to_string(i));
    w.join(bob, "r" + std::to_string(i));
  }
  ann.take();
  w.leave(bob);
  w.settle();
  EXPECT_EQ(ann.take().size(), 5U);
  w.leave(ann);
  w.settle();
  EXPECT_EQ(w.joined(), 0U);
}

TEST(Rooms, a_connection_is_in_at_most_a_hundred_rooms) {
  RoomsWorld w;
  auto& ann = w.connect("ann");
  std::vector<AskedPtr> asked;
  for (std::size_t i = 0; i <= base::limits::rooms_per_session_max; ++i)
    asked.push_back(w.begin_join(ann, "r" + std::to_string(i)));
  w.settle();
  EXPECT_EQ(asked.back()->text, "!quota_exceeded");
  EXPECT_EQ(asked.front()->text.front(), '{');
  EXPECT_EQ(w.joined(), base::limits::rooms_per_session_max);
  EXPECT_EQ(w.join(ann, "r0").front(), '{');  // again in one of them
  w.ask_now(ann, {"room.leave", R"({"room":"r1"})"});
  EXPECT_EQ(w.join(ann, "another").front(), '{');
}

TEST(Rooms, whoever_has_no_connection_can_not_join) {
  RoomsWorld w(1);
  const commands::Caller rest{.app = app, .user = base::UserId{"ann"}};
  for (const std::string_view command : {"room.join", "room.leave", "room.send"})
    EXPECT_EQ(w.desks[0].ask(rest, {command, R"({"room":"r"})"})->text, "!validation_failed");
}

TEST_P(RoomJoins, what_is_sent_before_the_join_was_answered_reaches_the_room) {
  auto& ann = w.connect("ann", 1);
  auto& bob = w.connect("bob", 0);
  w.join(ann, room);
  w.begin_join(bob, room);
  const auto sent = w.begin(bob, {"room.send", in_room(room, "\"data\":1,\"echo\":true")});
  w.settle();
  EXPECT_EQ(sent->text, "{}");
  EXPECT_EQ(ann.take(), (Lines{joined_line(room, "bob"), data_line(room, "bob", "1")}));
  EXPECT_EQ(bob.take(), (Lines{data_line(room, "bob", "1")}));
  w.begin_leave(bob, room);
  w.begin_join(bob, room);
  w.begin_leave(bob, room);
  EXPECT_EQ(w.ask_now(bob, {"room.send", in_room(room, "\"data\":2")}), "!not_member");
}

}  // namespace
}  // namespace kith::features::rooms
