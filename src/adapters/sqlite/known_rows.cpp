#include "adapters/sqlite/known_rows.hpp"

#include "adapters/sqlite/rows.hpp"
#include "base/limits.hpp"

#include <sqlite3.h>

#include <string_view>

namespace kith::adapters::sqlite {

namespace {

// No bound of SQLite is reached: the machine asked for a conversation that is not there, or for a
// number beyond what the key holds.
constexpr Failure not_there = failure_of(SQLITE_NOTFOUND);
constexpr Failure beyond_key = failure_of(SQLITE_RANGE);

}  // namespace

KnownRows::KnownRows(Connection& connection, WriteStatements& statements, const Backlog& backlog)
    : connection_(connection),
      statements_(statements),
      backlog_(backlog),
      conversations_(base::limits::writer_conversations_max,
                     base::limits::writer_conversations_bytes_max),
      users_(base::limits::writer_users_max, base::limits::writer_users_bytes_max) {}

void KnownRows::begin() {
  changed_.clear();
  added_users_.clear();
}

void KnownRows::roll_back() {
  for (const auto& key : changed_)
    conversations_.erase(key);
  for (const auto& key : added_users_)
    users_.erase(key);
}

void KnownRows::forget() {
  conversations_.clear();
  users_.clear();
}

KnownRows::Stored* KnownRows::remember(const base::ConversationKey& key,
                                       std::unique_ptr<Stored> stored) {
  const std::size_t bytes = sizeof(Stored) + sizeof key + stored->row.title.size() +
                            stored->row.custom.size() + stored->row.external_id.size();
  return conversations_.insert(key, std::move(stored), bytes)->get();
}

std::int64_t KnownRows::remember(const base::UserKey& key, std::int64_t id) {
  users_.insert(key, id, sizeof key + sizeof id + key.user.str().size());
  return id;
}

Outcome<KnownRows::Stored*> KnownRows::find(const base::ConversationKey& key) {
  if (auto* known = conversations_.find(key); known != nullptr) return known->get();
  Query row = statements_.find_conversation.run(key.app, Blob{key.cid.view()});
  KITH_TRY(found, row.next());
  if (!found) return static_cast<Stored*>(nullptr);
  auto stored = std::make_unique<Stored>();
  stored->id = row.integer(0);
  stored->row = read_conversation(row, 1);
  if (const auto newest = backlog_.newest(stored->id)) {
    stored->row.last_seq = newest->seq;
    stored->row.last_no = newest->no;
  }
  return remember(key, std::move(stored));
}

Outcome<KnownRows::Stored*> KnownRows::to_change(const base::ConversationKey& key) {
  KITH_TRY(stored, find(key));
  if (stored == nullptr) return not_there;
  if (changed_.empty() || changed_.back() != key) changed_.push_back(key);
  return stored;
}

void KnownRows::rename(const base::ConversationKey& key, const ports::Naming& naming) {
  auto* known = conversations_.find(key);
  if (known == nullptr) return;
  auto stored = std::move(*known);
  stored->row.title = naming.title;
  stored->row.custom = naming.custom;
  remember(key, std::move(stored));  // it may need more room now
}

Outcome<void> KnownRows::add(const base::ConversationKey& key, const domain::Conversation& row) {
  std::optional<std::string_view> external;
  if (!row.external_id.empty()) external = row.external_id;
  KITH_CHECK(statements_.add_conversation
                 .run(key.app,
                      Blob{key.cid.view()},
                      row.kind,
                      row.title,
                      row.custom,
                      external,
                      row.access_rev,
                      row.members,
                      row.created_at.ms)
                 .finish());
  auto stored = std::make_unique<Stored>();
  stored->id = connection_.last_row_id();
  if (stored->id >= conversations_max) return beyond_key;
  stored->row = row;
  stored->row.cid = key.cid;
  stored->row.last_seq = 0;
  stored->row.last_no = 0;
  changed_.push_back(key);
  remember(key, std::move(stored));
  return {};
}

Outcome<std::optional<std::int64_t>> KnownRows::find_user(const base::UserKey& key) {
  if (const auto* known = users_.find(key); known != nullptr) return std::optional{*known};
  Query row = statements_.find_user.run(key.app, key.user.str());
  KITH_TRY(found, row.next());
  if (!found) return std::optional<std::int64_t>{};
  return std::optional{remember(key, row.integer(0))};
}

Outcome<std::int64_t> KnownRows::find_or_add_user(base::AppId app, const base::UserId& user) {
  const base::UserKey key{app, user};
  KITH_TRY(found, find_user(key));
  if (found) return *found;
  KITH_CHECK(statements_.add_user.run(app, user.str()).finish());
  added_users_.push_back(key);
  return remember(key, connection_.last_row_id());
}

}  // namespace kith::adapters::sqlite
