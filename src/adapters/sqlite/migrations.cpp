#include "adapters/sqlite/migrations.hpp"

#include "base/crypto.hpp"

#include <array>
#include <string>

namespace kith::adapters::sqlite {

namespace {

// Why it looks like this: docs/decisions/0002-sqlite-layout.md.
constexpr std::string_view schema_1 = R"sql(
CREATE TABLE meta(
  one INTEGER PRIMARY KEY CHECK (one = 1),
  epoch TEXT NOT NULL,
  id_key BLOB NOT NULL);

CREATE TABLE app(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL);

CREATE TABLE app_key(
  app INTEGER NOT NULL,
  kid TEXT NOT NULL,
  kind INTEGER NOT NULL,
  secret BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  retired_at INTEGER NOT NULL,
  PRIMARY KEY (app, kid)) WITHOUT ROWID;

CREATE TABLE user(
  id INTEGER PRIMARY KEY,
  app INTEGER NOT NULL,
  name_id TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  avatar TEXT NOT NULL DEFAULT '',
  UNIQUE (app, name_id));

CREATE TABLE conversation(
  id INTEGER PRIMARY KEY,
  app INTEGER NOT NULL,
  cid BLOB NOT NULL,
  kind INTEGER NOT NULL,
  title TEXT NOT NULL,
  custom TEXT NOT NULL,
  external_id TEXT,
  access_rev INTEGER NOT NULL,
  members INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (app, cid));
CREATE UNIQUE INDEX conversation_external ON conversation(app, external_id)
  WHERE external_id IS NOT NULL;

CREATE TABLE member(
  conv INTEGER NOT NULL,
  user INTEGER NOT NULL,
  role INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  until_seq INTEGER NOT NULL,
  read_seq INTEGER NOT NULL,
  read_no INTEGER NOT NULL,
  joined_at INTEGER NOT NULL,
  PRIMARY KEY (conv, user)) WITHOUT ROWID;
CREATE INDEX member_active ON member(user, conv) WHERE until_seq = 0;

CREATE TABLE cursor(
  user INTEGER NOT NULL,
  device TEXT NOT NULL,
  conv INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (user, device, conv)) WITHOUT ROWID;

-- id = conv<<32 | seq. client_id is TEXT where the client gave it, BLOB where the server made it.
CREATE TABLE entry(
  id INTEGER PRIMARY KEY,
  no INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  actor INTEGER,
  ts INTEGER NOT NULL,
  client_id,
  subject INTEGER,
  role INTEGER,
  target BLOB,
  body BLOB);
CREATE UNIQUE INDEX entry_client_id ON entry(client_id, actor, id >> 32)
  WHERE typeof(client_id) = 'text';
)sql";

// Why: docs/decisions/0008-sqlite-log-and-fold.md. The index of client ids follows the
// conversation, so that ids that come to it together lie together.
constexpr std::string_view schema_2 = R"sql(
CREATE TABLE log(
  n INTEGER PRIMARY KEY,
  records BLOB NOT NULL);

CREATE TABLE sent_filter(
  id INTEGER PRIMARY KEY,
  bits BLOB NOT NULL);

CREATE TABLE sent_filter_state(
  one INTEGER PRIMARY KEY CHECK (one = 1),
  format INTEGER NOT NULL,
  covered INTEGER NOT NULL,
  layers INTEGER NOT NULL,
  ids INTEGER NOT NULL);

DROP INDEX entry_client_id;
CREATE UNIQUE INDEX entry_sent ON entry(id >> 32, client_id, actor)
  WHERE typeof(client_id) = 'text';
)sql";

constexpr std::string_view schema_3 = R"sql(
ALTER TABLE user ADD COLUMN last_seen INTEGER NOT NULL DEFAULT 0;
)sql";

// Those few are read when the server starts.
constexpr std::string_view schema_4 = R"sql(
ALTER TABLE user ADD COLUMN revoked_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX user_revoked ON user(app, revoked_at) WHERE revoked_at > 0;
)sql";

// Rows of events in the order in which they came here, whatever their conversation, and where the
// runs of each conversation lie. Why: docs/decisions/0008-sqlite-log-and-fold.md.
constexpr std::string_view schema_5 = R"sql(
DROP INDEX entry_sent;
ALTER TABLE entry RENAME TO entry_by_id;

-- client_id is TEXT where the client gave it, BLOB where the server made it.
CREATE TABLE entry(
  n INTEGER PRIMARY KEY,
  conv INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  no INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  actor INTEGER,
  ts INTEGER NOT NULL,
  client_id,
  subject INTEGER,
  role INTEGER,
  target BLOB,
  body BLOB);
INSERT INTO entry(conv, seq, no, kind, actor, ts, client_id, subject, role, target, body)
  SELECT id >> 32, id & 4294967295, no, kind, actor, ts, client_id, subject, role, target, body
  FROM entry_by_id ORDER BY id;
DROP TABLE entry_by_id;
CREATE UNIQUE INDEX entry_sent ON entry(conv, client_id, actor)
  WHERE typeof(client_id) = 'text';

-- So many events of one conversation, one behind the other, also in entry. n, no and ts are those
-- of the last; id = its conv<<32 | seq.
CREATE TABLE run(
  id INTEGER PRIMARY KEY,
  n INTEGER NOT NULL,
  events INTEGER NOT NULL,
  no INTEGER NOT NULL,
  ts INTEGER NOT NULL);
