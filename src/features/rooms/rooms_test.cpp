#include "features/rooms/rooms.hpp"

#include "commands/asked_test.hpp"
#include "commands/resolver.hpp"
#include "delivery/hubs_test.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace kith::features::rooms {
namespace {

using base::RoomKey;
using commands::testing::ask;
using commands::testing::AskedPtr;
using delivery::testing::app;
using delivery::testing::Listening;
using delivery::testing::other_app;
using Lines = std::vector<std::string>;

// A connection of a user, as rooms see it.
struct Person : Listening {
  base::UserKey user;
  std::size_t reactor = 0;
  std::unique_ptr<delivery::Session> session;
};

class RoomsWorld : public delivery::testing::Hubs {
 public:
  explicit RoomsWorld(std::size_t count = 2) : Hubs(count) {
    for (std::size_t i = 0; i < count; ++i) {
      rooms.push_back(std::make_unique<Rooms>(*hubs[i], room_network));
      room_network.reactors.push_back(reactors[i].get());
      room_network.rooms.push_back(rooms.back().get());
      resolvers.push_back(std::make_unique<commands::Resolver>(*reactors[i], store));
      contexts.push_back({*reactors[i], store, homes, home_of, *resolvers[i]});
      rooms.back()->add_commands(tables.emplace_back());
    }
  }

  RoomsWorld(const RoomsWorld&) = delete;
  RoomsWorld& operator=(const RoomsWorld&) = delete;

  ~RoomsWorld() override {
    for (auto& person : people)
      leave(person);
    settle();  // what is under way refers to the rooms
  }

  Person& connect(const std::string& name, std::size_t reactor = 0, base::AppId in = app) {
    auto& person = people.emplace_back();
    person.user = {in, base::UserId{name}};
    person.reactor = reactor;
    person.session = hubs[reactor]->make_session(person, {.user = person.user});
    return person;
  }

  // The connection ends, as the gateway tells it.
  void leave(Person& person) {
    if (!person.session) return;
    const auto id = person.session->id();
    person.session.reset();
    rooms[person.reactor]->on_session_end(id);
  }

  AskedPtr begin(Person& person, commands::testing::Question question) {
    const commands::Caller caller{.app = person.user.app,
                                  .user = person.user.user,
                                  .origin = {person.reactor, person.session->id()}};
    return ask(tables[person.reactor], contexts[person.reactor], caller, std::move(question));
  }

  std::string ask_now(Person& person, commands::testing::Question question) {
    const auto asked = begin(person, std::move(question));
    settle();
    EXPECT_EQ(asked->times, 1);
    return asked->text;
  }

  AskedPtr begin_join(Person& person, const std::string& room) {
    return begin(person, {"room.join", R"({"room":")" + room + R"("})"});
  }

  AskedPtr begin_leave(Person& person, const std::string& room) {
    return begin(person, {"room.leave", R"({"room":")" + room + R"("})"});
  }

  std::string join(Person& person, const std::string& room) {
    const auto asked = begin_join(person, room);
    settle();
    return asked->text;
  }

  // A room whose home is that reactor.
  std::string room_at(std::size_t reactor) const {
    for (int i = 0;; ++i) {
      auto name = "room" + std::to_string(i);
      if ((base::KeyHash{}(RoomKey{app, base::RoomName{name}}) >> 32) % reactors.size() == reactor)
        return name;
    }
  }

  std::size_t joined() const {
    std::size_t all = 0;
    for (const auto& one : rooms)
      all += one->rooms_joined();
    return all;
  }

  RoomNetwork room_network;
  std::vector<std::unique_ptr<Rooms>> rooms;
  std::vector<std::unique_ptr<commands::Resolver>> resolvers;
  std::deque<commands::Context> contexts;
  std::deque<commands::Table> tables;
  std::deque<Person> people;
};

std::string joined_line(const std::string& room, const std::string& user) {
  return R"(2["room.joined",{"room":")" + room + R"(","user":")" + user + R"("}])";
}

std::string left_line(const std::string& room, const std::string& user) {
  return R"(2["room.left",{"room":")" + room + R"(","user":")" + user + R"("}])";
}

std::string data_line(const std::string& room, const std::string& from, const std::string& data) {
  return R"(2["room.data",{"room":")" + room + R"(","from":")" + from + R"(","data":)" + data +
         "}]";
}

std::string in_room(const std::string& room, const std::string& more) {
  return R"({"room":")" + room + "\"," + more + "}";
}

// The room lives on the reactor of everyone, or on another one.
class RoomsAnywhere : public ::testing::TestWithParam<std::size_t> {
 protected:
  RoomsWorld w;
  std::string room = w.room_at(GetParam());
};

INSTANTIATE_TEST_SUITE_P(home, RoomsAnywhere, ::testing::Values(0, 1));

