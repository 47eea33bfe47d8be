#include "adapters/sqlite/check.hpp"

#include "adapters/sqlite/check_log.hpp"
#include "adapters/sqlite/database_file.hpp"
#include "adapters/sqlite/filter_table.hpp"
#include "adapters/sqlite/migrations.hpp"
#include "adapters/sqlite/read_sql.hpp"
#include "adapters/sqlite/rows.hpp"
#include "base/limits.hpp"
#include "base/names.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

namespace kith::adapters::sqlite {

namespace {

constexpr std::size_t id_key_bytes = 16;

// Each finds rows that are not to be there; the first column is the number of one.
struct Rule {
  std::string_view sql;
  std::string_view sentence;
};

constexpr std::array rules{
    Rule{"SELECT id FROM conversation WHERE app NOT IN (SELECT id FROM app)",
         "row {} of conversation belongs to no application"},
    Rule{"SELECT id FROM user WHERE app NOT IN (SELECT id FROM app)",
         "row {} of user belongs to no application"},
    Rule{"SELECT id FROM user WHERE name_id = ''", "row {} of user has no name"},
    Rule{"SELECT app FROM app_key WHERE app NOT IN (SELECT id FROM app)",
         "a key belongs to application {}, which is not there"},
    Rule{"SELECT id FROM conversation WHERE length(cid) <> 16 OR kind NOT BETWEEN 1 AND 3",
         "row {} of conversation has no id or no kind"},
    Rule{"SELECT conv FROM member m WHERE NOT EXISTS(SELECT 1 FROM conversation c WHERE c.id = "
         "m.conv)",
         "a member belongs to conversation {}, which is not there"},
    Rule{"SELECT user FROM member m WHERE NOT EXISTS(SELECT 1 FROM user u WHERE u.id = m.user)",
         "a member is user {}, who is not there"},
    Rule{"SELECT user FROM cursor k WHERE NOT EXISTS(SELECT 1 FROM user u WHERE u.id = k.user)",
         "a cursor belongs to user {}, who is not there"},
    Rule{"SELECT e.n FROM entry e WHERE NOT EXISTS(SELECT 1 FROM conversation c WHERE c.id = "
         "e.conv)",
         "row {} of entry belongs to no conversation"},
    Rule{"SELECT e.n FROM entry e WHERE e.n IS NOT (SELECT r.n - (r.id - (e.conv << 32 | e.seq))"
         " FROM run r WHERE r.id >= e.conv << 32 | e.seq ORDER BY r.id LIMIT 1)",
         "row {} of entry is in no run: no page shows it"},
    Rule{"SELECT r.id FROM run r LEFT JOIN entry e ON e.n = r.n WHERE"
         " e.conv << 32 | e.seq IS NOT r.id"
         " OR e.no <> r.no OR e.ts <> r.ts",
         "row {} of run tells something else than its last event"},
    Rule{"SELECT r.id FROM run r WHERE r.events NOT BETWEEN 1 AND r.id & 4294967295"
         " OR EXISTS(SELECT 1 FROM run p WHERE p.id < r.id AND p.id > r.id - r.events)",
         "row {} of run holds events of another"},
    Rule{"SELECT id FROM conversation WHERE custom <> '' AND NOT json_valid(custom)",
         "row {} of conversation has custom data that is no JSON"},
};

class Check {
 public:
  Check(Connection& connection, CheckReport& report)
      : connection_(connection), report_(report), filter_(base::limits::sent_filter_bytes_max) {}

  Outcome<void> run() {
    KITH_CHECK(file());
    KITH_CHECK(meta());
    for (const Rule& rule : rules)
      KITH_CHECK(obey(rule));
    const auto unreadable =
        fmt::format("SELECT n FROM entry WHERE NOT ({})", readable_body("kind", "body"));
    KITH_CHECK(obey({unreadable, "row {} of entry has no body that could be read"}));
    FilterTable table;
    KITH_CHECK(table.load(connection_, filter_));
    KITH_CHECK(log_.read(connection_, filter_, table.covered(), report_.findings));
    KITH_CHECK(conversations());
    return cursors();
  }

 private:
  // Of the conversation at hand.
  struct Log {
    std::int64_t id = 0;
    base::ConversationKey key;
    base::Seq head = 0;
    base::No no = 0;
    base::Seq in_rows = 0;  // up to here events are rows of `entry`
  };

  template <class... Args>
  void find(fmt::format_string<Args...> sentence, Args&&... args) {
    report_.findings.add(fmt::format(sentence, std::forward<Args>(args)...));
  }

