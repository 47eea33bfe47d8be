#pragma once

#include "conversations/batch.hpp"
#include "conversations/home.hpp"
#include "domain/body.hpp"
#include "domain/identity.hpp"
#include "ports/fake.hpp"
#include "ports/memory/store.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

// A node below delivery: reactors, homes, lane and store, all moved by the test.
namespace kith::conversations {

inline constexpr auto app = static_cast<domain::AppId>(1);

inline UserId user(std::string_view name) {
  return UserId{std::string{name}};
}

inline std::string body(std::string_view text) {
  return domain::make_body("\"type\":\"text\",\"text\":\"" + std::string{text} + "\"");
}

// Remembers what was published.
struct Listening : Audience {
  void publish(const Committed& committed) override { heard.push_back(committed); }

  void show_early(const EarlyMessage& message) override { shown.push_back(message); }

  void retract(const ConversationKey& /*key*/, const MessageId& id) override {
    retracted.push_back(id);
  }

  void learn(const ConversationKey& /*key*/, Seq head) override { learned.push_back(head); }

  std::vector<Committed> heard;
  std::vector<EarlyMessage> shown;
  std::vector<MessageId> retracted;
  std::vector<Seq> learned;
};

class World {
 public:
  explicit World(
      std::size_t count = 1,
      std::shared_ptr<ports::MemoryDatabase> database = std::make_shared<ports::MemoryDatabase>())
      : store(std::move(database)) {
    for (std::size_t i = 0; i < count; ++i)
      reactors.push_back(std::make_unique<ports::FakeReactor>(clock, i, count));
    context.id_key = store.meta().id_key;
    context.homes = &homes;
  }

  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // One audience for each reactor.
  void start(const std::vector<Audience*>& audiences, Home::Options options = {100, 100}) {
    for (std::size_t i = 0; i < reactors.size(); ++i) {
      home.push_back(std::make_unique<Home>(*reactors[i], store, *audiences[i], homes, options));
      homes.reactors.push_back(reactors[i].get());
      homes.sinks.push_back(home.back().get());
    }
    factory = std::make_unique<BatchFactory>(context);
    store.start(*factory);
  }

  void run_reactors() {
    for (bool again = true; again;) {
      again = false;
      for (auto& reactor : reactors)
        if (reactor->waiting_tasks() > 0) {
          reactor->run();
          again = true;
        }
    }
  }

  // Until nothing moves without time passing.
  void settle() {
    do
      run_reactors();
    while (store.run());
  }

  void pass(base::Duration time) {
    std::vector<ports::FakeReactor*> others;
    switch (reactors.size()) {
      case 1:
        return reactors[0]->advance(time);
      case 2:
        return reactors[0]->advance(time, {reactors[1].get()});
      default:
        return reactors[0]->advance(time, {reactors[1].get(), reactors[2].get()});
    }
  }

  // --- names
  ConversationKey direct(std::string_view a, std::string_view b) const {
    return {app, domain::direct_cid(context.id_key, app, user(a), user(b))};
  }

  ConversationKey own_log(std::string_view name) const {
    return {app, domain::user_cid(context.id_key, app, user(name))};
  }

  static ConversationKey group(std::uint8_t n) {
    ConversationKey key{app, {}};
    key.cid.bytes = {'g', n};
    return key;
  }

  Home& home_of(const ConversationKey& key) { return *home[homes.index_of(key)]; }

  // --- entries, as commands make them
  std::unique_ptr<SendEntry> send_entry(const ConversationKey& key,
                                        std::string_view sender,
                                        std::string_view id,
                                        std::string_view text = "hi") const {
    auto entry = std::make_unique<SendEntry>();
    entry->ts = clock.wall();
    entry->key = key;
    entry->sender = user(sender);
    entry->client_id = ClientId{std::string{id}};
    entry->body = body(text);
    return entry;
  }

  std::unique_ptr<SendEntry> direct_entry(std::string_view from,
                                          std::string_view to,
                                          std::string_view id,
                                          std::string_view text = "hi") const {
    auto entry = send_entry(direct(from, to), from, id, text);
    entry->direct = std::pair{user(from), user(to)};
    return entry;
  }

