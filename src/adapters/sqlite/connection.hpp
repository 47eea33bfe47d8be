#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

struct sqlite3;
struct sqlite3_stmt;

// The sqlite3 C API in values that close themselves. A connection and its statements belong to one
// thread at a time.
namespace kith::adapters::sqlite {

// An extended SQLite result code that is neither OK, ROW nor DONE. Not made of a plain number, so
// that an Outcome<bool> or Outcome<int64_t> is not made into one by mistake.
struct Failure {
  enum class Code : int {};
  Code code{};

  int number() const noexcept { return static_cast<int>(code); }

  int primary() const noexcept { return number() & 0xff; }
};

constexpr Failure failure_of(int code) noexcept {
  return {Failure::Code{code}};
}

[[noreturn]] inline void throw_exception_from_error(const Failure& /*failure*/,
                                                    const boost::source_location& where) {
  base::assertion_failed("value() of an Outcome that holds a Failure",
                         where.file_name(),
                         static_cast<int>(where.line()));
}

template <class T>
using Outcome = boost::system::result<T, Failure>;

bool is_busy(Failure failure) noexcept;  // the same may succeed later
bool is_io_error(Failure failure) noexcept;
bool is_corruption(Failure failure) noexcept;
bool is_broken_rule(Failure failure) noexcept;  // a UNIQUE, CHECK or NOT NULL of the schema
base::Fault to_fault(Failure failure) noexcept;

struct Blob {
  std::string_view bytes;
};

// One run of a statement. Its destruction ends the run, and with it the read snapshot it held.
class Query {
 public:
  explicit Query(sqlite3_stmt* statement) noexcept : statement_(statement) {}

  Query(Query&& other) noexcept;
  Query& operator=(Query&&) = delete;
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  // True: there is a row to look at. Texts and blobs that were bound must live until here.
  Outcome<bool> next() noexcept;
  // For a statement without rows.
  Outcome<void> finish() noexcept;

  bool null(int column) const noexcept;
  std::int64_t integer(int column) const noexcept;

  std::uint64_t count(int column) const noexcept {
    return static_cast<std::uint64_t>(integer(column));
  }

  // Text and blobs, byte by byte; empty for NULL. Valid until the next row.
  std::string_view bytes(int column) const noexcept;

  std::string string(int column) const { return std::string{bytes(column)}; }

  void bind(int index, std::int64_t value) noexcept;
  void bind(int index, std::string_view text) noexcept;
  void bind(int index, Blob blob) noexcept;
  void bind(int index, std::nullptr_t) noexcept;

  template <class T>

  requires std::is_enum_v<T>

  void bind(int index, T value) noexcept { bind(index, static_cast<std::int64_t>(value)); }

  template <class T>
  void bind(int index, const std::optional<T>& value) noexcept {
    if (value)
      bind(index, *value);
    else
      bind(index, nullptr);
  }

 private:
  sqlite3_stmt* statement_;
  int bind_code_ = 0;
};

class Statement {
 public:
  Statement() = default;

  explicit Statement(sqlite3_stmt* statement) noexcept : statement_(statement) {}

  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Binds ?1, ?2 … in order. Integers, enums, texts (string_view), Blob, nullptr, optional of
  // these. Only one run of a statement at a time.
  template <class... Args>
  Query run(const Args&... args) noexcept {
    Query query{statement_};
    int index = 0;
    (query.bind(++index, args), ...);
    return query;
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

// `write_gathering`: as gathering_wal.hpp says; `synchronous` has to be FULL. What a transaction
// changes is in memory until its COMMIT.
enum class Access : std::uint8_t { write, write_gathering, read_only };

class Connection {
 public:
  // To write makes the file if there is none.
  static Outcome<Connection> open(const std::string& path, Access access);

  Connection() = default;
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&& other) noexcept;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();  // its statements are gone by then

  Outcome<void> run_script(const std::string& sql) noexcept;  // several statements, no parameters
  Outcome<Statement> prepare(std::string_view sql) noexcept;
  bool in_transaction() const noexcept;
  std::int64_t last_row_id() const noexcept;
  int changed_rows() const noexcept;  // by the last INSERT, UPDATE or DELETE
  // Keeps the number of pages in the WAL as of the last commit there. `pages` outlives this.
  void count_wal_pages(int& pages) noexcept;
  // Moves what no reader needs from the WAL into the file. Never waits.
  Outcome<void> checkpoint_some() noexcept;
  // Moves what stands in the WAL into the file and empties it, if no reader is in the way.
  Outcome<void> checkpoint() noexcept;
  // Makes `to` a copy of one state of this database.
  Outcome<void> copy_to(Connection& to) noexcept;
  // Gives back what the page cache holds and no statement needs just now.
  void release_memory() noexcept;

 private:
  explicit Connection(sqlite3* handle) noexcept : handle_(handle) {}

  sqlite3* handle_ = nullptr;
};

}  // namespace kith::adapters::sqlite
