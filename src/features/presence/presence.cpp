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
constexpr std::size_t slice_deliveries =
    std::size_t{limits::presence_deliveries_per_s} * limits::presence_slice_ms / 1'000;

base::Result<std::vector<UserId>> users_asked(commands::Value args) {
  KITH_TRY(users, commands::users_of(args, "users", limits::presence_watched_max));
  if (users.empty()) return Fault{Errc::validation_failed, "`users` names at least one user"};
  return users;
}

void append(wire::json::Writer& json, const UserId& user, const Presence& shown) {
  json.begin_object().field("user", user.str()).field("status", to_text(shown.status));
  if (shown.status == Status::offline && shown.last_seen.ms != 0)
    json.field("last_seen", base::to_rfc3339(shown.last_seen));
  json.end_object();
}

OutMessage changed(const UserId& user, const Presence& shown) {
  OutMessage::Builder builder{OutMessage::Builder::Kind::text, 128};
  auto json = wire::socketio::begin_event(builder.buffer(), "presence.changed");
  append(json, user, shown);
  json.end_array();
  return std::move(builder).finish();
}

}  // namespace

struct Presences::Question {
  base::UserKey asking;
  std::uint64_t watcher = 0;  // the session that subscribes; 0: nobody does
  std::vector<UserId> users;
  std::size_t looked_up = 0;           // of those, in the store
  std::map<UserId, Presence> visible;  // to him; with what the store says
  std::size_t homes_left = 0;          // that have not answered
  Reply reply;
};

