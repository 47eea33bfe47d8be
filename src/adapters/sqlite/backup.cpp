#include "adapters/sqlite/backup.hpp"

#include "adapters/sqlite/database_file.hpp"
#include "adapters/sqlite/file_lock.hpp"
#include "adapters/sqlite/migrations.hpp"
#include "base/encoding.hpp"

#include <array>
#include <utility>

namespace kith::adapters::sqlite {

namespace {

constexpr base::Fault taken{base::Errc::conflict,
                            "a file of this name is there: choose another, or say --force"};
constexpr base::Fault same{base::Errc::conflict,
                           "this is the database itself: choose another file"};
constexpr base::Fault in_use{
    base::Errc::conflict,
    "a program has this file open as a database (its -wal stands beside it): choose another"};

// A file that goes with its owner, unless it got its name.
class Draft {
 public:
  explicit Draft(std::string path) : path_(std::move(path)) { remove(); }

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
  void remove() const noexcept {
    for (const char* end : {"", "-journal", "-wal", "-shm"})
      remove_file(path_ + end);
  }

  std::string path_;
};

base::Result<void> copy_database(const std::string& from, const std::string& to) {
  KITH_TRY(source, open_to_read(from));
  KITH_CHECK(recognize(source, migrations()));
  KITH_CHECK(make_private_file(to));
  auto copy = Connection::open(to, Access::write);
  if (copy.has_error()) return to_fault(copy.error());
  auto done = source.copy_to(*copy);
  // One file: in WAL mode it could not be opened where nobody may write.
  if (done.has_value()) done = copy->run_script("PRAGMA journal_mode = DELETE");
  if (done.has_error()) return to_fault(done.error());
  return {};
}

base::Result<void> begin_epoch(const std::string& path, base::Random& random) {
  auto connection = Connection::open(path, Access::write);
  if (connection.has_error()) return to_fault(connection.error());
  auto update = connection->prepare("UPDATE meta SET epoch = ?1");
  if (update.has_error()) return to_fault(update.error());
  const auto epoch = make_epoch(random);
  if (const auto done = update->run(epoch).finish(); done.has_error())
    return to_fault(done.error());
  return {};
}

// Moves what stands in the WAL into the file. Where that fails, the WAL is kept beside it.
void close_orderly(const std::string& path) {
  auto connection = Connection::open(path, Access::write);
  if (connection.has_value()) static_cast<void>(connection->checkpoint());
}

// The database is there under its name until the last step, which replaces it.
base::Result<void> keep(const std::string& database, const std::string& name) {
  close_orderly(database);
  KITH_CHECK(name_also(database, name));
  if (is_there(wal_of(database))) {
    KITH_CHECK(name_also(wal_of(database), wal_of(name)));
    KITH_CHECK(sync_file(wal_of(name)));
    remove_file(wal_of(database));  // it must not be taken for that of what comes
  }
  remove_file(database + "-shm");
  return sync_file(name);
}

}  // namespace

std::string make_epoch(base::Random& random) {
  std::array<std::uint8_t, 12> bytes{};
  random.fill(bytes);
  return base::base64url_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

base::Result<CheckReport> back_up(const BackupWish& wish) {
  if (is_same_file(wish.database, wish.to)) return same;
  if (is_there(wal_of(wish.to))) return in_use;
  if (!wish.overwrite && is_there(wish.to)) return taken;
  Draft draft{wish.to + ".part"};
  KITH_CHECK(copy_database(wish.database, draft.path()));
  KITH_TRY(report, check_database(draft.path()));
  if (!report.findings.none()) return report;
  KITH_CHECK(draft.publish(wish.to));
  return report;
}

base::Result<Restored> restore(const RestoreWish& wish, base::Random& random) {
  if (is_same_file(wish.database, wish.backup)) return same;
  KITH_TRY(lock, FileLock::take(wish.database));
  Restored restored;
  Draft draft{wish.database + ".part"};
  KITH_CHECK(copy_database(wish.backup, draft.path()));
  KITH_TRY(report, check_database(draft.path()));
  restored.report = std::move(report);
  if (!restored.report.findings.none()) return restored;
  KITH_CHECK(begin_epoch(draft.path(), random));
  if (is_there(wish.database)) {
    restored.kept_as = wish.database + ".before-restore-" + wish.stamp;
    KITH_CHECK(keep(wish.database, restored.kept_as));
  }
  KITH_CHECK(draft.publish(wish.database));
  return restored;
}

}  // namespace kith::adapters::sqlite
