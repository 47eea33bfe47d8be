#include "adapters/sqlite/read_sql.hpp"

#include "base/assert.hpp"

#include <string_view>

// CROSS JOIN fixes the order of the loops: without statistics the planner would guess.
namespace kith::adapters::sqlite {

namespace {

constexpr std::string_view conversation_of =
    "c.cid, c.kind, c.title, c.custom, c.external_id, c.created_at, c.access_rev, c.members, ";
constexpr std::string_view marks_of =
    "m.role, m.from_seq, m.until_seq, m.read_seq, m.read_no, m.joined_at";

// The newest run of c, which tells of its newest event.
constexpr std::string_view join_head =
    " LEFT JOIN run h ON h.id = (SELECT id FROM run"
    " WHERE id BETWEEN c.id << 32 AND (c.id << 32) | 4294967295 ORDER BY id DESC LIMIT 1)";

constexpr std::string_view active_at = "coalesce(h.ts, c.created_at)";

template <class... Parts>
std::string join(const Parts&... parts) {
  std::string sql;
  (sql.append(parts), ...);
  return sql;
}

// The events above ?1 and up to ?2, in the runs that hold them; then their conversation, so that a
// damaged run shows nothing of another. + keeps SQLite from making an index for itself.
std::string range_sql(std::string_view columns, bool newest) {
  return join("SELECT ",
              columns,
              ", e.conv FROM run r CROSS JOIN entry e"
              " ON e.n BETWEEN r.n - min(r.events - 1, r.id - ?1 - 1) AND r.n - max(0, r.id - ?2)"
              " WHERE r.id > ?1"
              " AND r.id <= coalesce((SELECT id FROM run WHERE id >= ?2 ORDER BY id LIMIT 1), ?2)",
              newest ? " ORDER BY r.id DESC, e.n DESC" : " ORDER BY r.id, e.n");
}

// Of all pages: users are the numbers of their rows, whose names the reader mostly knows.
std::string page_sql(bool newest) {
  return range_sql(
      "e.seq, e.no, e.kind, e.actor, e.client_id, e.ts, e.subject, e.role, e.target,"
      " e.body",
      newest);
}

std::string history_sql(bool newest) {
  return range_sql("e.seq, e.no, e.actor, e.client_id, e.ts, e.body, e.kind", newest);
}

std::string members_sql(std::string_view rest) {
  return join("SELECT ",
              "u.name_id, ",
              marks_of,
              ", m.user FROM member m CROSS JOIN user u ON u.id = m.user"
              " WHERE m.conv = ?1 AND m.until_seq = 0",
              rest);
}

// The active memberships of a user, his own log left out.
std::string of_user_sql(std::string_view columns) {
  return join("SELECT ",
              columns,
              " FROM member m CROSS JOIN conversation c ON c.id = m.conv AND c.kind <> 3",
              join_head,
              " WHERE m.user = ?1 AND m.until_seq = 0");
}

std::string membership_sql(std::string_view rest) {
  return join("SELECT c.cid, c.kind, m.from_seq, h.id, ",
              active_at,
              ", d.seq, f.seq, c.id FROM member m CROSS JOIN conversation c ON c.id = m.conv",
              join_head,
              " LEFT JOIN cursor d ON d.user = m.user AND d.device = ?2 AND d.conv = m.conv"
              " LEFT JOIN cursor f ON f.user = m.user AND f.device = '' AND f.conv = m.conv"
              " WHERE m.user = ?1 AND m.until_seq = 0",
              rest);
}

}  // namespace

std::string read_sql(Ask what) {
  switch (what) {
    case Ask::conversation:
      return join("SELECT c.id, ",
                  conversation_of,
                  "h.id, h.no FROM conversation c",
                  join_head,
                  " WHERE c.app = ?1 AND c.cid = ?2");
    case Ask::conversation_id:
      return "SELECT id FROM conversation WHERE app = ?1 AND cid = ?2";
    case Ask::user_id:
      return "SELECT id FROM user WHERE app = ?1 AND name_id = ?2";
    case Ask::version:
      return "SELECT n FROM log ORDER BY n DESC LIMIT 1";
    case Ask::active_members:
      return members_sql("");
    case Ask::members_page:
      return members_sql(" AND u.name_id > ?2 ORDER BY u.name_id LIMIT ?3");
    case Ask::page_first:
      return page_sql(false);
    case Ask::page_newest:
      return page_sql(true);
    case Ask::history_first:
      return history_sql(false);
    case Ask::history_newest:
      return history_sql(true);
    case Ask::user_name:
      return "SELECT name_id FROM user WHERE id = ?1";
    case Ask::seen:
      return "SELECT c.id, m.from_seq, m.until_seq FROM conversation c CROSS JOIN user u"
             " CROSS JOIN member m ON m.conv = c.id AND m.user = u.id"
             " WHERE c.app = ?1 AND c.cid = ?2 AND u.app = ?1 AND u.name_id = ?3";
    case Ask::head:
      return join(range_sql("e.seq, e.no, e.ts", true), " LIMIT 1");
    case Ask::listed:
      return join("SELECT ",
                  conversation_of,
                  "0, 0, ?3, ",
                  marks_of,
                  " FROM conversation c CROSS JOIN member m ON m.conv = c.id AND m.user = ?2"
                  " WHERE c.id = ?1");
    case Ask::other_user:
      return "SELECT u.name_id FROM member m CROSS JOIN user u ON u.id = m.user"
             " WHERE m.conv = ?1 AND m.user <> ?2 LIMIT 1";
    case Ask::activity:
      return of_user_sql(join("c.id, c.cid, ", active_at, ", h.id, h.no"));
    case Ask::memberships:
      return membership_sql("");
    case Ask::membership:
      return membership_sql(" AND m.conv = ?3");
    case Ask::send:  // repeats the condition of the partial index word for word
      return "SELECT seq, no, ts, body FROM entry WHERE client_id = ?1 AND actor = ?2"
             " AND conv = ?3 AND typeof(client_id) = 'text'";
    case Ask::external:
      return "SELECT cid FROM conversation WHERE app = ?1 AND external_id = ?2";
    case Ask::unread:
      return of_user_sql("c.id, h.no, m.read_seq, m.read_no");
    case Ask::acquainted:
      return "SELECT u.name_id, u.name, u.avatar, u.last_seen FROM user u"
             " WHERE u.app = ?1 AND u.name_id = ?2"
             " AND (u.id = ?3 OR EXISTS (SELECT 1 FROM member his CROSS JOIN member mine"
             " ON mine.user = ?3 AND mine.conv = his.conv AND mine.until_seq = 0"
             " WHERE his.user = u.id AND his.until_seq = 0))";
  }
  KITH_ASSERT(false);
}

}  // namespace kith::adapters::sqlite
