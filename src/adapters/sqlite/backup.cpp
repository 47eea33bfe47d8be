#include "adapters/sqlite/backup.hpp"

#include "adapters/sqlite/database_file.hpp"
#include "adapters/sqlite/file_lock.hpp"
#include "adapters/sqlite/migrations.hpp"
#include "base/encoding.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace kith::adapters::sqlite {

namespace {

constexpr base::Fault taken{base::Errc::conflict,
                            "a file of this name is there: choose another, or say --force"};
constexpr base::Fault same{base::Errc::conflict,
                           "this is the database itself: choose another file"};
constexpr base::Fault in_use{
    base::Errc::conflict,
    "a program has this file open as a database (its -wal or -journal stands beside it): choose "
    "another"};
constexpr base::Fault kept_already{base::Errc::conflict,
                                   "a former database is kept under this second's name: try again"};
constexpr base::Fault left_beside{
    base::Errc::unavailable,
    "what a killed server left beside the database can not be moved: check the folder's rights"};
constexpr base::Fault spoiled{
    base::Errc::internal,
    "the restored file is not under its name what was checked: do not start the server, restore "
    "again; the former database is kept as .before-restore"};

std::string journal_of(const std::string& path) {
  return path + "-journal";
}

template <std::size_t Size>
std::string random_bytes(base::Random& random) {
  std::array<std::uint8_t, Size> bytes{};
  random.fill(bytes);
  return {bytes.begin(), bytes.end()};
}

// A file that goes with its owner, unless it got its name. Until then it is called by chance: two
// may be made for one name at a time, and somebody else's file is nothing to write over.
class Draft {
 public:
  static base::Result<Draft> make(const std::string& name, base::Random& random) {
    Draft draft{name + ".part-" + base::hex_encode(random_bytes<8>(random))};
    if (const auto made = make_new_private_file(draft.path_); made.has_error()) {
      draft.path_.clear();
      return made.error();
    }
    return draft;
  }

  Draft(Draft&& other) noexcept : path_(std::exchange(other.path_, {})) {}

  Draft& operator=(Draft&&) = delete;
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  ~Draft() {
    if (!path_.empty()) remove();
  }

  const std::string& path() const noexcept { return path_; }

  base::Result<void> publish(const std::string& name) {
    KITH_CHECK(sync_file(path_));
    KITH_CHECK(rename_file(path_, name));
    path_.clear();
    return sync_file(name);
  }

 private:
  explicit Draft(std::string path) : path_(std::move(path)) {}

  void remove() const noexcept {
    for (const char* end : {"", "-journal", "-wal", "-shm"})
      remove_file(path_ + end);
  }