  Outcome<void> file();
  Outcome<void> meta();
  Outcome<void> obey(const Rule& rule);
  Outcome<void> conversations();
  Outcome<void> entries_of(Log& log, Statement& statement);
  void tail_of(Log& log);
  void step(Log& log, base::Seq seq, base::No no, domain::EventKind kind);
  Outcome<void> members_of(const Log& log, domain::Kind kind, std::int64_t counted);
  void marks_of(const Log& log, const domain::Member& member, std::optional<base::No> no);
  Outcome<std::optional<base::No>> no_at(const Log& log, base::Seq seq);
  Outcome<void> cursors();

  Connection& connection_;
  CheckReport& report_;
  SentFilter filter_;
  CheckedLog log_;
  Statement members_;
  Statement no_at_;
};

Outcome<void> Check::file() {
  KITH_TRY(statement, connection_.prepare("PRAGMA integrity_check(100)"));
  Query row = statement.run();
  for (;;) {
    KITH_TRY(more, row.next());
    if (!more) return {};
    if (row.bytes(0) != "ok") find("the file: {}", row.bytes(0));
  }
}

Outcome<void> Check::meta() {
  KITH_TRY(statement, connection_.prepare("SELECT epoch, id_key FROM meta"));
  Query row = statement.run();
  KITH_TRY(found, row.next());
  if (!found || row.bytes(0).empty() || row.bytes(1).size() != id_key_bytes)
    find("the table meta has no epoch or no key of ids");
  return {};
}

Outcome<void> Check::obey(const Rule& rule) {
  KITH_TRY(statement, connection_.prepare(rule.sql));
  Query row = statement.run();
  for (;;) {
    KITH_TRY(more, row.next());
    if (!more) return {};
    report_.findings.add(fmt::format(fmt::runtime(rule.sentence), row.integer(0)));
  }
}

Outcome<void> Check::conversations() {
  KITH_TRY(members,
           connection_.prepare("SELECT u.name_id, m.role, m.from_seq, m.until_seq, m.read_seq,"
                               " m.read_no, m.joined_at FROM member m JOIN user u ON u.id = m.user"
                               " WHERE m.conv = ?1"));
  members_ = std::move(members);
  KITH_TRY(no_at, connection_.prepare(read_sql(Ask::head)));
  no_at_ = std::move(no_at);
  KITH_TRY(entries,
           connection_.prepare("SELECT e.seq, e.no, e.kind, e.actor, u.name_id, CASE"
                               " typeof(e.client_id) WHEN 'text' THEN e.client_id END"
                               " FROM run r CROSS JOIN entry e"
                               " ON e.n BETWEEN r.n - r.events + 1 AND r.n"
                               " AND +e.conv = r.id >> 32"
                               " LEFT JOIN user u ON u.id = e.actor"
                               " WHERE r.id BETWEEN ?1 AND ?2 ORDER BY r.id, e.n"));
  KITH_TRY(all,
           connection_.prepare("SELECT id, app, cid, kind, members FROM conversation ORDER BY id"));
  Query row = all.run();
  for (;;) {
    KITH_TRY(more, row.next());
    if (!more) break;
    ++report_.conversations;
    Log log{.id = row.integer(0), .key = read_key(row, 1)};
    KITH_CHECK(entries_of(log, entries));
    tail_of(log);
    KITH_CHECK(members_of(log, static_cast<domain::Kind>(row.integer(3)), row.integer(4)));
  }
  KITH_TRY(one, connection_.prepare("SELECT 1 FROM conversation WHERE id = ?1"));
  for (const std::int64_t id : log_.conversations()) {
    Query known = one.run(id);
    KITH_TRY(found, known.next());
    if (!found) find("the log has events of conversation {}, which is not there", id);
  }
  return {};
}

Outcome<void> Check::entries_of(Log& log, Statement& statement) {
  Query row = statement.run(entry_id(log.id, 0), entry_id(log.id, seq_mask));
  for (;;) {
    KITH_TRY(more, row.next());
    if (!more) break;
    step(log, seq_of(row.integer(0)), row.count(1), static_cast<domain::EventKind>(row.integer(2)));
    if (!row.null(3) && row.null(4))
      find("{}: event {} is of a user who is not there", base::to_text(log.key.cid), log.head);
    if (!row.null(5) && !filter_.maybe(sent_hash(log.key, row.bytes(4), row.bytes(5))))
      find(
          "{}: message {} is not among the client ids that are known: a retry would be stored "
          "twice",
          base::to_text(log.key.cid),
          log.head);
  }
  log.in_rows = log.head;
  return {};
}

void Check::tail_of(Log& log) {
  for (const CheckedLog::Event& event : log_.of(log.id)) {
    step(log, event.seq, event.no, event.kind);
    if (!event.client_id.empty() && event.covered &&
        !filter_.maybe(sent_hash(log.key, event.actor_name, event.client_id)))
      find(
          "{}: message {} is not among the client ids that are known: a retry would be stored "
          "twice",
          base::to_text(log.key.cid),
          event.seq);
  }
}

// Each event is one above the one before; messages are counted, nothing else is.
void Check::step(Log& log, base::Seq seq, base::No no, domain::EventKind kind) {
  ++report_.events;
  if (seq != log.head + 1)
    find("{}: after event {} comes {}", base::to_text(log.key.cid), log.head, seq);
  const base::No most = log.no + (kind == domain::EventKind::message ? 1 : 0);
  if (seq == log.head + 1 && (no < log.no || no > most))
    find("{}: event {} counts {} messages after {}", base::to_text(log.key.cid), seq, no, log.no);
  log.head = seq;
  log.no = no;
}

Outcome<void> Check::members_of(const Log& log, domain::Kind kind, std::int64_t counted) {
  Query row = members_.run(log.id);
  std::int64_t active = 0;
  std::int64_t owners = 0;
  for (;;) {
    KITH_TRY(more, row.next());
    if (!more) break;
    ++report_.members;
    const domain::Member member = read_member(row, 0);
    if (member.active()) ++active;
    if (member.active() && member.role == domain::Role::owner) ++owners;
    KITH_TRY(no, no_at(log, member.read_seq));
    marks_of(log, member, no);
  }
  const auto cid = base::to_text(log.key.cid);
  if (active != counted) find("{}: has {} members and counts {}", cid, active, counted);
  if (kind == domain::Kind::group && active > 0 && owners != 1)
    find("{}: has {} owners", cid, owners);
  return {};
}

void Check::marks_of(const Log& log, const domain::Member& member, std::optional<base::No> no) {
  const auto cid = base::to_text(log.key.cid);
  const auto role = static_cast<int>(member.role);
  if (role < 1 || role > 4) find("{}: member {} has no role", cid, member.user.str());
  if (member.from_seq == 0 || member.from_seq > log.head + 1 || member.until_seq > log.head)
    find("{}: member {} sees events {} to {} of {}",
         cid,
         member.user.str(),
         member.from_seq,
         member.until_seq,
         log.head);
  if (!no || *no != member.read_no)
    find("{}: member {} has read {} messages up to event {}, where {} are counted",
         cid,
         member.user.str(),
         member.read_no,
         member.read_seq,
         no ? fmt::format("{}", *no) : std::string{"none"});
}

// Nothing: there is no such event.
Outcome<std::optional<base::No>> Check::no_at(const Log& log, base::Seq seq) {
  using Found = std::optional<base::No>;
  if (seq == 0) return Found{base::No{0}};
  if (seq == log.head) return Found{log.no};
  if (seq > log.in_rows) {
    for (const CheckedLog::Event& event : log_.of(log.id))
      if (event.seq == seq) return Found{event.no};
    return Found{};
  }
  Query row = no_at_.run(entry_id(log.id, seq - 1), entry_id(log.id, seq));
  KITH_TRY(found, row.next());
  return found ? Found{row.count(1)} : Found{};
}

Outcome<void> Check::cursors() {
  KITH_TRY(statement,
           connection_.prepare("SELECT c.cid, k.conv, k.seq, (SELECT max(id) FROM run"
                               " WHERE id BETWEEN k.conv << 32 AND (k.conv << 32) + 4294967295)"
                               " FROM cursor k LEFT JOIN conversation c ON c.id = k.conv"));
  Query row = statement.run();
  for (;;) {
    KITH_TRY(more, row.next());
    if (!more) return {};
    if (row.null(0)) {
      find("a cursor is of conversation {}, which is not there", row.integer(1));
      continue;
    }
    base::Seq head = seq_of(row.integer(3));
    if (const auto& tail = log_.of(row.integer(1)); !tail.empty()) head = tail.back().seq;
    if (row.count(2) > head)
      find("{}: a cursor stands at {}, the newest event is {}",
           base::to_text(base::Cid::from_view(row.bytes(0))),
           row.count(2),
           head);
  }
}

}  // namespace

void Findings::add(std::string sentence) {
  if (++count_ <= kept_max) kept_.push_back(std::move(sentence));
}

base::Result<CheckReport> check_database(const std::string& path) {
  KITH_TRY(connection, open_to_read(path));
  // All of it is one state of the file.
  if (const auto begun = connection.run_script("BEGIN"); begun.has_error())
    return to_fault(begun.error());
  KITH_CHECK(recognize(connection, migrations()));
  CheckReport report;
  Check check{connection, report};
  if (const auto done = check.run(); done.has_error()) {
    if (!is_corruption(done.error())) return to_fault(done.error());
    report.findings.add("the file is damaged: the check could not be finished");
  }
  return report;
}

}  // namespace kith::adapters::sqlite
