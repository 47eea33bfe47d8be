#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace kith::adapters::sqlite {

// What a reader asks of the tables; what has not come there yet, the tails add. The text of each is
// in read_sql.cpp, its plan is checked in read_sql_test.cpp.
enum class Ask : std::uint8_t {
  conversation,     // ?1 app, ?2 cid: row id, conversation
  conversation_id,  // ?1 app, ?2 cid: row id
  user_id,          // ?1 app, ?2 user: row id
  version,          // the newest row of the log
  active_members,   // ?1 conv: members, user row
  members_page,     // ?1 conv, ?2 after, ?3 limit: members, user row
  page_first,       // ?1 below, ?2 last entry id: events, ascending
  page_newest,      // the same, descending
  history_first,    // the same two: seq, no, actor row, client id, ts, body, kind of events
  history_newest,   //
  user_name,        // ?1 user row: user
  seen,             // ?1 app, ?2 cid, ?3 user: conv, from_seq, until_seq
  listed,           // ?1 conv, ?2 user row, ?3 user: conversation but for its counters, member
  other_user,       // ?1 conv, ?2 user row: another member
  head,             // entry ids, above ?1 and up to ?2: seq, no, ts, conv of the newest
  activity,         // ?1 user row: conv, cid, active_at, id and no of the head of all he lists
  memberships,      // ?1 user row, ?2 device or NULL: membership, conv
  membership,       // ?1 user row, ?2 device or NULL, ?3 conv: membership, conv
  send,             // ?1 client id, ?2 user row, ?3 conv: seq, no, ts, body
  external,         // ?1 app, ?2 external id: cid
  unread,           // ?1 user row: conv, no of the head, read_seq, read_no of all he lists
  acquainted,       // ?1 app, ?2 user, ?3 row id of who asks: user, name, avatar, last_seen
};
inline constexpr std::size_t ask_count = 22;

std::string read_sql(Ask what);

}  // namespace kith::adapters::sqlite
