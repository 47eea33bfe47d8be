#pragma once

#include "base/names.hpp"
#include "commands/asked_test.hpp"
#include "commands/resolver.hpp"
#include "delivery/hubs_test.hpp"
#include "domain/identity.hpp"
#include "features/typing/typing.hpp"

#include <gtest/gtest.h>

#include <deque>

// Members of conversations on two reactors, and who of them is typing.
namespace kith::features::typing {

using commands::testing::ask;
using delivery::testing::app;
using delivery::testing::Listening;
using delivery::testing::other_app;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

struct Person : Listening {
  base::UserKey user;
  std::size_t reactor = 0;
  std::unique_ptr<delivery::Session> session;
};

class TypingWorld : public delivery::testing::Hubs {
 public:
  TypingWorld() : Hubs(2) {
    for (std::size_t i = 0; i < 2; ++i) {
      typing.push_back(std::make_unique<Typing>(*hubs[i]));
      resolvers.push_back(std::make_unique<commands::Resolver>(*reactors[i], store));
      contexts.push_back({*reactors[i], store, homes, home_of, *resolvers[i]});
      typing.back()->add_commands(tables.emplace_back());
      commands::add_all(tables.back());
      tables.back().close();
    }
  }

  TypingWorld(const TypingWorld&) = delete;
  TypingWorld& operator=(const TypingWorld&) = delete;

  ~TypingWorld() override {
    for (auto& person : people)
      leave(person);
    settle();
  }

  Person& begin_connect(const std::string& name, std::size_t reactor, base::AppId in = app) {
    auto& person = people.emplace_back();
    person.user = {in, base::UserId{name}};
    person.reactor = reactor;
    const auto own = domain::user_cid(store.meta().id_key, in, person.user.user);
    person.session = hubs[reactor]->make_session(person, {.user = person.user, .user_cid = own});
    person.session->start();
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
    return ask(tables[person.reactor], contexts[person.reactor], caller, {command, args});
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
  std::vector<std::unique_ptr<commands::Resolver>> resolvers;
  std::deque<commands::Context> contexts;
  std::deque<commands::Table> tables;
  std::deque<Person> people;
};

}  // namespace kith::features::typing
