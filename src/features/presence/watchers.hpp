#pragma once

#include "features/presence/presence_home.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace kith::features::presence {

// Which connections of one reactor watch whom, and what they are to be told: of each user only the
// newest, as many deliveries at a time as are allowed.
class Watchers {
 public:
  struct Delivery {
    base::UserId user;
    Presence shown;
    std::vector<std::uint64_t> sessions;
  };

  std::size_t watched_by(std::uint64_t session) const;
  bool watches(std::uint64_t session, const base::ConversationKey& own_log) const;
  // He wants to watch; it counts, and is not told, until it is allowed.
  void want(std::uint64_t session, const base::ConversationKey& own_log);
  // False: he does not want it any more.
  bool allow(std::uint64_t session, const base::ConversationKey& own_log);
  // It could not be found out whether he may. True: as with `drop`.
  bool give_up(std::uint64_t session, const base::ConversationKey& own_log);
  // True: the last one here does not watch him any more.
  bool drop(std::uint64_t session, const base::ConversationKey& own_log);
  // The connection has ended. Whom nobody here watches any more.
  std::vector<base::ConversationKey> end(std::uint64_t session);

  void note(const Who& who, const Presence& shown);
  // For about so many deliveries, at least one user; the rest stays.
  std::vector<Delivery> take(std::size_t deliveries);

  bool pending() const noexcept { return !pending_.empty(); }

  std::size_t watched() const noexcept { return watched_.size(); }

 private:
  struct Watcher {
    std::uint64_t session;
    bool allowed;
  };

  using Watching = std::vector<Watcher>;

  Watcher* find(std::uint64_t session, const base::ConversationKey& own_log);

  std::map<base::ConversationKey, Watching> watched_;
  // At most presence_watched_max of each.
  std::map<std::uint64_t, std::set<base::ConversationKey>> sessions_;
  std::map<base::ConversationKey, std::pair<base::UserId, Presence>> pending_;
  base::ConversationKey last_;  // told last: the next one after it is next
};

}  // namespace kith::features::presence
