#pragma once

#include "base/log.hpp"
#include "conversations/batch.hpp"
#include "conversations/home.hpp"
#include "delivery/hub.hpp"
#include "delivery/registry.hpp"
#include "domain/body.hpp"
#include "domain/identity.hpp"
#include "ports/fake.hpp"
#include "ports/memory/store.hpp"

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// A node up to its hubs, for the tests of what stands on them: nothing moves until `settle`.
namespace kith::delivery::testing {

inline constexpr auto app = static_cast<base::AppId>(1);
inline constexpr auto other_app = static_cast<base::AppId>(2);

class Hubs {
 public:
  explicit Hubs(std::size_t count = 1) {
    for (std::size_t i = 0; i < count; ++i) {
      reactors.push_back(std::make_unique<ports::FakeReactor>(clock, i, count));
      homes.reactors.push_back(reactors.back().get());
    }
    network.homes = &homes;
    for (const auto& reactor : reactors) {
      registries.push_back(std::make_unique<Registry>(*reactor, network, store.meta().id_key));
      network.registries.push_back(registries.back().get());
      home.push_back(std::make_unique<conversations::Home>(
          *reactor,
          store,
          *registries.back(),
          homes,
          conversations::Home::Options{.loaded_max = 100, .waiting_max = 1'000}));
      home_of.push_back(home.back().get());
      homes.sinks.push_back(home.back().get());
      hubs.push_back(
          std::make_unique<Hub>(*reactor, store, *home.back(), network, logger, HubOptions{}));
      hubs.back()->set_ticks_told([](base::AppId) { return true; });
      network.hubs.push_back(hubs.back().get());
    }
    batches = std::make_unique<conversations::BatchFactory>(
        conversations::BatchContext{.homes = &homes, .id_key = store.meta().id_key});
    store.start(*batches);
  }

  Hubs(const Hubs&) = delete;
  Hubs& operator=(const Hubs&) = delete;

  virtual ~Hubs() { settle(); }  // what is under way refers to the hubs

  // Until nothing moves without time passing.
  void settle() {
    for (int quiet = 0; quiet < 3; ++quiet) {
      for (const auto& reactor : reactors)
        reactor->run();
      if (store.run()) quiet = -1;
    }
  }

  void pass(base::Duration time) {
    settle();
    if (reactors.size() == 1)
      reactors[0]->advance(time);
    else
      reactors[0]->advance(time, {reactors[1].get()});
    settle();
  }

  // A group of the first one, who is its owner, and others.
  base::ConversationKey make_group(std::uint8_t number, const std::vector<std::string>& members) {
    auto entry = std::make_unique<conversations::CreateEntry>();
    entry->ts = clock.wall();
    entry->key.app = app;
    entry->key.cid.bytes = {'g', number};
    for (const auto& name : members)
      entry->members.emplace_back(
          base::UserId{name},
          entry->members.empty() ? conversations::Role::owner : conversations::Role::member);
    const auto key = entry->key;
    home[0]->submit(std::move(entry));
    settle();
    return key;
  }

  void remove(const base::ConversationKey& key, const std::string& actor, const std::string& user) {
    auto entry = std::make_unique<conversations::RemoveEntry>();
    entry->ts = clock.wall();
    entry->key = key;
    entry->actor = {base::UserId{actor}, false};
    entry->user = base::UserId{user};
    home[0]->submit(std::move(entry));
    settle();
  }

  // Messages of somebody who is not connected.
  void write(const base::ConversationKey& key,
             const std::string& sender,
             int count,
             std::size_t bytes = 2) {
    for (int i = 0; i < count; ++i) {
      auto entry = std::make_unique<conversations::SendEntry>();
      entry->ts = clock.wall();
      entry->key = key;
      entry->sender = base::UserId{sender};
      entry->client_id = conversations::ClientId{"w" + std::to_string(++written_)};
      entry->body = domain::make_body(R"("type":"text","text":")" + std::string(bytes, 'x') + '"');
      home[0]->submit(std::move(entry));
    }
    settle();
  }

  base::ManualClock clock;
  base::NullLogger logger;
  std::vector<std::unique_ptr<ports::FakeReactor>> reactors;
  ports::MemoryStore store;
  conversations::Homes homes;
  Network network;
  std::vector<std::unique_ptr<Registry>> registries;
  std::vector<std::unique_ptr<conversations::Home>> home;
  std::vector<conversations::Home*> home_of;
  std::vector<std::unique_ptr<Hub>> hubs;
  std::unique_ptr<conversations::BatchFactory> batches;

 private:
  int written_ = 0;
};

// Who is connected, without a transport: remembers what came, and reads it or not.
class Listening : public Sink {
 public:
  void send(const wire::engineio::OutMessage& message) override {
    if (message.is_binary())
      received.push_back("<" + std::string{message.packet_view()} + ">");
    else
      received.emplace_back(message.packet_view().substr(1));  // behind Engine.IO's type
  }

  std::size_t queued_bytes() const noexcept override { return queued; }

  std::size_t outbox_bytes_max() const noexcept override { return outbox_max; }

  void close(CloseCode code) override { closed = code; }

  std::vector<std::string> take() { return std::exchange(received, {}); }

  std::vector<std::string> received;
  std::size_t queued = 0;
  std::size_t outbox_max = base::limits::outbox_high_bytes + 1'000'000;
  std::optional<CloseCode> closed;
};

// A user's connection.
struct Person : Listening {
  base::UserKey user;
  std::size_t reactor = 0;
  base::Cid own_log;
  std::unique_ptr<Session> session;
};

// Hubs with people. Who derives from it ends their sessions before what is told of their ends goes.
class People : public Hubs {
 public:
  using Hubs::Hubs;

  Person& begin_connect(const std::string& name,
                        std::size_t reactor = 0,
                        base::AppId in = app,
                        const std::string& device = "") {
    auto& person = people.emplace_back();
    person.user = {in, base::UserId{name}};
    person.reactor = reactor;
    person.own_log = domain::user_cid(store.meta().id_key, in, person.user.user);
    person.session = hubs[reactor]->make_session(
        person,
        {.user = person.user, .device = base::DeviceId{device}, .user_cid = person.own_log});
    person.session->start();
    return person;
  }

  std::deque<Person> people;
};

}  // namespace kith::delivery::testing
