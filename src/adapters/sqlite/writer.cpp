#include "adapters/sqlite/writer.hpp"

#include "adapters/sqlite/replay.hpp"
#include "adapters/sqlite/rows.hpp"

#include <sqlite3.h>

#include <cstdlib>
#include <utility>

namespace kith::adapters::sqlite {

namespace {

using ports::StepResult;

constexpr int exit_io_error = 74;             // EX_IOERR of sysexits.h
constexpr int checkpoint_pages = 4'000;       // in the WAL
constexpr std::size_t settle_events = 4'096;  // of one transaction

// No bound of SQLite is reached: the machine asked for a conversation that is not there, or for a
// place in its log that is taken.
constexpr Failure not_there = failure_of(SQLITE_NOTFOUND);
constexpr Failure place_taken = failure_of(SQLITE_CONSTRAINT_ROWID);

constexpr base::Fault log_full{base::Errc::quota_exceeded,
                               "this conversation is full: start another"};

// As the tables have it; a message has no role, and only it has an id that is looked for.
EventRecord record_of(const ports::NewEvent& write) {
  const domain::LogEvent& event = write.event;
  const bool message = event.kind == domain::EventKind::message;
  EventRecord record{.seq = event.seq, .no = event.no, .kind = event.kind, .ts = event.ts};
  record.actor_name = event.actor.str();
  record.client_id = event.client_id.str();
  record.client_named = message && !write.server_made_key && !event.client_id.empty();
  if (record.client_named)
    record.sent = sent_hash(write.conversation, record.actor_name, record.client_id);
  record.subject_name = event.subject.str();
  if (!message) record.role = event.role;
  if (event.target != base::Cid{}) record.target = event.target;
  record.body = event.body;
  return record;
}

}  // namespace

Writer::Writer(Tails& tails, base::Logger& logger)
    : logger_(logger),
      tails_(tails),
      filter_(tails.limits().filter_bytes),
      backlog_(statements_, tails, filter_, filter_table_),
      rows_(connection_, statements_, backlog_) {}

Outcome<std::unique_ptr<Writer>> Writer::open(const std::string& path,
                                              Tails& tails,
                                              base::Logger& logger) {
  std::unique_ptr<Writer> writer{new Writer{tails, logger}};
  KITH_CHECK(writer->prepare(path));
  return writer;
}

Outcome<void> Writer::prepare(const std::string& path) {
  KITH_TRY(connection, Connection::open(path, Access::write_gathering));
  connection_ = std::move(connection);
  KITH_CHECK(connection_.run_script(
      "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16000;"
      " PRAGMA secure_delete = OFF; PRAGMA foreign_keys = OFF"));
  connection_.count_wal_pages(wal_pages_);
  KITH_CHECK(statements_.prepare(connection_));
  KITH_CHECK(filter_table_.prepare(connection_));
  KITH_CHECK(filter_table_.load(connection_, filter_));
  KITH_TRY(found, replay(connection_, tails_, filter_, filter_table_.covered()));
  if (filter_table_.unsaved(filter_)) {
    found.unsaved.events = tails_.limits().filter_save_ids;  // with the next row of the log
    found.closed = false;                                    // or at the end
  }
  backlog_.start_from(found);
  return {};
}

StepResult Writer::execute(const ports::Step& step) {
  struct Visitor {
    Writer& writer;

    StepResult operator()(const ports::LockStep& s) { return writer.lock(s); }

    StepResult operator()(const ports::LookStep& s) { return writer.look(s); }

    StepResult operator()(const ports::MembersStep& s) { return writer.find_members(s); }

    StepResult operator()(const ports::RecallStep& /*s*/) {
      KITH_ASSERT(!"asked: a commit whose outcome is not known ends the process");
      return ports::Recalled{};
    }

    StepResult operator()(const ports::CountStep& s) { return writer.count(s); }

    StepResult operator()(const ports::ExternalStep& s) { return writer.find_external(s); }

    StepResult operator()(const ports::SuccessorStep& s) { return writer.find_successor(s); }

    StepResult operator()(const ports::WriteStep& s) { return writer.write(s); }

    StepResult operator()(const ports::CommitStep& /*s*/) { return writer.commit(); }

    StepResult operator()(const ports::RollbackStep& /*s*/) { return writer.roll_back(); }

    StepResult operator()(const ports::Finished& /*s*/) {
      KITH_ASSERT(false);
      return ports::RolledBack{};
    }
  };

  return std::visit(Visitor{*this}, step);
}

// --- the steps

Outcome<void> Writer::begin() {
  KITH_ASSERT(!open_);
  rows_.begin();
  backlog_.begin();
  KITH_CHECK(statements_.begin.run().finish());
  open_ = true;
  return {};
}

StepResult Writer::lock(const ports::LockStep& step) {
  if (auto begun = begin(); begun.has_error()) return failed(begun.error(), "begin");
  ports::Locked locked;
  locked.found.reserve(step.conversations.size());
  for (const auto& key : step.conversations) {
    const auto stored = rows_.find(key);
    if (stored.has_error()) return failed(stored.error(), "lock");
    locked.found.emplace_back();
    if (*stored != nullptr) locked.found.back() = (*stored)->row;
  }
  return locked;
}

StepResult Writer::look(const ports::LookStep& step) {
  ports::Looked looked;
  looked.found.reserve(step.keys.size());
  for (const ports::SendKey& key : step.keys) {
    auto found = find_send(key);
    if (found.has_error()) return failed(found.error(), "look");
    looked.found.push_back(std::move(found).value());
  }
  return looked;
}

Outcome<std::optional<ports::StoredSend>> Writer::find_send(const ports::SendKey& key) {
  KITH_TRY(stored, rows_.find(key.conversation));
  if (stored == nullptr) return std::optional<ports::StoredSend>{};
  const std::int64_t id = stored->id;
  KITH_TRY(sender, rows_.find_user({key.conversation.app, key.sender}));
  if (!sender) return std::optional<ports::StoredSend>{};
  const auto& client_id = key.client_id.str();
  return backlog_.find_sent(
      {id, *sender, client_id, sent_hash(key.conversation, key.sender.str(), client_id)});
}

StepResult Writer::find_members(const ports::MembersStep& step) {
  ports::MembersFound members;
  members.found.reserve(step.keys.size());
  for (const ports::MemberKey& key : step.keys) {
    auto found = find_member(key);
    if (found.has_error()) return failed(found.error(), "members");
    members.found.push_back(std::move(found).value());
  }
  return members;
}

Outcome<std::optional<domain::Member>> Writer::find_member(const ports::MemberKey& key) {
  std::optional<domain::Member> member;
  KITH_TRY(stored, rows_.find(key.conversation));
  if (stored == nullptr) return member;
  const std::int64_t id = stored->id;
  KITH_TRY(user, rows_.find_user({key.conversation.app, key.user}));
  if (!user) return member;
  Query row = statements_.find_member.run(id, *user, key.user.str());
  KITH_TRY(found, row.next());
  if (!found) return member;
  member = read_member(row, 0);
  backlog_.raise_marks(id, *user, *member);
  return member;
}

StepResult Writer::count(const ports::CountStep& step) {
  ports::Counted counted;
  counted.found.reserve(step.places.size());
  for (const auto& [key, seq] : step.places) {
    const auto found = count_at(key, seq);
    if (found.has_error()) return failed(found.error(), "count");
    counted.found.push_back(*found);
  }
  return counted;
}

Outcome<base::No> Writer::count_at(const base::ConversationKey& key, base::Seq seq) {
  KITH_TRY(stored, rows_.find(key));
  if (stored == nullptr) return base::No{0};
  if (seq >= stored->row.last_seq) return stored->row.last_no;
  const std::int64_t id = stored->id;
  if (const auto no = backlog_.count_at(id, seq)) return *no;
  Query row = statements_.head.run(entry_id(id, 0), entry_id(id, seq));
  KITH_TRY(found, row.next());
  if (!found) return base::No{0};
  KITH_CHECK(expect_own(row, 3, id));
  return row.count(1);
}

StepResult Writer::find_external(const ports::ExternalStep& step) {
  ports::ExternalFound external;
  external.found.resize(step.keys.size());
  for (std::size_t i = 0; i < step.keys.size(); ++i) {
    Query row = statements_.find_external.run(step.keys[i].app, step.keys[i].external_id);
    const auto found = row.next();
    if (found.has_error()) return failed(found.error(), "external");
    if (*found) external.found[i] = base::Cid::from_view(row.bytes(0));
  }
  return external;
}

StepResult Writer::find_successor(const ports::SuccessorStep& step) {
  const auto stored = rows_.find(step.conversation);
  if (stored.has_error()) return failed(stored.error(), "successor");
  if (*stored == nullptr) return ports::SuccessorFound{};
  const std::int64_t id = (*stored)->id;
  Query row = statements_.find_successor.run(id, step.leaving.str());
  const auto found = row.next();
  if (found.has_error()) return failed(found.error(), "successor");
  if (!*found) return ports::SuccessorFound{};
  auto member = read_member(row, 0);
  backlog_.raise_marks(id, row.integer(member_columns), member);
  return ports::SuccessorFound{std::move(member)};
}

StepResult Writer::write(const ports::WriteStep& step) {
  for (const auto& event : step.events)
    if (event.event.seq > base::seq_max) return ports::StepFailed{false, log_full};
  if (const auto written = write_all(step); written.has_error())
    return failed(written.error(), "write");
  return ports::Written{};
}

Outcome<void> Writer::write_all(const ports::WriteStep& step) {
  for (const auto& [key, row] : step.conversations)
    KITH_CHECK(rows_.add(key, row));
  for (const auto& event : step.events)
    KITH_CHECK(write_event(event));
  for (const auto& member : step.members)
    KITH_CHECK(fold_before(member));
  for (const auto& update : step.updates)
    KITH_CHECK(write_update(update));
  for (const auto& member : step.members)
    KITH_CHECK(write_member(member));
  for (const auto& read : step.reads)
    KITH_CHECK(write_read(read));
  for (const auto& cursor : step.cursors)
    KITH_CHECK(write_cursor(cursor));
  for (const auto& user : step.users)
    KITH_CHECK(write_user(user));
  return backlog_.write_log();
}

StepResult Writer::commit() {
  KITH_ASSERT(open_);
  const auto done = statements_.commit.run().finish();
  if (done.has_value()) {
    open_ = false;
    backlog_.committed();
    return ports::Committed{};
  }
  if (is_io_error(done.error())) end_process(done.error(), "commit");
  return failed(done.error(), "commit");
}

StepResult Writer::roll_back() {
  open_ = false;
  rows_.roll_back();
  backlog_.roll_back();
  // SQLite has rolled back by itself after a full disk or an I/O error.
  if (connection_.in_transaction()) {
    const auto done = statements_.rollback.run().finish();
    if (connection_.in_transaction())
      end_process(done.has_error() ? done.error() : Failure{}, "rollback");
  }
  return ports::RolledBack{};
}

// --- what a WriteStep holds

Outcome<void> Writer::write_event(const ports::NewEvent& write) {
  const base::AppId app = write.conversation.app;
  EventRecord record = record_of(write);
  KITH_TRY(actor, actor_of(app, write.event.actor));
  KITH_TRY(subject, actor_of(app, write.event.subject));
  KITH_TRY(stored, rows_.to_change(write.conversation));
  if (record.seq <= stored->row.last_seq) return place_taken;
  record.conversation = stored->id;
  record.actor = actor;
  record.subject = subject;
  KITH_CHECK(backlog_.add(record));
  stored->row.last_seq = record.seq;
  stored->row.last_no = record.no;
  return {};
}

Outcome<void> Writer::write_update(const ports::ConversationUpdate& update) {
  KITH_TRY(stored, rows_.to_change(update.conversation));
  if (update.naming) {
    KITH_CHECK(
        statements_.rename_conversation.run(stored->id, update.naming->title, update.naming->custom)
            .finish());
    rows_.rename(update.conversation, *update.naming);
  }
  if (stored->row.access_rev == update.access_rev && stored->row.members == update.members)
    return {};
  KITH_CHECK(
      statements_.update_conversation.run(stored->id, update.access_rev, update.members).finish());
  stored->row.access_rev = update.access_rev;
  stored->row.members = update.members;
  return {};
}

// Marks that wait with the events are those of the row as it is: they go there before it changes.
Outcome<void> Writer::fold_before(const ports::MemberWrite& write) {
  KITH_TRY(stored, rows_.to_change(write.conversation));
  return backlog_.fold_now(stored->id);
}

Outcome<void> Writer::write_member(const ports::MemberWrite& write) {
  const domain::Member& member = write.member;
  KITH_TRY(stored, rows_.to_change(write.conversation));
  const std::int64_t id = stored->id;
  KITH_TRY(user, rows_.find_or_add_user(write.conversation.app, member.user));
  return statements_.put_member
      .run(id,
           user,
           member.role,
           member.from_seq,
           member.until_seq,
           member.read_seq,
           member.read_no,
           member.joined_at.ms)
      .finish();
}

Outcome<void> Writer::write_read(const ports::ReadWrite& write) {
  KITH_TRY(stored, rows_.find(write.conversation));
  if (stored == nullptr) return not_there;
  const std::int64_t id = stored->id;
  KITH_TRY(user, rows_.find_user({write.conversation.app, write.user}));
  if (!user) return {};  // a stranger has no marks
  if (backlog_.mark({write.read_seq, write.read_no}, id, *user)) return {};
  return statements_.raise_read.run(id, *user, write.read_seq, write.read_no).finish();
}

Outcome<void> Writer::write_cursor(const ports::CursorWrite& write) {
  KITH_TRY(stored, rows_.find(write.conversation));
  if (stored == nullptr) return not_there;
  const std::int64_t id = stored->id;
  KITH_TRY(user, rows_.find_or_add_user(write.conversation.app, write.user));
  return statements_.raise_cursor.run(user, write.device.str(), id, write.seq).finish();
}

Outcome<void> Writer::write_user(const ports::UserWrite& write) {
  KITH_TRY(user, rows_.find_or_add_user(write.key.app, write.key.user));
  if (write.revoked_at.ms != 0)
    KITH_CHECK(statements_.revoke_user.run(user, write.revoked_at.ms).finish());
  if (write.name.empty() && write.avatar.empty() && write.last_seen.ms == 0) return {};
  return statements_.update_user.run(user, write.name, write.avatar, write.last_seen.ms).finish();
}

Outcome<std::int64_t> Writer::actor_of(base::AppId app, const base::UserId& user) {
  if (user.empty()) return std::int64_t{0};
  return rows_.find_or_add_user(app, user);
}

// --- the end

template <class Work>
bool Writer::in_own_transaction(Work work) {
  auto done = begin();
  if (done.has_value()) done = work();
  if (done.has_value() && std::holds_alternative<ports::Committed>(commit())) return true;
  if (done.has_error()) failed(done.error(), "settle");
  roll_back();
  return false;
}

void Writer::rest() {
  if (wal_pages_ < checkpoint_pages) return;
  // Not before: SQLite's own way is a part of the commit, which readers would wait for.
  static_cast<void>(connection_.checkpoint_some());
}

bool Writer::tidy() {
  if (tails_.held_bytes() > base::limits::tails_quiet_bytes_max) {
    const bool moved = in_own_transaction(
        [this] { return backlog_.fold_oldest(base::limits::tidy_events, Backlog::Runs::join); });
    rest();
    return moved;
  }
  rows_.forget();
  tails_.shrink();
  connection_.release_memory();
  return false;
}

void Writer::settle() {
  for (; !tails_.empty(); rest())
    if (!in_own_transaction(
            [this] { return backlog_.fold_oldest(settle_events, Backlog::Runs::begin); }))
      return;
  if (!backlog_.closed() && !in_own_transaction([this] { return backlog_.close_log(); })) return;
  static_cast<void>(connection_.checkpoint());
}

// --- failures

ports::StepFailed Writer::failed(Failure failure, const char* during) {
  if (is_corruption(failure))
    logger_.log(base::LogLevel::error,
                "database_damaged",
                {{"during", during}, {"sqlite_code", failure.number()}});
  else if (!is_broken_rule(failure))
    logger_.log(base::LogLevel::warning,
                "database_refused",
                {{"during", during}, {"sqlite_code", failure.number()}});
  return {is_busy(failure), to_fault(failure)};
}

void Writer::end_process(Failure failure, const char* during) {
  logger_.log(base::LogLevel::error,
              "database_outcome_unknown",
              {{"during", during}, {"sqlite_code", failure.number()}});
  std::_Exit(exit_io_error);
}

}  // namespace kith::adapters::sqlite
