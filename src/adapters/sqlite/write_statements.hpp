#pragma once

#include "adapters/sqlite/connection.hpp"

#include <string_view>

namespace kith::adapters::sqlite {

// What the writer runs. The texts stand in write_statements.cpp, parameters in the order of the
// words.
struct WriteStatements {
  Statement begin;
  Statement commit;
  Statement rollback;
  Statement find_conversation;  // app, cid: row id, conversation
  Statement find_user;          // app, user: row id
  Statement find_send;          // client id, actor, conv: seq, no, ts, body
  Statement find_member;        // conv, user row, user: member
  Statement head;               // entry ids, from above and up to: seq, no, ts, conv of the last
  Statement find_external;      // app, external id: cid
  Statement find_successor;     // conv, leaving: member, user row
  Statement add_conversation;
  Statement add_entry;
  Statement last_entry;           // n
  Statement move_entries;         // first and last n, by how much
  Statement count_own;            // first and last n, conv: how many of them are its
  Statement add_run;              // id, n, events, no, ts
  Statement last_run;             // first and last entry id: id, n, events, no, ts
  Statement delete_run;           // id
  Statement add_log;              // n, records
  Statement delete_log;           // below n
  Statement add_user;             // app, user
  Statement update_conversation;  // id, access_rev, members
  Statement rename_conversation;  // id, title, custom
  Statement put_member;           // conv, user, role, from, until, read_seq, read_no, joined_at
  Statement raise_read;           // conv, user, read_seq, read_no
  Statement raise_cursor;         // user, device, conv, seq
  Statement update_user;          // id, name, avatar, last_seen
  Statement revoke_user;          // id, revoked_at

  Outcome<void> prepare(Connection& connection);
};

}  // namespace kith::adapters::sqlite
