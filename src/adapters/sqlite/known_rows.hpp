#pragma once

#include "adapters/sqlite/backlog.hpp"
#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/recent_map.hpp"
#include "adapters/sqlite/write_statements.hpp"
#include "domain/types.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace kith::adapters::sqlite {

// The numbers of the rows of conversations and users, and what the writer lately wrote or locked of
// conversations, counters included: nobody else writes them. Bounded. One thread.
class KnownRows {
 public:
  struct Stored {
    std::int64_t id = 0;
    domain::Conversation row;
  };

  KnownRows(Connection& connection, WriteStatements& statements, const Backlog& backlog);

  // A transaction begins; what it changed is forgotten if it is rolled back.
  void begin();
  void roll_back();
  // Between transactions: what is asked for again is read again.
  void forget();

  // Null: there is none. Valid until the next call.
  Outcome<Stored*> find(const base::ConversationKey& key);
  // For a write, that needs one: a Failure if there is none.
  Outcome<Stored*> to_change(const base::ConversationKey& key);
  // As it was written; pointers to it stay good.
  void rename(const base::ConversationKey& key, const ports::Naming& naming);
  Outcome<void> add(const base::ConversationKey& key, const domain::Conversation& row);

  Outcome<std::optional<std::int64_t>> find_user(const base::UserKey& key);
  Outcome<std::int64_t> find_or_add_user(base::AppId app, const base::UserId& user);

 private:
  Stored* remember(const base::ConversationKey& key, std::unique_ptr<Stored> stored);
  std::int64_t remember(const base::UserKey& key, std::int64_t id);

  Connection& connection_;
  WriteStatements& statements_;
  const Backlog& backlog_;
  RecentMap<base::ConversationKey, std::unique_ptr<Stored>> conversations_;
  RecentMap<base::UserKey, std::int64_t> users_;
  std::vector<base::ConversationKey> changed_;
  std::vector<base::UserKey> added_users_;
};

}  // namespace kith::adapters::sqlite
