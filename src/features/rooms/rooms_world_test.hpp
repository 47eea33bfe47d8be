#pragma once

#include "commands/asked_test.hpp"
#include "commands/resolver.hpp"
#include "delivery/hubs_test.hpp"
#include "features/rooms/rooms.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

// A node up to its rooms, and people who are connected to it.
namespace kith::features::rooms::testing {

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
  explicit RoomsWorld(std::size_t count = 2, RoomOptions options = {}) : Hubs(count) {
    for (std::size_t i = 0; i < count; ++i) {
      rooms.push_back(std::make_unique<Rooms>(*hubs[i], room_network, options));
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
    rooms[person.reactor]->on_session_end({id, person.user, {}});
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

inline std::string joined_line(const std::string& room, const std::string& user) {
  return R"(2["room.joined",{"room":")" + room + R"(","user":")" + user + R"("}])";
}

inline std::string left_line(const std::string& room, const std::string& user) {
  return R"(2["room.left",{"room":")" + room + R"(","user":")" + user + R"("}])";
}

inline std::string data_line(const std::string& room,
                             const std::string& from,
                             const std::string& data) {
  return R"(2["room.data",{"room":")" + room + R"(","from":")" + from + R"(","data":)" + data +
         "}]";
}

inline std::string in_room(const std::string& room, const std::string& more) {
  return R"({"room":")" + room + "\"," + more + "}";
}

// The room lives on the reactor of everyone, or on another one.
class RoomsAnywhere : public ::testing::TestWithParam<std::size_t> {
 protected:
  RoomsWorld w;
  std::string room = w.room_at(GetParam());
};

}  // namespace kith::features::rooms::testing
