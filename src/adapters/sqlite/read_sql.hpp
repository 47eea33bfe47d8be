#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace kith::adapters::sqlite {

// What a reader asks. The text of each is in read_sql.cpp, its plan is checked in
// read_sql_test.cpp.
enum class Ask : std::uint8_t {
  conversation,     // ?1 app, ?2 cid: row id, conversation
  conversation_id,  // ?1 app, ?2 cid: row id
  user_id,          // ?1 app, ?2 user: row id
  active_members,   // ?1 conv: members
  members_page,     // ?1 conv, ?2 after, ?3 limit: members
  page_first,       // ?1 below, ?2 last entry id, ?3 limit: events, ascending
  page_newest,      // the same, descending
  history_first,    // the same two, messages only
  history_newest,   //
  find_for,         // ?1 app, ?2 cid, ?3 user: listed conversation
  list,             // ?1 app, ?2 user, ?3 ?4 the place before or NULL, ?5 limit: the same
  memberships,      // ?1 app, ?2 user, ?3 device or NULL: membership
  membership,       // ?1 user row, ?2 conv, ?3 device or NULL: membership
  send,             // ?1 client id, ?2 user row, ?3 conv: seq, no, ts, body
  external,         // ?1 app, ?2 external id: cid
  unread_total,     // ?1 app, ?2 user: count
  acquainted,       // ?1 app, ?2 user, ?3 row id of who asks: user, name, avatar
};
inline constexpr std::size_t ask_count = 17;

std::string read_sql(Ask what);

}  // namespace kith::adapters::sqlite
