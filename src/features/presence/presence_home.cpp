#include "features/presence/presence_home.hpp"

#include "base/limits.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace kith::features::presence {
namespace {

constexpr base::Duration grace = std::chrono::milliseconds{base::limits::presence_grace_ms};
constexpr base::Duration interval = std::chrono::milliseconds{base::limits::presence_interval_ms};

constexpr std::array<std::pair<Status, std::string_view>, 4> names{{{Status::offline, "offline"},
                                                                    {Status::online, "online"},
                                                                    {Status::away, "away"},
                                                                    {Status::busy, "busy"}}};

constexpr std::uint64_t bit(std::size_t reactor) noexcept {
  return std::uint64_t{1} << reactor;
}

}  // namespace

std::string_view to_text(Status status) noexcept {
  return names[static_cast<std::size_t>(status)].second;
}

std::optional<Status> parse_status(std::string_view text) noexcept {
  for (const auto& [status, name] : names)
    if (name == text) return status;
  return std::nullopt;
}

PresenceHome::Person& PresenceHome::note(const Who& who, std::uint64_t connected, Moment at) {
  const auto [found, is_new] = people_.try_emplace(who.own_log);
  auto& person = found->second;
  if (is_new) {
    person.user = who.user;
    person.connected = connected;
    person.told = shown(person);
  }
  set_connected(person, connected, at);
  return person;
}

Presence PresenceHome::shown(const Person& person) noexcept {
  const bool present = person.connected != 0 || person.gone_at;
  if (!present || person.chosen == Status::offline) return {Status::offline, person.left_at};
  if (person.chosen == Status::busy) return {Status::busy, {}};
  // While he may come back he is what he was: the reactors that were away still are.
  const bool away = person.connected != 0 ? (person.connected & ~person.away) == 0
                                          : person.told.status == Status::away;
  return {away ? Status::away : Status::online, {}};
}

void PresenceHome::set_connected(Person& person, std::uint64_t connected, Moment at) {
  const auto before = std::exchange(person.connected, connected);
  if (connected != 0) {
    person.away &= connected;
    person.gone_at.reset();
  } else if (before != 0) {
    begin_to_leave(person, at);
  }
}

void PresenceHome::begin_to_leave(Person& person, Moment at) {
  person.gone_at = at.now + grace;
  if (person.chosen != Status::offline) person.left_at = at.wall;  // else he left when he hid
}

Presence PresenceHome::watch(const Who& who,
                             std::size_t watcher,
                             std::uint64_t connected,
                             Moment at) {
  auto& person = note(who, connected, at);
  if (person.watchers == 0) person.told = shown(person);
  person.watchers |= bit(watcher);
  const auto answer = shown(person);
  plan(who.own_log, person, at);
  return answer;
}

Presence PresenceHome::look(const Who& who, std::uint64_t connected) const {
  const auto found = people_.find(who.own_log);
  if (found != people_.end()) return shown(found->second);
  return {connected != 0 ? Status::online : Status::offline, {}};
}

void PresenceHome::unwatch(const base::ConversationKey& own_log, std::size_t watcher, Moment at) {
  const auto found = people_.find(own_log);
  if (found == people_.end()) return;
  found->second.watchers &= ~bit(watcher);
  plan(own_log, found->second, at);
}

void PresenceHome::on_connected(const base::ConversationKey& own_log,
                                std::uint64_t connected,
                                Moment at) {
  const auto found = people_.find(own_log);
  if (found == people_.end()) return;
  set_connected(found->second, connected, at);
  plan(own_log, found->second, at);
}

void PresenceHome::on_ended(const Who& who, std::uint64_t connected, Moment at) {
  // Of somebody nobody knew: he was connected until now.
  const bool known = people_.contains(who.own_log);
  auto& person = note(who, connected, at);
  if (!known && connected == 0) {
    person.told = {Status::online, {}};
    begin_to_leave(person, at);
  }
  plan(who.own_log, person, at);
}

void PresenceHome::choose(const Who& who, Status status, std::uint64_t connected, Moment at) {
  auto& person = note(who, connected, at);
  if (status == Status::offline && person.chosen != Status::offline) {
    person.left_at = at.wall;
    person.leaves = at.wall;
  }
  person.chosen = status == Status::away ? Status::online : status;
  plan(who.own_log, person, at);
}

void PresenceHome::set_away(
    const Who& who, std::size_t reactor, bool away, std::uint64_t connected, Moment at) {
  auto& person = note(who, connected, at);
  person.away = away ? person.away | bit(reactor) : person.away & ~bit(reactor);
  plan(who.own_log, person, at);
}

// When there is something to do for him next; forgets him if nothing is to be remembered.
void PresenceHome::plan(const base::ConversationKey& own_log, Person& person, Moment at) {
  std::optional<base::Instant> next = person.gone_at;
  const auto sooner = [&](base::Instant when) { next = next ? std::min(*next, when) : when; };
  if (person.leaves) sooner(at.now);
  if (person.watchers != 0 && shown(person) != person.told)
    sooner(person.told_at ? std::max(at.now, *person.told_at + interval) : at.now);
  set_due(own_log, person, next);
  const bool ordinary = person.chosen == Status::online && person.away == 0;
  if (!next && person.watchers == 0 && (person.connected == 0 || ordinary)) people_.erase(own_log);
}

void PresenceHome::set_due(const base::ConversationKey& own_log,
                           Person& person,
                           std::optional<base::Instant> due_at) {
  if (person.due_at == due_at) return;
  if (person.due_at) due_.erase({*person.due_at, own_log});
  person.due_at = due_at;
  if (due_at) due_.emplace(*due_at, own_log);
}

// He did not come back.
void PresenceHome::settle(Person& person, Moment at) {
  if (!person.gone_at || *person.gone_at > at.now) return;
  person.gone_at.reset();
  if (person.chosen != Status::offline) person.leaves = person.left_at;
  person.chosen = Status::online;
  person.away = 0;
}

void PresenceHome::take(const base::ConversationKey& own_log, Moment at, Due& due) {
  auto& person = people_.at(own_log);
  settle(person, at);
  const Who who{own_log, person.user};
  if (person.leaves) due.leaves.emplace_back(who, *std::exchange(person.leaves, std::nullopt));
  const auto now_shown = shown(person);
  const bool may_tell = !person.told_at || *person.told_at + interval <= at.now;
  if (now_shown != person.told && person.watchers == 0) person.told = now_shown;
  if (now_shown != person.told && may_tell) {
    person.told = now_shown;
    person.told_at = at.now;
    due.changes.push_back({who, now_shown, person.watchers});
  }
  plan(own_log, person, at);
}

PresenceHome::Due PresenceHome::take_due(Moment at) {
  Due due;
  while (!due_.empty() && due_.begin()->first <= at.now) {
    const auto own_log = due_.begin()->second;
    take(own_log, at, due);
  }
  return due;
}

PresenceHome::Due PresenceHome::take_all(Moment at) {
  Due due;
  std::vector<base::ConversationKey> leaving;
  for (auto& [own_log, person] : people_)
    if (person.gone_at) {
      person.gone_at = at.now;
      leaving.push_back(own_log);
    }
  for (const auto& own_log : leaving)
    take(own_log, at, due);
  return due;
}

std::optional<base::Instant> PresenceHome::next_due() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

}  // namespace kith::features::presence