Presences::Presences(delivery::Hub& hub,
                     delivery::Registry& registry,
                     conversations::Home& home,
                     const conversations::Homes& homes,
                     const PresenceNetwork& network)
    : hub_(hub), registry_(registry), home_(home), homes_(homes), network_(network) {
  registry_.set_watch(*this);
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

template <class F>
void Presences::at_home(const ConversationKey& own_log, F f) {
  const auto home = homes_.index_of(own_log);
  auto* there = network_.presences[home];
  if (home == hub_.reactor().index()) return f(*there);
  network_.reactors[home]->post([there, f = std::move(f)]() mutable { f(*there); });
}

// -------------------------------------------------------------------------------------------------
// questions

void Presences::subscribe(const commands::Caller& caller,
                          const commands::Input& input,
                          Reply reply) {
  auto users = users_asked(input.args);
  if (users.has_error()) return reply(users.error());
  const auto session = caller.origin.session;
  const auto is_new = [&](const auto& user) {
    return !watchers_.watches(session, who(caller.app, user).own_log);
  };
  const auto more = std::count_if(users->begin(), users->end(), is_new);
  if (watchers_.watched_by(session) + static_cast<std::size_t>(more) > limits::presence_watched_max)
    return reply(Fault{Errc::quota_exceeded,
                       "a connection watches at most 1000 users: unsubscribe from some first"});
  for (const auto& user : *users)
    watchers_.want(session, who(caller.app, user).own_log);
  auto question = std::make_shared<Question>();
  question->asking = {caller.app, caller.user};
  question->watcher = session;
  question->users = std::move(*users);
  question->reply = std::move(reply);
  ask_store(question);
}

void Presences::get(const commands::Caller& caller, const commands::Input& input, Reply reply) {
  auto users = users_asked(input.args);
  if (users.has_error()) return reply(users.error());
  auto question = std::make_shared<Question>();
  question->asking = {caller.app, caller.user};
  question->users = std::move(*users);
  question->reply = std::move(reply);
  ask_store(question);
}

void Presences::unsubscribe(const commands::Caller& caller,
                            const commands::Input& input,
                            Reply reply) {
  const auto users = users_asked(input.args);
  if (users.has_error()) return reply(users.error());
  for (const auto& user : *users) {
    const auto own_log = who(caller.app, user).own_log;
    if (watchers_.drop(caller.origin.session, own_log)) unwatch(own_log);
  }
  reply(Answer{.data = "{}"});
}

// Whom he may see, some at a time: other reads come between.
void Presences::ask_store(const QuestionPtr& question) {
  const auto first = question->users.begin() + static_cast<std::ptrdiff_t>(question->looked_up);
  const auto count =
      std::min(limits::users_per_request_max, question->users.size() - question->looked_up);
  std::vector<UserId> some{first, first + static_cast<std::ptrdiff_t>(count)};
  question->looked_up += count;
  hub_.store().users(
      hub_.reactor(), question->asking, std::move(some), [this, question](auto rows) {
        if (rows.has_error()) {
          for (const auto& user : question->users)
            if (const auto own_log = who(question->asking.app, user).own_log;
                watchers_.give_up(question->watcher, own_log))
              unwatch(own_log);
          return question->reply(rows.error());
        }
        for (const auto& row : *rows)
          question->visible.emplace(row.user, Presence{Status::offline, row.last_seen});
        if (question->looked_up < question->users.size()) return ask_store(question);
        ask_homes(question);
      });
}

void Presences::ask_homes(const QuestionPtr& question) {
  std::map<std::size_t, std::vector<Who>> by_home;
  for (const auto& user : question->users) {
    auto one = who(question->asking.app, user);
    const bool visible = question->visible.contains(user);
    if (question->watcher != 0) {
      if (!visible) {
        if (watchers_.drop(question->watcher, one.own_log)) unwatch(one.own_log);
      } else if (!watchers_.allow(question->watcher, one.own_log)) {
        question->visible.erase(user);  // unsubscribed meanwhile
        continue;
      }
    }
    if (visible) by_home[homes_.index_of(one.own_log)].push_back(std::move(one));
  }
  if (by_home.empty()) return answer(question);
  question->homes_left = by_home.size();
  const auto watcher =
      question->watcher == 0 ? std::nullopt : std::optional{hub_.reactor().index()};
  for (auto& [home, whom] : by_home) {
    const auto first = whom.front().own_log;
    at_home(first, [watcher, whom = std::move(whom), question, asker = this](auto& there) {
      std::vector<Presence> found;
      found.reserve(whom.size());
      for (const auto& one : whom)
        found.push_back(there.look(one, watcher));
      auto take = [question, whom, found = std::move(found)] {
        for (std::size_t i = 0; i < whom.size(); ++i) {
          auto& known = question->visible[whom[i].user];
          const auto stored = known.last_seen;
          known = found[i];
          if (known.status == Status::offline)
            known.last_seen.ms = std::max(known.last_seen.ms, stored.ms);
        }
        if (--question->homes_left == 0) answer(question);
      };
      if (&there == asker) return take();
      asker->hub_.reactor().post(std::move(take));
    });
  }
}

void Presences::answer(const QuestionPtr& question) {
  Answer answer;
  wire::json::Writer json{answer.data};
  json.begin_object().key("users").begin_array();
  for (const auto& user : question->users)
    if (const auto found = question->visible.find(user); found != question->visible.end())
      append(json, user, found->second);
  json.end_array().end_object();
  question->reply(std::move(answer));
}

void Presences::unwatch(const ConversationKey& own_log) {
  at_home(own_log, [own_log, me = hub_.reactor().index()](auto& there) {
    there.people_.unwatch(own_log, me, there.moment());
    there.watch_time();
  });
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

// Whether all of his connections here are away.
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
  const auto after = std::max(base::Duration{0}, *next - reactor.clock().now());
  // What changes at nearly the same time is told together.
  if (!alarm_.armed() || reactor.clock().now() + after < due_at_) {
    due_at_ = reactor.clock().now() + after;
    reactor.arm(alarm_, after);
  }
}

void Presences::on_time() {
  carry_out(people_.take_due(moment()));
  watch_time();
}

void Presences::flush() {
  if (std::exchange(ending_, true)) return carry_out(people_.take_all(moment()));
  hub_.each_session([this](const delivery::Session& session) {
    const auto& user = session.user();
    at_home({user.app, session.user_cid()},
            [who = Who{{user.app, session.user_cid()}, user.user}](auto& there) {
              there.people_.on_ended(who, 0, there.moment());
            });
  });
}

void Presences::carry_out(PresenceHome::Due due) {
  for (auto& [who, at] : due.leaves) {
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
