#pragma once

#include "base/names.hpp"
#include "commands/asked_test.hpp"
#include "delivery/hubs_test.hpp"
#include "features/typing/typing.hpp"

#include <gtest/gtest.h>

#include <deque>

// Members of conversations on two reactors, and who of them is typing.
namespace kith::features::typing {

using delivery::testing::app;
using delivery::testing::other_app;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

using delivery::testing::Person;

class TypingWorld : public delivery::testing::People {
 public:
  TypingWorld() : People(2) {
    for (std::size_t i = 0; i < 2; ++i) {
      typing.push_back(std::make_unique<Typing>(*hubs[i]));
      auto& table = desks.emplace_back(*this, i).table;
      typing.back()->add_commands(table);
      commands::add_all(table);
      table.close();
    }
  }

  TypingWorld(const TypingWorld&) = delete;
  TypingWorld& operator=(const TypingWorld&) = delete;

  ~TypingWorld() override {
    for (auto& person : people)
      leave(person);
    settle();
  }

  Person& connect(const std::string& name, std::size_t reactor = 0, base::AppId in = app) {
    auto& person = begin_connect(name, reactor, in);
    settle();
    person.take();
    return person;
  }

  void leave(Person& person) {
    if (!person.session) return;
    const auto id = person.session->id();
    person.session.reset();
    typing[person.reactor]->on_session_end({id, person.user, {}});
  }

  commands::testing::AskedPtr begin(const Person& person,
                                    std::string_view command,
                                    const std::string& args) {
    const commands::Caller caller{.app = person.user.app,
                                  .user = person.user.user,
                                  .settings = &settings,
                                  .origin = {person.reactor, person.session->id()}};
    return desks[person.reactor].ask(caller, {command, args});
  }

  commands::testing::AskedPtr send(const Person& person,
                                   const base::ConversationKey& to,
                                   const std::string& more) {
    return begin(person, "message.send", R"({"cid":")" + base::to_text(to.cid) + '"' + more + "}");
  }

  std::string ask_now(const Person& person, std::string_view command, const std::string& args) {
    const auto asked = begin(person, command, args);
    settle();
    EXPECT_EQ(asked->times, 1);
    return asked->text;
  }

  std::string start(const Person& person, const base::ConversationKey& in) {
    return ask_now(person, "typing.start", named(in));
  }

  std::string stop(const Person& person, const base::ConversationKey& in) {
    return ask_now(person, "typing.stop", named(in));
  }

  static std::string named(const base::ConversationKey& key) {
    return R"({"cid":")" + base::to_text(key.cid) + R"("})";
  }

  static std::string line(std::string_view event,
                          const base::ConversationKey& key,
                          const std::string& user) {
    return R"(2["typing.)" + std::string{event} + R"(",{"cid":")" + base::to_text(key.cid) +
           R"(","user":")" + user + R"("}])";
  }

  commands::AppSettings settings;
  std::vector<std::unique_ptr<Typing>> typing;
  std::deque<commands::testing::Desk> desks;
};

}  // namespace kith::features::typing
