#include "features/rooms/rooms.hpp"

#include "features/rooms/rooms_world_test.hpp"

namespace kith::features::rooms {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the world of these tests

class RoomData : public RoomsAnywhere {};

INSTANTIATE_TEST_SUITE_P(home, RoomData, ::testing::Values(0, 1));

TEST_P(RoomData, data_reaches_everybody_in_the_room_but_who_sent_it) {
  auto& ann = w.connect("ann", 0);
  auto& bob = w.connect("bob", 1);
  auto& ann2 = w.connect("ann", 1);
  auto& stranger = w.connect("eve", 0);
  for (auto* person : {&ann, &bob, &ann2})
    w.join(*person, room);
  for (auto* person : {&ann, &bob, &ann2})
    person->take();
  EXPECT_EQ(w.ask_now(ann, {"room.send", in_room(room, R"("data":[1,null,"x"])")}), "{}");
  EXPECT_EQ(ann.take(), (Lines{}));
  EXPECT_EQ(bob.take(), (Lines{data_line(room, "ann", R"([1,null,"x"])")}));
  EXPECT_EQ(ann2.take(), (Lines{data_line(room, "ann", R"([1,null,"x"])")}));
  EXPECT_EQ(stranger.take(), (Lines{}));
}

TEST_P(RoomData, echo_sends_a_copy_to_the_sender_too_also_beside_to) {
  auto& ann = w.connect("ann", 0);
  auto& bob = w.connect("bob", 0);
  auto& cid = w.connect("cid", 1);
  for (auto* person : {&ann, &bob, &cid})
    w.join(*person, room);
  for (auto* person : {&ann, &bob, &cid})
    person->take();
  w.ask_now(ann, {"room.send", in_room(room, R"("data":1,"echo":true)")});
  for (auto* person : {&ann, &bob, &cid})
    EXPECT_EQ(person->take(), (Lines{data_line(room, "ann", "1")}));
  w.ask_now(ann, {"room.send", in_room(room, R"("data":2,"to":"cid","echo":true)")});
  EXPECT_EQ(ann.take(), (Lines{data_line(room, "ann", "2")}));
  EXPECT_EQ(bob.take(), (Lines{}));
  EXPECT_EQ(cid.take(), (Lines{data_line(room, "ann", "2")}));
}

TEST_P(RoomData, to_names_one_user_and_reaches_all_his_connections_in_the_room) {
  auto& ann = w.connect("ann", 0);
  auto& bob = w.connect("bob", 0);
  auto& bob2 = w.connect("bob", 1);
  auto& cid = w.connect("cid", 1);
  for (auto* person : {&ann, &bob, &bob2, &cid})
    w.join(*person, room);
  for (auto* person : {&ann, &bob, &bob2, &cid})
    person->take();
  w.ask_now(ann, {"room.send", in_room(room, R"("data":1,"to":"bob")")});
  EXPECT_EQ(bob.take(), (Lines{data_line(room, "ann", "1")}));
  EXPECT_EQ(bob2.take(), (Lines{data_line(room, "ann", "1")}));
  EXPECT_EQ(cid.take(), (Lines{}));
  // To oneself: the other devices.
  w.ask_now(bob, {"room.send", in_room(room, R"("data":2,"to":"bob")")});
  EXPECT_EQ(bob.take(), (Lines{}));
  EXPECT_EQ(bob2.take(), (Lines{data_line(room, "bob", "2")}));
  EXPECT_EQ(w.ask_now(ann, {"room.send", in_room(room, R"("data":1,"to":"nobody")")}), "{}");
}

TEST_P(RoomData, attachments_follow_their_text_in_order) {
  auto& ann = w.connect("ann", 0);
  auto& bob = w.connect("bob", 1);
  w.join(ann, room);
  w.join(bob, room);
  w.ask_now(ann,
            {"room.send",
             in_room(room,
                     R"("op":7,"data":{"a":{"_placeholder":true,"num":1},)"
                     R"("b":{"_placeholder":true,"num":0}})"),
             {"first", "second"}});
  EXPECT_EQ(bob.take(),
            (Lines{R"(52-["room.data",{"room":")" + room +
                       R"(","from":"ann","op":7,"data":{"a":{"_placeholder":true,"num":1},)" +
                       R"("b":{"_placeholder":true,"num":0}}}])",
                   "<first>",
                   "<second>"}));
}

TEST_P(RoomData, what_was_sent_in_order_arrives_in_order) {
  auto& ann = w.connect("ann", 0);
  auto& bob = w.connect("bob", 1);
  w.join(ann, room);
  w.join(bob, room);
  Lines expected;
  for (int i = 0; i < 50; ++i) {
    w.begin(ann, {"room.send", in_room(room, "\"data\":" + std::to_string(i))});
    expected.push_back(data_line(room, "ann", std::to_string(i)));
  }
  w.settle();
  EXPECT_EQ(bob.take(), expected);
}