  std::string path_;
};

base::Result<void> copy_database(Connection& source, const std::string& to) {
  auto copy = Connection::open(to, Access::write);
  if (copy.has_error()) return to_fault(copy.error());
  auto done = source.copy_to(*copy);
  // One file: in WAL mode it could not be opened where nobody may write.
  if (done.has_value()) done = copy->run_script("PRAGMA journal_mode = DELETE");
  if (done.has_error()) return to_fault(done.error());
  return {};
}

// A backup may be of an older schema; the copy is of this one.
base::Result<void> copy_backup(const RestoreWish& wish,
                               const std::string& to,
                               const base::Clock& clock) {
  KITH_TRY(source, open_to_read(wish.backup));
  KITH_CHECK(is_up_to_date(source, migrations()));
  KITH_CHECK(copy_database(source, to));
  auto copy = Connection::open(to, Access::write);
  if (copy.has_error()) return to_fault(copy.error());
  base::NullLogger logger;
  return migrate(*copy, migrations(), clock, logger);
}

base::Result<std::string> begin_epoch(const std::string& path, base::Random& random) {
  auto connection = Connection::open(path, Access::write);
  if (connection.has_error()) return to_fault(connection.error());
  auto update = connection->prepare("UPDATE meta SET epoch = ?1");
  if (update.has_error()) return to_fault(update.error());
  auto epoch = make_epoch(random);
  if (const auto done = update->run(epoch).finish(); done.has_error())
    return to_fault(done.error());
  return epoch;
}

Outcome<std::string> epoch_of(Connection& connection) {
  KITH_TRY(statement, connection.prepare("SELECT epoch FROM meta"));
  Query row = statement.run();
  KITH_TRY(found, row.next());
  return found ? row.string(0) : std::string{};
}

// The file that now has the name, opened as a server will: whatever SQLite adds to it from beside.
base::Result<void> confirm(const std::string& database, const std::string& epoch) {
  KITH_TRY(report, check_database(database));
  KITH_TRY(connection, open_to_read(database));
  const auto found = epoch_of(connection);
  if (found.has_error()) return to_fault(found.error());
  // A former database is a good one: only the epoch says that it is not this.
  if (!report.findings.none() || *found != epoch) return spoiled;
  return {};
}

// Moves what stands in the WAL into the file. Where that fails, the WAL is kept beside it.
void close_orderly(const std::string& path) {
  auto connection = Connection::open(path, Access::write);
  if (connection.has_value()) static_cast<void>(connection->checkpoint());
}

base::Result<void> move_apart(const std::string& path, const std::string& name) {
  KITH_CHECK(name_also(path, name));
  KITH_CHECK(sync_file(name));
  remove_file(path);
  if (is_there(path)) return left_beside;
  return sync_file(name);
}

// Nothing of the former database stays that would be taken for a part of what comes, even where
// its file is gone and only its WAL or journal is left. The file itself has its name too until the
// last step, which replaces it. Gives the first name that something is kept under.
base::Result<std::string> keep(const std::string& database, const std::string& name) {
  for (const auto& file : {name, wal_of(name), journal_of(name)})
    if (is_there(file)) return kept_already;
  std::string kept;
  if (is_there(database)) {
    close_orderly(database);
    KITH_CHECK(name_also(database, name));
    KITH_CHECK(sync_file(name));
    kept = name;
  }
  for (const auto& [left, apart] : {std::pair{wal_of(database), wal_of(name)},
                                    std::pair{journal_of(database), journal_of(name)}}) {
    if (!is_there(left)) continue;
    KITH_CHECK(move_apart(left, apart));
    if (kept.empty()) kept = apart;
  }
  remove_file(database + "-shm");
  return kept;
}

}  // namespace

std::string make_epoch(base::Random& random) {
  return base::base64url_encode(random_bytes<12>(random));
}

base::Result<CheckReport> back_up(const BackupWish& wish, base::Random& random) {
  if (is_same_file(wish.database, wish.to)) return same;
  if (is_there(wal_of(wish.to)) || is_there(journal_of(wish.to))) return in_use;
  if (!wish.overwrite && is_there(wish.to)) return taken;
  KITH_TRY(source, open_to_read(wish.database));
  KITH_CHECK(recognize(source, migrations()));
  KITH_TRY(draft, Draft::make(wish.to, random));
  KITH_CHECK(copy_database(source, draft.path()));
  KITH_TRY(report, check_database(draft.path()));
  if (!report.findings.none()) return report;
  KITH_CHECK(draft.publish(wish.to));
  return report;
}

base::Result<Restored> restore(const RestoreWish& wish,
                               const base::Clock& clock,
                               base::Random& random) {
  if (is_same_file(wish.database, wish.backup)) return same;
  KITH_TRY(lock, FileLock::take(wish.database));
  Restored restored;
  KITH_TRY(draft, Draft::make(wish.database, random));
  KITH_CHECK(copy_backup(wish, draft.path(), clock));
  KITH_TRY(report, check_database(draft.path()));
  restored.report = std::move(report);
  if (!restored.report.findings.none()) return restored;
  KITH_TRY(epoch, begin_epoch(draft.path(), random));
  KITH_TRY(kept, keep(wish.database, wish.database + ".before-restore-" + wish.stamp));
  restored.kept_as = std::move(kept);
  KITH_CHECK(draft.publish(wish.database));
  KITH_CHECK(confirm(wish.database, epoch));
  return restored;
}

}  // namespace kith::adapters::sqlite
