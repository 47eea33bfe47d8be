#pragma once

#include "commands/asked_test.hpp"
#include "delivery/hubs_test.hpp"
#include "features/presence/presence.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <optional>

// Members of a conversation on two reactors, and how they see each other.
namespace kith::features::presence {

using delivery::testing::app;
using delivery::testing::other_app;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

using delivery::testing::Person;

class PresenceWorld : public delivery::testing::People {
 public:
  PresenceWorld() : People(2) {
    for (std::size_t i = 0; i < 2; ++i) {
      presences.push_back(
          std::make_unique<Presences>(*hubs[i], *registries[i], *home[i], homes, between));
      between.reactors.push_back(reactors[i].get());
      between.presences.push_back(presences.back().get());
      presences.back()->add_commands(desks.emplace_back(*this, i).table);
    }
    crew = make_group(1, {"ann", "bob", "cid"});
  }

  PresenceWorld(const PresenceWorld&) = delete;
  PresenceWorld& operator=(const PresenceWorld&) = delete;

  ~PresenceWorld() override {
    for (auto& person : people)
      leave(person);
    settle();
  }

  Person& begin_connect(const std::string& name, std::size_t reactor = 0, base::AppId in = app) {
    auto& person = People::begin_connect(name, reactor, in);
    presences[reactor]->on_session_begin({person.session->id(), person.user, person.own_log});
    return person;
  }

  Person& connect(const std::string& name, std::size_t reactor = 0, base::AppId in = app) {
    auto& person = begin_connect(name, reactor, in);
    settle();
    person.take();
    return person;
  }

  void leave(Person& person) {
    if (!person.session) return;
    const commands::SessionInfo ended{person.session->id(), person.user, person.own_log};
    person.session.reset();
    presences[person.reactor]->on_session_end(ended);
  }

  commands::testing::AskedPtr begin(const Person& person,
                                    std::string_view command,
                                    const std::string& args) {
    const commands::Caller caller{
        .app = person.user.app,
        .user = person.user.user,
        .origin = {person.reactor, person.session ? person.session->id() : 0}};
    return desks[person.reactor].ask(caller, {command, args});
  }

  std::string ask_now(const Person& person, std::string_view command, const std::string& args) {
    const auto asked = begin(person, command, args);
    settle();
    EXPECT_EQ(asked->times, 1);
    return asked->text;
  }

  std::string subscribe(const Person& person, const std::string& users) {
    return ask_now(person, "presence.subscribe", R"({"users":[)" + users + "]}");
  }

  std::string set(const Person& person, const std::string& status) {
    return ask_now(person, "presence.set", R"({"status":")" + status + R"("})");
  }

  // What a person is told once the pace allows it.
  Lines heard(Person& person) {
    pass(1s);
    return person.take();
  }

  static std::string state(const std::string& user, const std::string& status) {
    return R"({"user":")" + user + R"(","status":")" + status + R"("})";
  }

  std::string left(const std::string& user, base::WallTime at) const {
    return R"({"user":")" + user + R"(","status":"offline","last_seen":")" + base::to_rfc3339(at) +
           R"("})";
  }

  static std::string answer(const std::string& states) { return R"({"users":[)" + states + "]}"; }

  static std::string changed(const std::string& state) {
    return R"(2["presence.changed",)" + state + "]";
  }

  PresenceNetwork between;
  std::vector<std::unique_ptr<Presences>> presences;
  std::deque<commands::testing::Desk> desks;
  base::ConversationKey crew;
};

}  // namespace kith::features::presence
