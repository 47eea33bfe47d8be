#pragma once

#include "commands/feature.hpp"
#include "delivery/hub.hpp"
#include "delivery/registry.hpp"
#include "features/presence/presence_home.hpp"
#include "features/presence/watchers.hpp"
#include "ports/read_gate.hpp"
#include "wire/json/writer.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace kith::features::presence {

class Presences;

// The presences of all reactors of a node, by index; filled before they start.
struct PresenceNetwork {
  std::vector<ports::Reactor*> reactors;
  std::vector<Presences*> presences;
};

// {user, status, last_seen?}
void append_presence(wire::json::Writer& json, const base::UserId& user, const Presence& shown);

// Who is there: presence.subscribe, presence.unsubscribe, presence.get, presence.set, and
// presence.changed {user, status, last_seen?} to those who subscribed. A user is seen by those he
// shares a conversation with: asked when they subscribe, and again when one of the two is out of a
// conversation. Changes of one user are told at most once a second, all of them within a budget of
// their own, the newest only. What is stored is when somebody was last seen.
class Presences final : public commands::Feature,
                        private delivery::ListenWatch,
                        private delivery::SessionWatch {
 public:
  Presences(delivery::Hub& hub,
            delivery::Registry& registry,
            conversations::Home& home,
            const conversations::Homes& homes,
            const PresenceNetwork& network);

  std::string_view name() const noexcept override { return "presence"; }

  void add_commands(commands::Table& table) override;
  void on_session_begin(const commands::SessionInfo& session) override;
  void on_session_end(const commands::SessionInfo& session) override;
  void flush() override;

  std::size_t noted() const noexcept { return people_.noted(); }

  std::size_t watched() const noexcept { return watchers_.watched(); }

 private:
  // Users that somebody asks about, on their way through the store and their homes.
  struct Question;
  using QuestionPtr = std::shared_ptr<Question>;

  // presence.subscribe {users} -> {users: [{user, status, last_seen?}]}, those he may see
  void subscribe(const commands::Caller& caller,
                 const commands::Input& input,
                 commands::Reply reply);
  // presence.unsubscribe {users} -> {}
  void unsubscribe(const commands::Caller& caller,
                   const commands::Input& input,
                   commands::Reply reply);
  // presence.get {users} -> as subscribe, once
  void get(const commands::Caller& caller, const commands::Input& input, commands::Reply reply);
  // presence.set {status} -> {status}
  void set(const commands::Caller& caller, const commands::Input& input, commands::Reply reply);

  void ask_store(const QuestionPtr& question);
  void read_some(const QuestionPtr& question);
  void ask_homes(const QuestionPtr& question);
  std::map<std::size_t, std::vector<Who>> visible_by_home(Question& question);
  void ask_home(std::vector<Who> whom, const QuestionPtr& question);
  static void answer(const QuestionPtr& question);
  void unwatch(const base::ConversationKey& own_log);
  void judge_away(const Who& who);

  // Runs it at the home of `own_log`, with that reactor's part.
  template <class F>
  void at_home(const base::ConversationKey& own_log, F f) {
    const auto home = homes_.index_of(own_log);
    auto* there = network_.presences[home];
    if (home == hub_.reactor().index()) return f(*there);
    network_.reactors[home]->post([there, f = std::move(f)]() mutable { f(*there); });
  }

  // --- at the home of a user
  Presence look(const Who& who, std::optional<std::size_t> watcher);
  std::uint64_t connected(const base::ConversationKey& own_log) const;
  void on_listeners(const base::ConversationKey& key, std::uint64_t reactors) override;
  void watch_time();
  void on_time();
  void carry_out(const PresenceHome::Due& due);
  // --- at the reactor of those who watch
  void on_changed(const std::vector<PresenceHome::Change>& changes);
  void on_slice();
  void on_removed(const delivery::Session& session, const base::Cid& cid) override;
  void on_member_removed(const base::UserKey& removed) override;
  void on_placed(const delivery::Session& session) override;
  void review();
  void judge(const Watchers::Doubt& doubt, const base::Result<std::vector<ports::UserRow>>& rows);

  Who who(base::AppId app, const base::UserId& user) const;
  Moment moment() const;

  delivery::Hub& hub_;
  delivery::Registry& registry_;
  conversations::Home& home_;
  const conversations::Homes& homes_;
  const PresenceNetwork& network_;
  PresenceHome people_;
  Watchers watchers_;
  ports::ReadGate reads_;  // of questions; each caller has in_flight_commands_max of them at most
  // Connections here that said `away`, by own log.
  std::map<base::ConversationKey, std::vector<std::uint64_t>> away_;
  bool reviewing_ = false;  // the store is asked about a doubt
  bool ending_ = false;     // flush() was called
  base::Instant due_at_;    // of alarm_, while it is armed
  // Of the users that may be due at the home in one slice of time.
  base::Instant slice_began_;
  std::size_t users_left_ = 0;  // until the next one begins
  ports::Alarm<Presences, &Presences::on_time> alarm_{*this};
  ports::Alarm<Presences, &Presences::on_slice> slice_alarm_{*this};
  ports::Alarm<Presences, &Presences::review> review_alarm_{*this};
};

}  // namespace kith::features::presence
