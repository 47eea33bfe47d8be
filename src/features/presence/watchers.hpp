#pragma once

#include "features/presence/presence_home.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace kith::features::presence {

// Which connections of one reactor watch whom, and what they are to be told: of each user only the
// newest, never more deliveries at a time than are allowed.
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
  void want(std::uint64_t session, const Who& whom);
  // False: he does not want it any more.
  bool allow(std::uint64_t session, const base::ConversationKey& own_log);
  // It could not be found out whether he may. True: as with `drop`.
  bool give_up(std::uint64_t session, const base::ConversationKey& own_log);
  // True: the last one here does not watch him any more.
  bool drop(std::uint64_t session, const base::ConversationKey& own_log);
  // The connection has ended. Whom nobody here watches any more.
  std::vector<base::ConversationKey> end(std::uint64_t session);

  // Those of a connection and whom it watches that may not be right any more.
  struct Doubt {
    std::uint64_t session = 0;
    std::vector<Who> whom;
  };

  // All whom it watches.
  void doubt(std::uint64_t session);
  // All who watch him.
  void doubt(const base::ConversationKey& own_log);
  void doubt(std::uint64_t session, const base::ConversationKey& own_log);
  bool doubts(std::uint64_t session, const base::ConversationKey& own_log);
  // Of one connection, at most so many, once. Of nobody: there is no doubt.
  Doubt take_doubt(std::size_t at_most);

  void note(const Who& who, const Presence& shown);
  // At most so many deliveries; the rest stays, also the rest of those who watch one user.
  std::vector<Delivery> take(std::size_t deliveries_max);

  bool pending() const noexcept { return !pending_.empty(); }

  std::size_t watched() const noexcept { return watched_.size(); }

 private:
  struct Watcher {
    std::uint64_t session;
    bool allowed = false;
    bool doubted = false;
  };

  using Watching = std::vector<Watcher>;  // by session

  struct Watched {
    base::UserId user;
    Watching by;
  };

  // What those who watch a user are told, in turn: from `next` on to the last, then from the first
  // on up to `begun`.
  struct Pending {
    base::UserId user;
    Presence shown;
    std::uint64_t next = 0;
    std::uint64_t begun = 0;
    bool around = false;  // it is at those before `begun`
  };

  static Watching::iterator place_of(Watching& watching, std::uint64_t session);
  bool take_doubts_of(Doubt& doubt, std::size_t at_most);  // true: all
  Watcher* find(std::uint64_t session, const base::ConversationKey& own_log);
  // True: all were told. Otherwise nothing is left of the deliveries.
  static bool take_from(Watching& watching,
                        Pending& pending,
                        std::size_t& deliveries_left,
                        std::vector<std::uint64_t>& sessions);

  std::map<base::ConversationKey, Watched> watched_;
  // At most presence_watched_max of each.
  std::map<std::uint64_t, std::set<base::ConversationKey>> sessions_;
  std::set<std::uint64_t> doubtful_;    // connections that had doubts when they were noted
  std::uint64_t doubt_taken_from_ = 0;  // the next one after it is next
  std::map<base::ConversationKey, Pending> pending_;
  base::ConversationKey last_;  // of whom was told last: the next one after it is next
};

}  // namespace kith::features::presence
