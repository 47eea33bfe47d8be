#pragma once

#include "base/ids.hpp"
#include "base/time.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace kith::features::presence {

enum class Status : std::uint8_t { offline, online, away, busy };

std::string_view to_text(Status status) noexcept;
std::optional<Status> parse_status(std::string_view text) noexcept;

// What others see of a user.
struct Presence {
  Status status = Status::offline;
  base::WallTime last_seen;  // when offline; 0: not known here

  friend bool operator==(const Presence&, const Presence&) = default;
};

// A user, and the key of his own log: who is connected listens to it.
struct Who {
  base::ConversationKey own_log;
  base::UserId user;
};

struct Moment {
  base::Instant now;
  base::WallTime wall;
};

// The presence of the users whose home is one reactor. Somebody whom nobody watches, who is simply
// connected or simply not, costs nothing: whether he is connected is told from outside, as a bit
// for each reactor. Pure bookkeeping.
class PresenceHome {
 public:
  struct Change {
    Who who;
    Presence shown;
    std::uint64_t watchers = 0;  // a bit for each reactor
  };

  struct Due {
    std::vector<Change> changes;                         // to be told
    std::vector<std::pair<Who, base::WallTime>> leaves;  // to be stored: when he was last seen
    std::size_t users = 0;                               // that were looked at
  };

  // `connected`: the reactors with a connection of his.
  Presence watch(const Who& who, std::size_t watcher, std::uint64_t connected, Moment at);
  // The same for one who does not watch.
  Presence look(const Who& who, std::uint64_t connected) const;
  void unwatch(const base::ConversationKey& own_log, std::size_t watcher, Moment at);
  void on_connected(const base::ConversationKey& own_log, std::uint64_t connected, Moment at);
  // One of his connections has ended.
  void on_ended(const Who& who, std::uint64_t connected, Moment at);
  // Of all his devices: busy; offline, which is invisible; online, which takes those back.
  void choose(const Who& who, Status status, std::uint64_t connected, Moment at);
  // All his connections of one reactor are away, or are not any more.
  void set_away(const Who& who, std::size_t reactor, bool away, std::uint64_t connected, Moment at);

  // At most so many users; who is left stays due, and is compared when his turn comes.
  Due take_due(Moment at, std::size_t users_max);
  // Everybody who is about to be taken for offline, at once: before the process ends.
  Due take_all(Moment at);
  std::optional<base::Instant> next_due() const;

  bool knows(const base::ConversationKey& own_log) const { return people_.contains(own_log); }

  std::size_t noted() const noexcept { return people_.size(); }

 private:
  struct Person {
    base::UserId user;
    std::uint64_t connected = 0;
    std::uint64_t watchers = 0;
    std::uint64_t away = 0;
    Status chosen = Status::online;  // busy or offline otherwise
    Presence told;                   // to those who watch
    std::optional<base::Instant> told_at;
    std::optional<base::Instant> gone_at;  // taken for offline then, unless he comes back
    base::WallTime left_at;                // when the last connection ended
    std::optional<base::Instant> due_at;
    std::optional<base::WallTime> leaves;  // to be stored
  };

  using People = boost::unordered_flat_map<base::ConversationKey, Person, base::KeyHash>;

  Person& note(const Who& who, std::uint64_t connected, Moment at);
  static Presence shown(const Person& person) noexcept;
  void set_connected(Person& person, std::uint64_t connected, Moment at);
  void begin_to_leave(Person& person, Moment at);
  void plan(const base::ConversationKey& own_log, Person& person, Moment at);
  void set_due(const base::ConversationKey& own_log,
               Person& person,
               std::optional<base::Instant> due_at);
  void settle(Person& person, Moment at);
  void take(const base::ConversationKey& own_log, Moment at, Due& due);

  People people_;
  std::set<std::pair<base::Instant, base::ConversationKey>> due_;
};

}  // namespace kith::features::presence