  // The first is the owner.
  std::unique_ptr<CreateEntry> create_entry(const ConversationKey& key,
                                            const std::vector<std::string>& members) const {
    auto entry = std::make_unique<CreateEntry>();
    entry->ts = clock.wall();
    entry->key = key;
    entry->title = "a group";
    for (const auto& name : members)
      entry->members.emplace_back(user(name), entry->members.empty() ? Role::owner : Role::member);
    return entry;
  }

  std::unique_ptr<AddEntry> add_entry(const ConversationKey& key,
                                      const std::vector<std::string>& names,
                                      std::string_view actor = "",
                                      Role role = Role::member) const {
    auto entry = std::make_unique<AddEntry>();
    entry->ts = clock.wall();
    entry->key = key;
    entry->actor = {user(actor), actor.empty()};
    entry->role = role;
    entry->members_max = 1'000;
    for (const auto& name : names)
      entry->users.push_back(user(name));
    return entry;
  }

  std::unique_ptr<RemoveEntry> remove_entry(const ConversationKey& key,
                                            std::string_view name,
                                            std::string_view actor = "") const {
    auto entry = std::make_unique<RemoveEntry>();
    entry->ts = clock.wall();
    entry->key = key;
    entry->actor = {user(actor), actor.empty()};
    entry->user = user(name);
    return entry;
  }

  std::unique_ptr<RoleEntry> role_entry(const ConversationKey& key,
                                        std::string_view name,
                                        Role role,
                                        std::string_view actor = "") const {
    auto entry = std::make_unique<RoleEntry>();
    entry->ts = clock.wall();
    entry->key = key;
    entry->actor = {user(actor), actor.empty()};
    entry->user = user(name);
    entry->role = role;
    return entry;
  }

  // `custom`: what is merged into the custom data.
  std::unique_ptr<UpdateEntry> update_entry(const ConversationKey& key,
                                            std::optional<std::string> title,
                                            std::optional<std::string> custom,
                                            std::string_view actor = "") const {
    auto entry = std::make_unique<UpdateEntry>();
    entry->ts = clock.wall();
    entry->key = key;
    entry->actor = {user(actor), actor.empty()};
    entry->title = std::move(title);
    entry->custom_patch = std::move(custom);
    entry->custom_bytes_max = 64;
    return entry;
  }

  std::unique_ptr<ReadEntry> read_entry(std::string_view who,
                                        std::vector<std::pair<Cid, Seq>> marks) const {
    auto entry = std::make_unique<ReadEntry>();
    entry->user = {app, user(who)};
    entry->marks = std::move(marks);
    return entry;
  }

  // Into the lane, and done.
  template <class EntryType>
  void submit(std::unique_ptr<EntryType> entry) {
    home[0]->submit(std::move(entry));
  }

  void make_group(const ConversationKey& key, const std::vector<std::string>& members) {
    submit(create_entry(key, members));
    settle();
  }

  // --- what is stored
  const ports::MemoryDatabase::Row* row(const ConversationKey& key) {
    return store.database().committed().find(key);
  }

  Seq head(const ConversationKey& key) {
    const auto* found = row(key);
    return found == nullptr ? 0 : found->now().last_seq;
  }

  std::vector<std::string> texts(const ConversationKey& key) {
    std::vector<std::string> found;
    if (const auto* stored = row(key))
      for (const auto& [seq, event] : stored->log)
        if (event->kind == domain::EventKind::message) found.push_back(event->client_id.str());
    return found;
  }

  base::ManualClock clock;
  std::vector<std::unique_ptr<ports::FakeReactor>> reactors;
  ports::MemoryStore store;
  Homes homes;
  BatchContext context;
  std::unique_ptr<BatchFactory> factory;
  std::vector<std::unique_ptr<Home>> home;
};

// Takes the answer of an entry or request.
template <class T>
struct Answered {
  Done<T> into() {
    return [this](base::Result<T> result) {
      ++times;
      if (result.has_value())
        value = std::move(*result);
      else
        fault = result.error();
    };
  }

  bool ok() const { return times == 1 && value.has_value(); }

  bool refused(base::Errc code) const {
    return times == 1 && fault.has_value() && fault->code == code;
  }

  int times = 0;
  std::optional<T> value;
  std::optional<base::Fault> fault;
};

}  // namespace kith::conversations