INSERT INTO run(id, n, events, no, ts)
  SELECT max(conv << 32 | seq), n, count(*), no, ts FROM entry
  GROUP BY (conv << 32 | seq) - n ORDER BY 1;
)sql";

constexpr std::array all_migrations{Migration{1, schema_1},
                                    Migration{2, schema_2},
                                    Migration{3, schema_3},
                                    Migration{4, schema_4},
                                    Migration{5, schema_5}};

constexpr base::Fault not_ours{base::Errc::conflict,
                               "this file is another program's database: choose another path"};
constexpr base::Fault changed{
    base::Errc::conflict,
    "the database was made by a different build of this version: use that build"};
constexpr base::Fault newer{base::Errc::conflict,
                            "the database was written by a newer Kith: use that version or newer"};

constexpr base::Fault older{
    base::Errc::conflict,
    "the file was written by an older Kith: a server brings its database up to date when it "
    "starts, `kith store restore` a backup"};

Outcome<std::int64_t> count_tables(Connection& connection, std::string_view which) {
  const std::string sql = "SELECT count(*) FROM sqlite_schema WHERE " + std::string{which};
  KITH_TRY(statement, connection.prepare(sql));
  auto query = statement.run();
  KITH_CHECK(query.next());
  return query.integer(0);
}

Outcome<bool> is_foreign(Connection& connection) {
  KITH_TRY(ours, count_tables(connection, "type = 'table' AND name = 'migration'"));
  if (ours != 0) return false;
  KITH_TRY(any, count_tables(connection, "1"));
  return any != 0;
}

Outcome<std::string> stored_checksum(Connection& connection, std::int64_t n) {
  KITH_TRY(statement, connection.prepare("SELECT sha256 FROM migration WHERE n = ?1"));
  auto query = statement.run(n);
  KITH_TRY(found, query.next());
  return found ? query.string(0) : std::string{};
}

Outcome<std::int64_t> newest(Connection& connection) {
  KITH_TRY(statement, connection.prepare("SELECT coalesce(max(n), 0) FROM migration"));
  auto query = statement.run();
  KITH_CHECK(query.next());
  return query.integer(0);
}

Outcome<void> note(Connection& connection, const Migration& step, const base::Clock& clock) {
  const std::string checksum = base::sha256(step.sql);
  KITH_TRY(statement,
           connection.prepare("INSERT INTO migration(n, sha256, at) VALUES (?1, ?2, ?3)"));
  return statement.run(step.n, Blob{checksum}, clock.wall().ms).finish();
}

// All of the step or nothing of it.
Outcome<void> apply(Connection& connection, const Migration& step, const base::Clock& clock) {
  KITH_CHECK(connection.run_script("BEGIN IMMEDIATE"));
  auto done = connection.run_script(std::string{step.sql});
  if (done.has_value()) done = note(connection, step, clock);
  if (done.has_value()) done = connection.run_script("COMMIT");
  if (done.has_error() && connection.in_transaction())
    KITH_CHECK(connection.run_script("ROLLBACK"));
  return done;
}

base::Fault refusal(Failure failure, base::Logger& logger) {
  logger.log(base::LogLevel::error, "migration_failed", {{"sqlite_code", failure.number()}});
  return to_fault(failure);
}

}  // namespace

std::span<const Migration> migrations() noexcept {
  return all_migrations;
}

base::Result<void> migrate(Connection& connection,
                           std::span<const Migration> steps,
                           const base::Clock& clock,
                           base::Logger& logger) {
  const auto foreign = is_foreign(connection);
  if (foreign.has_error()) return refusal(foreign.error(), logger);
  if (*foreign) return not_ours;
  const auto made = connection.run_script(
      "CREATE TABLE IF NOT EXISTS migration("
      "n INTEGER PRIMARY KEY, sha256 BLOB NOT NULL, at INTEGER NOT NULL)");
  if (made.has_error()) return refusal(made.error(), logger);
  const auto last = newest(connection);
  if (last.has_error()) return refusal(last.error(), logger);
  if (*last > (steps.empty() ? 0 : steps.back().n)) return newer;
  for (const Migration& step : steps) {
    const auto stored = stored_checksum(connection, step.n);
    if (stored.has_error()) return refusal(stored.error(), logger);
    if (!stored->empty()) {
      if (*stored != base::sha256(step.sql)) return changed;
      continue;
    }
    const auto applied = apply(connection, step, clock);
    if (applied.has_error()) return refusal(applied.error(), logger);
    logger.log(base::LogLevel::info, "migration_applied", {{"n", step.n}});
  }
  return {};
}

base::Result<void> recognize(Connection& connection, std::span<const Migration> steps) {
  KITH_TRY(up_to_date, is_up_to_date(connection, steps));
  if (!up_to_date) return older;
  return {};
}

base::Result<bool> is_up_to_date(Connection& connection, std::span<const Migration> steps) {
  const auto ours = count_tables(connection, "type = 'table' AND name = 'migration'");
  if (ours.has_error()) return is_corruption(ours.error()) ? not_ours : to_fault(ours.error());
  if (*ours == 0) return not_ours;
  const auto last = newest(connection);
  if (last.has_error()) return to_fault(last.error());
  if (*last > (steps.empty() ? 0 : steps.back().n)) return newer;
  bool all = true;
  for (const Migration& step : steps) {
    const auto stored = stored_checksum(connection, step.n);
    if (stored.has_error()) return to_fault(stored.error());
    if (stored->empty())
      all = false;
    else if (*stored != base::sha256(step.sql))
      return changed;
  }
  return all;
}

}  // namespace kith::adapters::sqlite
