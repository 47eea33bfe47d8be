#include "adapters/sqlite/rows.hpp"

#include <sqlite3.h>

namespace kith::adapters::sqlite {

base::ConversationKey read_key(const Query& query, int column) {
  return {static_cast<base::AppId>(query.integer(column)),
          base::Cid::from_view(query.bytes(column + 1))};
}

domain::Conversation read_conversation(const Query& query, int column) {
  domain::Conversation row;
  row.cid = domain::Cid::from_view(query.bytes(column));
  row.kind = static_cast<domain::Kind>(query.integer(column + 1));
  row.title = query.string(column + 2);
  row.custom = query.string(column + 3);
  row.external_id = query.string(column + 4);
  row.created_at = {query.integer(column + 5)};
  row.access_rev = query.count(column + 6);
  row.members = static_cast<std::uint32_t>(query.integer(column + 7));
  row.last_seq = seq_of(query.integer(column + 8));
  row.last_no = query.count(column + 9);
  return row;
}

domain::Member read_member(const Query& query, int column) {
  domain::Member row;
  row.user = domain::UserId{query.string(column)};
  row.role = static_cast<domain::Role>(query.integer(column + 1));
  row.from_seq = query.count(column + 2);
  row.until_seq = query.count(column + 3);
  row.read_seq = query.count(column + 4);
  row.read_no = query.count(column + 5);
  row.joined_at = {query.integer(column + 6)};
  return row;
}

Outcome<void> expect_own(const Query& query, int column, std::int64_t conversation) {
  if (query.integer(column) != conversation) return failure_of(SQLITE_CORRUPT);
  return {};
}

domain::LogEvent read_event(const Query& query) {
  domain::LogEvent event;
  event.seq = seq_of(query.integer(0));
  event.no = query.count(1);
  event.kind = static_cast<domain::EventKind>(query.integer(2));
  event.client_id = domain::ClientId{query.string(4)};
  event.ts = {query.integer(5)};
  if (!query.null(7)) event.role = static_cast<domain::Role>(query.integer(7));
  if (!query.null(8)) event.target = domain::Cid::from_view(query.bytes(8));
  event.body = query.string(9);
  return event;
}

ports::StoredSend read_stored_send(const Query& query) {
  return {seq_of(query.integer(0)), query.count(1), {query.integer(2)}, query.string(3)};
}

}  // namespace kith::adapters::sqlite