TEST_P(RoomData, a_slow_reader_gets_a_message_whole_or_not_at_all) {
  auto& ann = w.connect("ann", 0);
  auto& slow = w.connect("slow", 1);
  auto& bob = w.connect("bob", 1);
  for (auto* person : {&ann, &slow, &bob})
    w.join(*person, room);
  for (auto* person : {&ann, &slow, &bob})
    person->take();
  const std::string args = in_room(room, R"("data":{"_placeholder":true,"num":0})");
  slow.queued = base::limits::outbox_high_bytes + 1;
  w.ask_now(ann, {"room.send", args, {"x"}});
  EXPECT_EQ(slow.take().size(), 0U);
  EXPECT_EQ(bob.take().size(), 2U);
  // Below the mark, but together they would fill what is left.
  slow.queued = base::limits::outbox_high_bytes;
  w.ask_now(ann, {"room.send", args, {std::string(999'999, 'x')}});
  EXPECT_EQ(slow.take().size(), 0U);
  EXPECT_EQ(bob.take().size(), 2U);
  slow.queued = 0;
  w.ask_now(ann, {"room.send", args, {std::string(999'999, 'x')}});
  EXPECT_EQ(slow.take().size(), 2U);
}

TEST_P(RoomData, what_no_outbox_could_hold_is_refused) {
  auto& ann = w.connect("ann", 0);
  auto& bob = w.connect("bob", 1);
  w.join(ann, room);
  w.join(bob, room);
  const std::string args = in_room(room, R"("data":{"_placeholder":true,"num":0})");
  const std::vector<std::string> large(2, std::string(700'000, 'x'));
  EXPECT_EQ(w.ask_now(ann, {"room.send", args, large}), "!too_large");
  EXPECT_EQ(bob.take().size(), 0U);
}

TEST_P(RoomData, nothing_crosses_from_one_application_to_another) {
  auto& ann = w.connect("ann", 0, app);
  auto& eve = w.connect("eve", 0, other_app);
  w.join(ann, room);
  EXPECT_EQ(w.join(eve, room), R"({"room":")" + room + R"(","users":["eve"],"total":1})");
  w.ask_now(eve, {"room.send", in_room(room, R"("data":1,"to":"ann")")});
  w.ask_now(eve, {"room.send", in_room(room, R"("data":1)")});
  EXPECT_EQ(ann.take(), (Lines{}));
}

TEST(Rooms, an_odd_argument_gets_an_error_and_changes_nothing) {
  RoomsWorld w(1);
  auto& ann = w.connect("ann");
  const std::string long_name(129, 'r');
  for (const std::string& args : {std::string{"null"},
                                  std::string{"{}"},
                                  std::string{R"({"room":7})"},
                                  std::string{R"({"room":""})"},
                                  std::string{R"({"room":"a\u0000b"})"},
                                  R"({"room":")" + long_name + R"("})"})
    for (const std::string_view command : {"room.join", "room.leave", "room.send"})
      EXPECT_EQ(w.ask_now(ann, {command, args}), "!validation_failed") << command << args;
  EXPECT_EQ(w.joined(), 0U);
  w.join(ann, "r");
  for (const std::string_view args : {R"({"room":"r","op":"1"})",
                                      R"({"room":"r","echo":1})",
                                      R"({"room":"r","to":""})",
                                      R"({"room":"r","to":["ann"]})",
                                      R"({"room":"r","to":"a\u0000b"})"})
    EXPECT_EQ(w.ask_now(ann, {"room.send", args}), "!validation_failed") << args;
  EXPECT_EQ(w.ask_now(ann, {"room.send", R"({"room":"r","op":null,"echo":null,"to":null})"}), "{}");
}

TEST(Rooms, data_may_be_left_out_and_then_is_null) {
  RoomsWorld w(1);
  auto& ann = w.connect("ann");
  w.join(ann, "r");
  w.ask_now(ann, {"room.send", R"({"room":"r","echo":true,"op":1.5})"});
  EXPECT_EQ(ann.take(),
            (Lines{R"(2["room.data",{"room":"r","from":"ann","op":1.5,"data":null}])"}));
}

TEST(Rooms, a_full_mailbox_refuses_a_message_and_loses_nothing_else) {
  RoomsWorld w;
  const auto room = w.room_at(1);
  auto& ann = w.connect("ann", 0);
  auto& bob = w.connect("bob", 1);
  w.join(ann, room);
  w.join(bob, room);
  w.reactors[1]->mailbox_full = true;
  EXPECT_EQ(w.ask_now(ann, {"room.send", in_room(room, "\"data\":1")}), "!overloaded");
  w.reactors[1]->mailbox_full = false;
  w.reactors[0]->mailbox_full = true;  // of a listener: what is ephemeral is dropped
  ann.take();
  EXPECT_EQ(w.ask_now(bob, {"room.send", in_room(room, "\"data\":2,\"echo\":true")}), "{}");
  EXPECT_EQ(ann.take(), (Lines{}));
  EXPECT_EQ(bob.take(), (Lines{data_line(room, "bob", "2")}));
  w.leave(ann);
  w.settle();
  EXPECT_EQ(bob.take(), (Lines{left_line(room, "ann")}));
}

}  // namespace
}  // namespace kith::features::rooms
