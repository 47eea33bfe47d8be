#include "adapters/sqlite/write_statements.hpp"

#include "adapters/sqlite/read_sql.hpp"

#include <string>
#include <utility>

namespace kith::adapters::sqlite {

Outcome<void> WriteStatements::prepare(Connection& connection) {
  const std::pair<Statement*, std::string> all[] = {
      {&begin, "BEGIN IMMEDIATE"},
      {&commit, "COMMIT"},
      {&rollback, "ROLLBACK"},
      {&find_conversation, read_sql(Ask::conversation)},
      {&find_user, read_sql(Ask::user_id)},
      {&find_send, read_sql(Ask::send)},
      {&find_member,
       "SELECT ?3, role, from_seq, until_seq, read_seq, read_no, joined_at FROM member"
       " WHERE conv = ?1 AND user = ?2"},
      {&head, read_sql(Ask::head)},
      {&find_external, read_sql(Ask::external)},
      {&find_successor,
       "SELECT u.name_id, m.role, m.from_seq, m.until_seq, m.read_seq, m.read_no, m.joined_at,"
       " m.user FROM member m CROSS JOIN user u ON u.id = m.user"
       " WHERE m.conv = ?1 AND m.until_seq = 0 AND u.name_id <> ?2"
       " ORDER BY m.role >= 3 DESC, m.joined_at, m.from_seq, u.name_id LIMIT 1"},
      {&add_conversation,
       "INSERT INTO conversation(app, cid, kind, title, custom, external_id, access_rev, members,"
       " created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"},
      {&add_entry,
       "INSERT INTO entry(n, conv, seq, no, kind, actor, ts, client_id, subject, role,"
       " target, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"},
      {&last_entry, "SELECT n FROM entry ORDER BY n DESC LIMIT 1"},
      {&move_entries, "UPDATE entry SET n = n + ?3 WHERE n BETWEEN ?1 AND ?2"},
      {&count_own, "SELECT count(*) FROM entry WHERE n BETWEEN ?1 AND ?2 AND conv = ?3"},
      {&add_run, "INSERT INTO run(id, n, events, no, ts) VALUES (?1, ?2, ?3, ?4, ?5)"},
      {&last_run,
       "SELECT id, n, events, no, ts FROM run WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT 1"},
      {&delete_run, "DELETE FROM run WHERE id = ?1"},
      {&add_log, "INSERT INTO log(n, records) VALUES (?1, ?2)"},
      {&delete_log, "DELETE FROM log WHERE n < ?1"},
      {&add_user, "INSERT INTO user(app, name_id) VALUES (?1, ?2)"},
      {&update_conversation, "UPDATE conversation SET access_rev = ?2, members = ?3 WHERE id = ?1"},
      {&rename_conversation, "UPDATE conversation SET title = ?2, custom = ?3 WHERE id = ?1"},
      {&put_member,
       "INSERT INTO member(conv, user, role, from_seq, until_seq, read_seq, read_no, joined_at)"
       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(conv, user) DO UPDATE SET"
       " role = excluded.role, from_seq = excluded.from_seq, until_seq = excluded.until_seq,"
       " read_seq = excluded.read_seq, read_no = excluded.read_no,"
       " joined_at = excluded.joined_at"},
      {&raise_read,
       "UPDATE member SET read_seq = max(read_seq, ?3), read_no = max(read_no, ?4)"
       " WHERE conv = ?1 AND user = ?2 AND until_seq = 0 AND (read_seq < ?3 OR read_no < ?4)"},
      {&raise_cursor,
       "INSERT INTO cursor(user, device, conv, seq) VALUES (?1, ?2, ?3, ?4)"
       " ON CONFLICT(user, device, conv) DO UPDATE SET seq = excluded.seq WHERE seq < "
       "excluded.seq"},
      {&update_user,
       "UPDATE user SET name = CASE ?2 WHEN '' THEN name ELSE ?2 END,"
       " avatar = CASE ?3 WHEN '' THEN avatar ELSE ?3 END, last_seen = max(last_seen, ?4)"
       " WHERE id = ?1 AND ((?2 <> '' AND ?2 <> name) OR (?3 <> '' AND ?3 <> avatar)"
       " OR ?4 > last_seen)"},
      {&revoke_user, "UPDATE user SET revoked_at = max(revoked_at, ?2) WHERE id = ?1"},
  };
  for (const auto& [place, sql] : all) {
    KITH_TRY(statement, connection.prepare(sql));
    *place = std::move(statement);
  }
  return {};
}

}  // namespace kith::adapters::sqlite
