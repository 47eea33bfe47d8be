#include "features/presence/presence.hpp"

#include "base/limits.hpp"
#include "commands/arguments.hpp"
#include "domain/identity.hpp"
#include "wire/socketio/encode.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <utility>

namespace kith::features::presence {
namespace {

using base::ConversationKey;
using base::Errc;
using base::Fault;
using base::UserId;
using commands::Answer;
using commands::Reply;
using wire::engineio::OutMessage;
namespace limits = base::limits;

constexpr base::Duration slice = std::chrono::milliseconds{limits::presence_slice_ms};
// What presence may cost a reactor and the database: the rest comes later, in its newest form.
constexpr std::size_t slice_deliveries =
    std::size_t{limits::presence_deliveries_per_s} * limits::presence_slice_ms / 1'000;
constexpr std::size_t slice_users =
    std::size_t{limits::presence_users_per_s} * limits::presence_slice_ms / 1'000;

OutMessage changed(const UserId& user, const Presence& shown) {
  OutMessage::Builder builder{OutMessage::Builder::Kind::text, 128};
  auto json = wire::socketio::begin_event(builder.buffer(), "presence.changed");
  append_presence(json, user, shown);
  json.end_array();
  return std::move(builder).finish();
}

}  // namespace

Presences::Presences(delivery::Hub& hub,
                     delivery::Registry& registry,
                     conversations::Home& home,
                     const conversations::Homes& homes,
                     const PresenceNetwork& network)
    : hub_(hub),
      registry_(registry),
      home_(home),
      homes_(homes),
      network_(network),
      reads_(std::max<std::size_t>(1, limits::presence_reads_max / hub.reactor().count())) {
  registry_.set_watch(*this);
  hub_.add_watch(*this);
}

void Presences::add_commands(commands::Table& table) {
  const auto bind = [this](auto method, bool connected) {
    return [this, method, connected](
               auto& /*context*/, const auto& caller, const auto& input, Reply reply) {
      const auto user = commands::user_of(caller);
      if (user.has_error()) return reply(user.error());
      if (connected && hub_.find_session(caller.origin.session) == nullptr)
        return reply(Fault{Errc::validation_failed,
                           "presence is watched and set over a connection; presence.get is not"});
      (this->*method)(caller, input, std::move(reply));
    };
  };
  table.add("presence.subscribe", bind(&Presences::subscribe, true));
  table.add("presence.unsubscribe", bind(&Presences::unsubscribe, true));
  table.add("presence.get", bind(&Presences::get, false));
  table.add("presence.set", bind(&Presences::set, true));
}

Who Presences::who(base::AppId app, const UserId& user) const {
  return {{app, domain::user_cid(hub_.store().meta().id_key, app, user)}, user};
}

Moment Presences::moment() const {
  const auto& clock = hub_.reactor().clock();
  return {clock.now(), clock.wall()};
}

// -------------------------------------------------------------------------------------------------
// what a user says of himself

void Presences::set(const commands::Caller& caller, const commands::Input& input, Reply reply) {
  constexpr const char* complaint = "`status` is online, away, busy or offline";
  const auto said = input.args.find("status");
  const auto status = parse_status(said ? said->as_string().value_or("") : "");
  if (!status) return reply(Fault{Errc::validation_failed, complaint});
  const auto me = who(caller.app, caller.user);
  auto& away = away_[me.own_log];
  std::erase(away, caller.origin.session);
  if (*status == Status::away) away.push_back(caller.origin.session);
  // While it does not listen yet it is judged later: it is not counted.
  if (away.empty() || hub_.find_session(caller.origin.session)->listens(me.own_log.cid))
    judge_away(me);
  at_home(me.own_log, [me, status = *status](auto& there) {
    if (status != Status::away)
      there.people_.choose(me, status, there.connected(me.own_log), there.moment());
    there.watch_time();
  });
  Answer answer;
  wire::json::Writer{answer.data}.begin_object().field("status", to_text(*status)).end_object();
  reply(std::move(answer));
}

// Whether all of his connections here are away. One that does not listen yet is not among them.
void Presences::judge_away(const Who& who) {
  const auto found = away_.find(who.own_log);
  if (found == away_.end()) return;
  const bool away =
      !found->second.empty() && found->second.size() >= hub_.listeners_of(who.own_log);
  if (found->second.empty()) away_.erase(found);
  at_home(who.own_log, [who, away, me = hub_.reactor().index()](auto& there) {
    there.people_.set_away(who, me, away, there.connected(who.own_log), there.moment());
    there.watch_time();
  });
}

void Presences::on_session_begin(const commands::SessionInfo& session) {
  const ConversationKey own_log{session.user.app, session.user_cid};
  const auto found = away_.find(own_log);
  if (found == away_.end()) return;
  at_home(own_log,
          [who = Who{own_log, session.user.user}, me = hub_.reactor().index()](auto& there) {
            there.people_.set_away(who, me, false, there.connected(who.own_log), there.moment());
            there.watch_time();
          });
}

void Presences::on_session_end(const commands::SessionInfo& session) {
  if (ending_) return;  // what is to be stored was
  const Who who{{session.user.app, session.user_cid}, session.user.user};
  for (const auto& own_log : watchers_.end(session.id))
    unwatch(own_log);
  if (const auto found = away_.find(who.own_log); found != away_.end()) {
    std::erase(found->second, session.id);
    judge_away(who);
  }
  at_home(who.own_log, [who](auto& there) {
    if (!there.serves(who.own_log.app) && !there.people_.knows(who.own_log)) return;
    there.people_.on_ended(who, there.connected(who.own_log), there.moment());
    there.watch_time();
  });
}

// -------------------------------------------------------------------------------------------------
// at the home of a user

std::uint64_t Presences::connected(const ConversationKey& own_log) const {
  return registry_.listeners_of(own_log);
}

Presence Presences::look(const Who& who, std::optional<std::size_t> watcher) {
  const auto shown = watcher ? people_.watch(who, *watcher, connected(who.own_log), moment())
                             : people_.look(who, connected(who.own_log));
  watch_time();
  return shown;
}

void Presences::on_listeners(const ConversationKey& key, std::uint64_t reactors) {
  if (people_.noted() == 0) return;
  people_.on_connected(key, reactors, moment());
  watch_time();
}

void Presences::watch_time() {
  const auto next = people_.next_due();
  if (!next) return;
  auto& reactor = hub_.reactor();
  const auto now = reactor.clock().now();
  auto when = std::max(*next, now);
  if (users_left_ == 0) when = std::max(when, slice_began_ + slice);
  // What changes at nearly the same time is told together.
  if (!alarm_.armed() || when < due_at_) {
    due_at_ = when;
    reactor.arm(alarm_, when - now);
  }
}

void Presences::on_time() {
  const auto at = moment();
  if (at.now - slice_began_ >= slice) {
    slice_began_ = at.now;
    users_left_ = slice_users;
  }
  auto due = people_.take_due(at, users_left_);
  users_left_ -= due.users;
  carry_out(due);
  watch_time();
}

void Presences::flush() {
  if (std::exchange(ending_, true)) return carry_out(people_.take_all(moment()));
  hub_.each_session([this](const delivery::Session& session) {
    const auto& user = session.user();
    if (!serves(user.app)) return;
    at_home({user.app, session.user_cid()},
            [who = Who{{user.app, session.user_cid()}, user.user}](auto& there) {
              there.people_.on_ended(who, 0, there.moment());
            });
  });
}

void Presences::carry_out(const PresenceHome::Due& due) {
  for (const auto& [who, at] : due.leaves) {
    auto entry = std::make_unique<conversations::UserEntry>();
    entry->ts = at;
    entry->user = {who.own_log.app, who.user};
    entry->last_seen = at;
    home_.submit(std::move(entry));
  }
  std::map<std::size_t, std::vector<PresenceHome::Change>> by_reactor;
  for (const auto& change : due.changes)
    for (auto left = change.watchers; left != 0; left &= left - 1)
      by_reactor[static_cast<std::size_t>(std::countr_zero(left))].push_back(change);
  for (auto& [reactor, changes] : by_reactor) {
    auto* there = network_.presences[reactor];
    if (there == this)
      on_changed(changes);
    else
      network_.reactors[reactor]->post(
          [there, changes = std::move(changes)] { there->on_changed(changes); });
  }
}

// -------------------------------------------------------------------------------------------------
// at the reactor of those who watch

void Presences::on_changed(const std::vector<PresenceHome::Change>& changes) {
  for (const auto& change : changes)
    watchers_.note(change.who, change.shown);
  if (watchers_.pending() && !slice_alarm_.armed()) hub_.reactor().arm(slice_alarm_, slice);
}

void Presences::on_slice() {
  for (const auto& delivery : watchers_.take(slice_deliveries)) {
    const auto message = changed(delivery.user, delivery.shown);
    for (const auto id : delivery.sessions)
      if (auto* session = hub_.find_session(id); session != nullptr)
        session->send_ephemeral(message);
  }
  if (watchers_.pending()) hub_.reactor().arm(slice_alarm_, slice);
}

}  // namespace kith::features::presence
