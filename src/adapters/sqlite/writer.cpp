#include "adapters/sqlite/writer.hpp"

#include "adapters/sqlite/rows.hpp"
#include "base/limits.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>

namespace kith::adapters::sqlite {

namespace {

using ports::StepResult;

constexpr int exit_io_error = 74;  // EX_IOERR of sysexits.h

// No bound of SQLite is reached: the machine asked for a conversation that is not there, or for a
// number beyond what the key holds.
constexpr Failure not_there = failure_of(SQLITE_NOTFOUND);
constexpr Failure beyond_key = failure_of(SQLITE_RANGE);

constexpr base::Fault log_full{base::Errc::quota_exceeded,
                               "this conversation is full: start another"};

}  // namespace

Writer::Writer(base::Logger& logger)
    : logger_(logger),
      conversations_(base::limits::writer_conversations_max,
                     base::limits::writer_conversations_bytes_max),
      users_(base::limits::writer_users_max, base::limits::writer_users_bytes_max) {}

Outcome<std::unique_ptr<Writer>> Writer::open(const std::string& path, base::Logger& logger) {
  std::unique_ptr<Writer> writer{new Writer{logger}};
  KITH_TRY(connection, Connection::open(path, Access::write));
  writer->connection_ = std::move(connection);
  KITH_CHECK(writer->connection_.run_script(
      "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16000;"
      " PRAGMA secure_delete = OFF; PRAGMA foreign_keys = OFF"));
  KITH_CHECK(writer->statements_.prepare(writer->connection_));
  return writer;
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
  changed_conversations_.clear();
  added_users_.clear();
  KITH_CHECK(statements_.begin.run().finish());
  open_ = true;
  return {};
}

StepResult Writer::lock(const ports::LockStep& step) {
  if (auto begun = begin(); begun.has_error()) return failed(begun.error(), "begin");
  ports::Locked locked;
  locked.found.reserve(step.conversations.size());
  for (const auto& key : step.conversations) {
    const auto stored = find_conversation(key);
    if (stored.has_error()) return failed(stored.error(), "lock");
    locked.found.emplace_back();
    if (*stored != nullptr) locked.found.back() = (*stored)->row;
  }
  return locked;
}

StepResult Writer::look(const ports::LookStep& step) {
  ports::Looked looked;
  looked.found.resize(step.keys.size());
  for (std::size_t i = 0; i < step.keys.size(); ++i) {
    const ports::SendKey& key = step.keys[i];
    const auto stored = find_conversation(key.conversation);
    if (stored.has_error()) return failed(stored.error(), "look");
    if (*stored == nullptr) continue;
    const auto sender = find_user({key.conversation.app, key.sender});
    if (sender.has_error()) return failed(sender.error(), "look");
    if (!*sender) continue;
    Query row = statements_.find_send.run(key.client_id.str(), **sender, (*stored)->id);
    const auto found = row.next();
    if (found.has_error()) return failed(found.error(), "look");
    if (!*found) continue;
    looked.found[i] = read_stored_send(row);
  }
  return looked;
}

StepResult Writer::find_members(const ports::MembersStep& step) {
  ports::MembersFound members;
  members.found.resize(step.keys.size());
  for (std::size_t i = 0; i < step.keys.size(); ++i) {
    const ports::MemberKey& key = step.keys[i];
    const auto stored = find_conversation(key.conversation);
    if (stored.has_error()) return failed(stored.error(), "members");
    if (*stored == nullptr) continue;
    const auto user = find_user({key.conversation.app, key.user});
    if (user.has_error()) return failed(user.error(), "members");
    if (!*user) continue;
    Query row = statements_.find_member.run((*stored)->id, **user, key.user.str());
    const auto found = row.next();
    if (found.has_error()) return failed(found.error(), "members");
    if (*found) members.found[i] = read_member(row, 0);
  }
  return members;
}

StepResult Writer::count(const ports::CountStep& step) {
  ports::Counted counted;
  counted.found.resize(step.places.size());
  for (std::size_t i = 0; i < step.places.size(); ++i) {
    const auto& [key, seq] = step.places[i];
    const auto stored = find_conversation(key);
    if (stored.has_error()) return failed(stored.error(), "count");
    if (*stored == nullptr) continue;
    if (seq >= (*stored)->row.last_seq) {
      counted.found[i] = (*stored)->row.last_no;
      continue;
    }
    const std::int64_t id = (*stored)->id;
    Query row = statements_.count_at.run(entry_id(id, 0), entry_id(id, seq));
    const auto found = row.next();
    if (found.has_error()) return failed(found.error(), "count");
    if (*found) counted.found[i] = row.count(0);
  }
  return counted;
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
  const auto stored = find_conversation(step.conversation);
  if (stored.has_error()) return failed(stored.error(), "successor");
  if (*stored == nullptr) return ports::SuccessorFound{};
  Query row = statements_.find_successor.run((*stored)->id, step.leaving.str());
  const auto found = row.next();
  if (found.has_error()) return failed(found.error(), "successor");
  if (!*found) return ports::SuccessorFound{};
  return ports::SuccessorFound{read_member(row, 0)};
}

StepResult Writer::write(const ports::WriteStep& step) {
  for (const auto& event : step.events)
    if (event.event.seq > base::seq_max) return ports::StepFailed{false, log_full};
  const auto write_all = [&]() -> Outcome<void> {
    for (const auto& [key, row] : step.conversations)
      KITH_CHECK(write_conversation(key, row));
    for (const auto& event : step.events)
      KITH_CHECK(write_event(event));
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
    return {};
  };
  if (const auto written = write_all(); written.has_error())
    return failed(written.error(), "write");
  return ports::Written{};
}

StepResult Writer::commit() {
  KITH_ASSERT(open_);
  const auto done = statements_.commit.run().finish();
  if (done.has_value()) {
    open_ = false;
    return ports::Committed{};
  }
  if (is_io_error(done.error())) end_process(done.error(), "commit");
  return failed(done.error(), "commit");
}

StepResult Writer::roll_back() {
  open_ = false;
  for (const auto& key : changed_conversations_)
    conversations_.erase(key);
  for (const auto& key : added_users_)
    users_.erase(key);
  // SQLite has rolled back by itself after a full disk or an I/O error.
  if (connection_.in_transaction()) {
    const auto done = statements_.rollback.run().finish();
    if (connection_.in_transaction())
      end_process(done.has_error() ? done.error() : Failure{}, "rollback");
  }
  return ports::RolledBack{};
}

// --- what a WriteStep holds

Outcome<void> Writer::write_conversation(const base::ConversationKey& key,
                                         const domain::Conversation& row) {
  std::optional<std::string_view> external;
  if (!row.external_id.empty()) external = row.external_id;
  KITH_CHECK(statements_.add_conversation
                 .run(key.app,
                      Blob{key.cid.view()},
                      row.kind,
                      row.title,
                      row.custom,
                      external,
                      row.access_rev,
                      row.members,
                      row.created_at.ms)
                 .finish());
  auto stored = std::make_unique<Stored>();
  stored->id = connection_.last_row_id();
  if (stored->id >= conversations_max) return beyond_key;
  stored->row = row;
  stored->row.cid = key.cid;
  stored->row.last_seq = 0;
  stored->row.last_no = 0;
  changed_conversations_.push_back(key);
  remember(key, std::move(stored));
  return {};
}

Outcome<void> Writer::write_event(const ports::NewEvent& write) {
  const domain::LogEvent& event = write.event;
  const base::AppId app = write.conversation.app;
  KITH_TRY(stored, conversation_to_change(write.conversation));
  KITH_TRY(actor, actor_of(app, event.actor));
  KITH_TRY(subject, actor_of(app, event.subject));
  const bool message = event.kind == domain::EventKind::message;
  Query row = statements_.add_entry.run(
      entry_id(stored->id, event.seq), event.no, event.kind, actor, event.ts.ms);
  if (event.client_id.empty())
    row.bind(6, nullptr);
  else if (write.server_made_key || !message)
    row.bind(6, Blob{event.client_id.str()});
  else
    row.bind(6, std::string_view{event.client_id.str()});
  row.bind(7, subject);
  if (message)
    row.bind(8, nullptr);
  else
    row.bind(8, event.role);
  if (event.target == base::Cid{})
    row.bind(9, nullptr);
  else
    row.bind(9, Blob{event.target.view()});
  row.bind(10, Blob{event.body});
  KITH_CHECK(row.finish());
  stored->row.last_seq = event.seq;
  stored->row.last_no = event.no;
  return {};
}

Outcome<void> Writer::write_update(const ports::ConversationUpdate& update) {
  KITH_TRY(stored, conversation_to_change(update.conversation));
  if (stored->row.access_rev == update.access_rev && stored->row.members == update.members)
    return {};
  KITH_CHECK(
      statements_.update_conversation.run(stored->id, update.access_rev, update.members).finish());
  stored->row.access_rev = update.access_rev;
  stored->row.members = update.members;
  return {};
}

Outcome<void> Writer::write_member(const ports::MemberWrite& write) {
  const domain::Member& member = write.member;
  KITH_TRY(stored, conversation_to_change(write.conversation));
  KITH_TRY(user, find_or_add_user(write.conversation.app, member.user));
  return statements_.put_member
      .run(stored->id,
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
  KITH_TRY(stored, find_conversation(write.conversation));
  if (stored == nullptr) return not_there;
  KITH_TRY(user, find_user({write.conversation.app, write.user}));
  if (!user) return {};  // a stranger has no marks
  return statements_.raise_read.run(stored->id, *user, write.read_seq, write.read_no).finish();
}

Outcome<void> Writer::write_cursor(const ports::CursorWrite& write) {
  KITH_TRY(stored, find_conversation(write.conversation));
  if (stored == nullptr) return not_there;
  const std::int64_t id = stored->id;
  KITH_TRY(user, find_or_add_user(write.conversation.app, write.user));
  return statements_.raise_cursor.run(user, write.device.str(), id, write.seq).finish();
}

Outcome<void> Writer::write_user(const ports::UserWrite& write) {
  KITH_TRY(user, find_or_add_user(write.key.app, write.key.user));
  if (write.name.empty() && write.avatar.empty()) return {};
  return statements_.update_user.run(user, write.name, write.avatar).finish();
}

// --- rows by name

Writer::Stored* Writer::remember(const base::ConversationKey& key, std::unique_ptr<Stored> stored) {
  const std::size_t bytes = sizeof(Stored) + sizeof key + stored->row.title.size() +
                            stored->row.custom.size() + stored->row.external_id.size();
  return conversations_.insert(key, std::move(stored), bytes)->get();
}

std::int64_t Writer::remember(const base::UserKey& key, std::int64_t id) {
  users_.insert(key, id, sizeof key + sizeof id + key.user.str().size());
  return id;
}

Outcome<Writer::Stored*> Writer::find_conversation(const base::ConversationKey& key) {
  if (auto* known = conversations_.find(key); known != nullptr) return known->get();
  Query row = statements_.find_conversation.run(key.app, Blob{key.cid.view()});
  KITH_TRY(found, row.next());
  if (!found) return static_cast<Stored*>(nullptr);
  auto stored = std::make_unique<Stored>();
  stored->id = row.integer(0);
  stored->row = read_conversation(row, 1);
  return remember(key, std::move(stored));
}

Outcome<Writer::Stored*> Writer::conversation_to_change(const base::ConversationKey& key) {
  KITH_TRY(stored, find_conversation(key));
  if (stored == nullptr) return not_there;
  if (changed_conversations_.empty() || changed_conversations_.back() != key)
    changed_conversations_.push_back(key);
  return stored;
}

Outcome<std::optional<std::int64_t>> Writer::find_user(const base::UserKey& key) {
  if (const auto* known = users_.find(key); known != nullptr) return std::optional{*known};
  Query row = statements_.find_user.run(key.app, key.user.str());
  KITH_TRY(found, row.next());
  if (!found) return std::optional<std::int64_t>{};
  return std::optional{remember(key, row.integer(0))};
}

Outcome<std::int64_t> Writer::find_or_add_user(base::AppId app, const base::UserId& user) {
  const base::UserKey key{app, user};
  KITH_TRY(found, find_user(key));
  if (found) return *found;
  KITH_CHECK(statements_.add_user.run(app, user.str()).finish());
  added_users_.push_back(key);
  return remember(key, connection_.last_row_id());
}

Outcome<std::optional<std::int64_t>> Writer::actor_of(base::AppId app, const base::UserId& user) {
  if (user.empty()) return std::optional<std::int64_t>{};
  KITH_TRY(row, find_or_add_user(app, user));
  return std::optional{row};
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
