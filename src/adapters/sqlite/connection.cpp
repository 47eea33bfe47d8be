#include "adapters/sqlite/connection.hpp"

#include "adapters/sqlite/gathering_wal.hpp"

#include <sqlite3.h>

#include <utility>

namespace kith::adapters::sqlite {

namespace {

constexpr int busy_timeout_ms = 1'000;

}  // namespace

bool is_busy(Failure failure) noexcept {
  return failure.primary() == SQLITE_BUSY || failure.primary() == SQLITE_LOCKED;
}

bool is_io_error(Failure failure) noexcept {
  return failure.primary() == SQLITE_IOERR;
}

bool is_corruption(Failure failure) noexcept {
  return failure.primary() == SQLITE_CORRUPT || failure.primary() == SQLITE_NOTADB;
}

bool is_broken_rule(Failure failure) noexcept {
  return failure.primary() == SQLITE_CONSTRAINT;
}

base::Fault to_fault(Failure failure) noexcept {
  switch (failure.primary()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {base::Errc::unavailable, "the database is locked: try again", 1'000};
    case SQLITE_FULL:
      return {base::Errc::unavailable, "the database's disk is full: free space", 1'000};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return {base::Errc::unavailable, "the database may not be written: check permissions", 1'000};
    case SQLITE_IOERR:
      return {base::Errc::unavailable, "the database's disk does not answer: check it", 1'000};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {base::Errc::unavailable, "the database is damaged: restore a backup", 1'000};
    case SQLITE_CONSTRAINT:
      return {base::Errc::conflict, "this is taken already: choose another"};
    case SQLITE_TOOBIG:
      return {base::Errc::too_large, "too large for the database: send less"};
    default:
      return {base::Errc::internal, "the database refused a statement: report this"};
  }
}

Query::Query(Query&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)), bind_code_(other.bind_code_) {}

Query::~Query() {
  if (statement_ != nullptr) sqlite3_reset(statement_);
}

Outcome<bool> Query::next() noexcept {
  if (bind_code_ != SQLITE_OK) return failure_of(bind_code_);
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure_of(sqlite3_extended_errcode(sqlite3_db_handle(statement_)));
}

Outcome<void> Query::finish() noexcept {
  KITH_CHECK(next());
  return {};
}

bool Query::null(int column) const noexcept {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Query::integer(int column) const noexcept {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Query::bytes(int column) const noexcept {
  sqlite3_value* value = sqlite3_column_value(statement_, column);  // looked up once
  const void* data = sqlite3_value_blob(value);
  const int size = sqlite3_value_bytes(value);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

void Query::bind(int index, std::int64_t value) noexcept {
  bind_code_ |= sqlite3_bind_int64(statement_, index, value);
}

void Query::bind(int index, std::string_view text) noexcept {
  // A null pointer would bind NULL.
  const char* data = text.data() == nullptr ? "" : text.data();
  bind_code_ |= sqlite3_bind_text64(
      statement_, index, data, text.size(), SQLITE_STATIC, static_cast<unsigned char>(SQLITE_UTF8));
}

void Query::bind(int index, Blob blob) noexcept {
  const char* data = blob.bytes.data() == nullptr ? "" : blob.bytes.data();
  bind_code_ |= sqlite3_bind_blob64(statement_, index, data, blob.bytes.size(), SQLITE_STATIC);
}

void Query::bind(int index, std::nullptr_t) noexcept {
  bind_code_ |= sqlite3_bind_null(statement_, index);
}

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(statement_, other.statement_);
  return *this;
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

Outcome<Connection> Connection::open(const std::string& path, Access access) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= access == Access::read_only ? SQLITE_OPEN_READONLY
                                       : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const char* layer = access == Access::write_gathering ? gathering_layer() : nullptr;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, layer);
  Connection connection{handle};
  if (code != SQLITE_OK) return failure_of(code);
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  if (layer != nullptr) KITH_CHECK(connection.run_script("PRAGMA cache_spill = OFF"));
  return connection;
}

Connection::Connection(Connection&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)) {}

Connection& Connection::operator=(Connection&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

Connection::~Connection() {
  const int code = sqlite3_close(handle_);
  KITH_ASSERT(code == SQLITE_OK);  // busy: a statement outlived its connection
}

Outcome<void> Connection::run_script(const std::string& sql) noexcept {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure_of(sqlite3_extended_errcode(handle_));
  return {};
}

Outcome<Statement> Connection::prepare(std::string_view sql) noexcept {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_,
                                      sql.data(),
                                      static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT,
                                      &statement,
                                      nullptr);
  if (code != SQLITE_OK) return failure_of(sqlite3_extended_errcode(handle_));
  return Statement{statement};
}

bool Connection::in_transaction() const noexcept {
  return sqlite3_get_autocommit(handle_) == 0;
}

std::int64_t Connection::last_row_id() const noexcept {
  return sqlite3_last_insert_rowid(handle_);
}

int Connection::changed_rows() const noexcept {
  return sqlite3_changes(handle_);
}

void Connection::count_wal_pages(int& pages) noexcept {
  sqlite3_wal_hook(
      handle_,
      [](void* to, sqlite3* /*handle*/, const char* /*database*/, int count) {
        *static_cast<int*>(to) = count;
        return SQLITE_OK;
      },
      &pages);
}

Outcome<void> Connection::checkpoint_some() noexcept {
  const int code =
      sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK) return failure_of(code);
  return {};
}

Outcome<void> Connection::copy_to(Connection& to) noexcept {
  sqlite3_backup* backup = sqlite3_backup_init(to.handle_, "main", handle_, "main");
  if (backup == nullptr) return failure_of(sqlite3_extended_errcode(to.handle_));
  // All in one step: between two the source may change, and the copy would begin anew.
  const int code = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE) return failure_of(code);
  if (finished != SQLITE_OK) return failure_of(finished);
  return {};
}

void Connection::release_memory() noexcept {
  sqlite3_db_release_memory(handle_);
}

Outcome<void> Connection::checkpoint() noexcept {
  const int code =
      sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) return failure_of(code);
  return {};
}

}  // namespace kith::adapters::sqlite
