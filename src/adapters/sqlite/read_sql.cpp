#include "adapters/sqlite/read_sql.hpp"

#include "base/assert.hpp"

#include <string_view>

// CROSS JOIN fixes the order of the loops: without statistics the planner would guess.
namespace kith::adapters::sqlite {

namespace {

constexpr std::string_view conversation_of =
    "c.cid, c.kind, c.title, c.custom, c.external_id, c.created_at, c.access_rev, c.members, "
    "h.id, h.no";
constexpr std::string_view member_of =
    "u.name_id, m.role, m.from_seq, m.until_seq, m.read_seq, m.read_no, m.joined_at";
constexpr std::string_view event_of =
    "e.id, e.no, e.kind, a.name_id, e.client_id, e.ts, s.name_id, e.role, e.target, e.body";
constexpr std::string_view message_of =
    "e.id, e.no, e.kind, a.name_id, e.client_id, e.ts, NULL, e.role, e.target, e.body";

// The newest event of c.
constexpr std::string_view join_head =
    " LEFT JOIN entry h ON h.id = (SELECT id FROM entry"
    " WHERE id BETWEEN c.id << 32 AND (c.id << 32) | 4294967295 ORDER BY id DESC LIMIT 1)";

// The newest event of c that m has: a former member's end with the one that removed him.
constexpr std::string_view join_visible_head =
    " LEFT JOIN entry h ON h.id = (SELECT id FROM entry WHERE id BETWEEN c.id << 32"
    " AND (c.id << 32) | CASE m.until_seq WHEN 0 THEN 4294967295 ELSE m.until_seq END"
    " ORDER BY id DESC LIMIT 1)";

// The newest message that m may see.
constexpr std::string_view join_last_message =
    " LEFT JOIN entry e ON e.id = (SELECT id FROM entry WHERE kind = 1"
    " AND id >= (m.conv << 32) + m.from_seq"
    " AND id < (m.conv << 32) + CASE m.until_seq WHEN 0 THEN 4294967296 ELSE m.until_seq END"
    " ORDER BY id DESC LIMIT 1)"
    " LEFT JOIN user a ON a.id = e.actor";

constexpr std::string_view active_at = "coalesce(h.ts, c.created_at)";

constexpr std::string_view other_user =
    "CASE c.kind WHEN 1 THEN (SELECT o.name_id FROM member p JOIN user o ON o.id = p.user"
    " WHERE p.conv = c.id AND p.user <> m.user LIMIT 1) END";

template <class... Parts>
std::string join(const Parts&... parts) {
  std::string sql;
  (sql.append(parts), ...);
  return sql;
}

std::string page_sql(bool newest, bool messages_only) {
  return join("SELECT ",
              event_of,
              " FROM entry e LEFT JOIN user a ON a.id = e.actor"
              " LEFT JOIN user s ON s.id = e.subject"
              " WHERE e.id > ?1 AND e.id <= ?2",
              messages_only ? " AND e.kind = 1" : "",
              " ORDER BY e.id",
              newest ? " DESC" : "",
              " LIMIT ?3");
}

std::string members_sql(std::string_view rest) {
  return join("SELECT ",
              member_of,
              " FROM member m CROSS JOIN user u ON u.id = m.user"
              " WHERE m.conv = ?1 AND m.until_seq = 0",
              rest);
}

std::string find_for_sql() {
  return join("SELECT ",
              conversation_of,
              ", ",
              member_of,
              ", ",
              message_of,
              ", ",
              active_at,
              ", ",
              other_user,
              " FROM conversation c CROSS JOIN user u ON u.app = c.app AND u.name_id = ?3"
              " CROSS JOIN member m ON m.conv = c.id AND m.user = u.id",
              join_visible_head,
              join_last_message,
              " WHERE c.app = ?1 AND c.cid = ?2");
}

// The inner statement sorts short rows of this user; bodies and titles are read for the page only.
std::string list_sql() {
  return join(
      "SELECT c.cid, c.kind, c.title, c.custom, c.external_id, c.created_at, c.access_rev,"
      " c.members, m.last_id, m.last_no,"
      " ?2, m.role, m.from_seq, m.until_seq, m.read_seq, m.read_no, m.joined_at, ",
      message_of,
      ", m.active_at, ",
      other_user,
      " FROM (SELECT m.*, h.id AS last_id, h.no AS last_no, ",
      active_at,
      " AS active_at FROM user u"
      " CROSS JOIN member m ON m.user = u.id AND m.until_seq = 0"
      " CROSS JOIN conversation c ON c.id = m.conv AND c.kind <> 3",
      join_head,
      " WHERE u.app = ?1 AND u.name_id = ?2"
      " AND (?3 IS NULL OR (",
      active_at,
      ", c.cid) < (?3, ?4)) ORDER BY active_at DESC, c.cid DESC LIMIT ?5) m"
      " CROSS JOIN conversation c ON c.id = m.conv",
      join_last_message);
}

std::string membership_sql(std::string_view from, std::string_view rest) {
  return join("SELECT c.cid, c.kind, m.from_seq, h.id, ",
              active_at,
              " AS active_at, d.seq, f.seq FROM ",
              from,
              join_head,
              " LEFT JOIN cursor d ON d.user = m.user AND d.device = ?3 AND d.conv = m.conv"
              " LEFT JOIN cursor f ON f.user = m.user AND f.device = '' AND f.conv = m.conv"
              " WHERE ",
              rest);
}

std::string unread_sql() {
  return join(
      "SELECT coalesce(sum(max(h.no - m.read_no, 0)), 0) FROM user u"
      " CROSS JOIN member m ON m.user = u.id AND m.until_seq = 0"
      " CROSS JOIN conversation c ON c.id = m.conv AND c.kind <> 3",
      join_head,
      " WHERE u.app = ?1 AND u.name_id = ?2");
}

}  // namespace

std::string read_sql(Ask what) {
  switch (what) {
    case Ask::conversation:
      return join("SELECT c.id, ",
                  conversation_of,
                  " FROM conversation c",
                  join_head,
                  " WHERE c.app = ?1 AND c.cid = ?2");
    case Ask::conversation_id:
      return "SELECT id FROM conversation WHERE app = ?1 AND cid = ?2";
    case Ask::user_id:
      return "SELECT id FROM user WHERE app = ?1 AND name_id = ?2";
    case Ask::active_members:
      return members_sql("");
    case Ask::members_page:
      return members_sql(" AND u.name_id > ?2 ORDER BY u.name_id LIMIT ?3");
    case Ask::page_first:
      return page_sql(false, false);
    case Ask::page_newest:
      return page_sql(true, false);
    case Ask::history_first:
      return page_sql(false, true);
    case Ask::history_newest:
      return page_sql(true, true);
    case Ask::find_for:
      return find_for_sql();
    case Ask::list:
      return list_sql();
    case Ask::memberships:
      return membership_sql(
          "user u CROSS JOIN member m ON m.user = u.id AND m.until_seq = 0"
          " CROSS JOIN conversation c ON c.id = m.conv",
          "u.app = ?1 AND u.name_id = ?2 ORDER BY active_at DESC, c.cid DESC");
    case Ask::membership:
      return membership_sql("member m CROSS JOIN conversation c ON c.id = m.conv",
                            "m.user = ?1 AND m.conv = ?2 AND m.until_seq = 0");
    case Ask::send:  // repeats the condition of the partial index word for word
      return "SELECT id, no, ts, body FROM entry WHERE client_id = ?1 AND actor = ?2"
             " AND id >> 32 = ?3 AND typeof(client_id) = 'text'";
    case Ask::external:
      return "SELECT cid FROM conversation WHERE app = ?1 AND external_id = ?2";
    case Ask::unread_total:
      return unread_sql();
    case Ask::acquainted:
      return "SELECT u.name_id, u.name, u.avatar FROM user u WHERE u.app = ?1 AND u.name_id = ?2"
             " AND (u.id = ?3 OR EXISTS (SELECT 1 FROM member his CROSS JOIN member mine"
             " ON mine.user = ?3 AND mine.conv = his.conv AND mine.until_seq = 0"
             " WHERE his.user = u.id AND his.until_seq = 0))";
  }
  KITH_ASSERT(false);
}

}  // namespace kith::adapters::sqlite