TEST_P(RoomsAnywhere, a_join_answers_the_roster_and_tells_the_others) {
  auto& ann = w.connect("ann", 0);
  auto& bob = w.connect("bob", 1);
  EXPECT_EQ(w.join(ann, room), R"({"room":")" + room + R"(","users":["ann"]})");
  EXPECT_EQ(w.join(bob, room), R"({"room":")" + room + R"(","users":["ann","bob"]})");
  EXPECT_EQ(ann.take(), (Lines{joined_line(room, "bob")}));
  EXPECT_EQ(bob.take(), (Lines{}));
}

TEST_P(RoomsAnywhere, data_reaches_everybody_in_the_room_but_who_sent_it) {
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

TEST_P(RoomsAnywhere, echo_sends_a_copy_to_the_sender_too_also_beside_to) {
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

TEST_P(RoomsAnywhere, to_names_one_user_and_reaches_all_his_connections_in_the_room) {
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

TEST_P(RoomsAnywhere, attachments_follow_their_text_in_order) {
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

TEST_P(RoomsAnywhere, what_was_sent_in_order_arrives_in_order) {
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

TEST_P(RoomsAnywhere, who_leaves_hears_nothing_more_and_the_others_are_told) {
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

TEST_P(RoomsAnywhere, the_others_hear_of_a_user_once_however_many_connections_he_has) {
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

TEST_P(RoomsAnywhere, a_second_join_changes_nothing_and_one_leave_ends_it) {
  auto& ann = w.connect("ann", 0);
  auto& bob = w.connect("bob", 0);
  w.join(ann, room);
  const auto first = w.begin_join(bob, room);
  const auto second = w.begin_join(bob, room);
  w.settle();
  EXPECT_EQ(first->text, R"({"room":")" + room + R"(","users":["ann","bob"]})");
  EXPECT_EQ(second->text, first->text);
  EXPECT_EQ(w.join(bob, room), first->text);
  EXPECT_EQ(ann.take(), (Lines{joined_line(room, "bob")}));
  w.ask_now(ann, {"room.send", in_room(room, "\"data\":1")});
  EXPECT_EQ(bob.take(), (Lines{data_line(room, "ann", "1")}));
  w.ask_now(bob, {"room.leave", in_room(room, "\"x\":1")});
  EXPECT_EQ(ann.take(), (Lines{left_line(room, "bob")}));
}

TEST_P(RoomsAnywhere, a_leave_asked_before_the_join_was_answered_holds) {
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

TEST_P(RoomsAnywhere, a_join_asked_after_that_leave_holds_too) {
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

TEST_P(RoomsAnywhere, a_connection_that_ends_while_it_joins_is_in_no_room) {
  auto& ann = w.connect("ann", 1);
  auto& bob = w.connect("bob", 0);
  w.join(ann, room);
  w.begin_join(bob, room);
  w.begin_join(bob, room);
  w.leave(bob);
  w.settle();
  EXPECT_EQ(ann.take(), (Lines{joined_line(room, "bob"), left_line(room, "bob")}));
  auto& cid = w.connect("cid", 0);
  EXPECT_EQ(w.join(cid, room), R"({"room":")" + room + R"(","users":["ann","cid"]})");
}

TEST_P(RoomsAnywhere, a_connection_that_ends_leaves_all_its_rooms) {
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

TEST_P(RoomsAnywhere, a_slow_reader_gets_a_message_whole_or_not_at_all) {
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

TEST_P(RoomsAnywhere, what_no_outbox_could_hold_is_refused) {
  auto& ann = w.connect("ann", 0);
  auto& bob = w.connect("bob", 1);
  w.join(ann, room);
  w.join(bob, room);
  const std::string args = in_room(room, R"("data":{"_placeholder":true,"num":0})");
  const std::vector<std::string> large(2, std::string(700'000, 'x'));
  EXPECT_EQ(w.ask_now(ann, {"room.send", args, large}), "!too_large");
  EXPECT_EQ(bob.take().size(), 0U);
}

TEST_P(RoomsAnywhere, nothing_crosses_from_one_application_to_another) {
  auto& ann = w.connect("ann", 0, app);
  auto& eve = w.connect("eve", 0, other_app);
  w.join(ann, room);
  EXPECT_EQ(w.join(eve, room), R"({"room":")" + room + R"(","users":["eve"]})");
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

TEST(Rooms, whoever_has_no_connection_can_not_join) {
  RoomsWorld w(1);
  const commands::Caller rest{.app = app, .user = base::UserId{"ann"}};
  for (const std::string_view command : {"room.join", "room.leave", "room.send"})
    EXPECT_EQ(ask(w.tables[0], w.contexts[0], rest, {command, R"({"room":"r"})"})->text,
              "!validation_failed");
}

}  // namespace
}  // namespace kith::features::rooms
