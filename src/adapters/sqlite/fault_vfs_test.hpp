#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <csignal>

namespace kith::adapters::sqlite {

// A disk that fails when told to: SQLite's own file layer, with the reads, writes and syncs of WAL
// files in our hands. Lives for one test, before any connection is opened.
class FaultyDisk {
 public:
  FaultyDisk() {
    here_ = this;
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.zName = "faulty";
    vfs_.pNext = nullptr;
    vfs_.xOpen = open;
    EXPECT_EQ(sqlite3_vfs_register(&vfs_, 1), SQLITE_OK);
  }

  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  ~FaultyDisk() {
    sqlite3_vfs_register(real_, 1);
    sqlite3_vfs_unregister(&vfs_);
  }

  int write_code = SQLITE_OK;  // what the next writes to a WAL give
  int read_code = SQLITE_OK;
  int sync_code = SQLITE_OK;
  // The process is killed instead of this write to a WAL, counted from now; 0: it is not.
  int writes_until_kill = 0;
  int writes = 0;  // to WALs, so far

 private:
  static int open(
      sqlite3_vfs* /*vfs*/, sqlite3_filename name, sqlite3_file* file, int flags, int* out) {
    const int code = here_->real_->xOpen(here_->real_, name, file, flags, out);
    if (code == SQLITE_OK && (flags & SQLITE_OPEN_WAL) != 0) {
      here_->methods_ = file->pMethods;
      here_->faulty_ = *file->pMethods;
      here_->faulty_.xRead = read;
      here_->faulty_.xWrite = write;
      here_->faulty_.xSync = sync;
      file->pMethods = &here_->faulty_;
    }
    return code;
  }

  static int read(sqlite3_file* file, void* to, int bytes, sqlite3_int64 offset) {
    if (here_->read_code != SQLITE_OK) return here_->read_code;
    return here_->methods_->xRead(file, to, bytes, offset);
  }

  static int write(sqlite3_file* file, const void* data, int bytes, sqlite3_int64 offset) {
    if (here_->write_code != SQLITE_OK) return here_->write_code;
    if (here_->writes_until_kill > 0 && --here_->writes_until_kill == 0) std::raise(SIGKILL);
    ++here_->writes;
    return here_->methods_->xWrite(file, data, bytes, offset);
  }

  static int sync(sqlite3_file* file, int flags) {
    if (here_->sync_code != SQLITE_OK) return here_->sync_code;
    return here_->methods_->xSync(file, flags);
  }

  inline static FaultyDisk* here_ = nullptr;
  sqlite3_vfs* real_ = nullptr;
  sqlite3_vfs vfs_{};
  const sqlite3_io_methods* methods_ = nullptr;
  sqlite3_io_methods faulty_{};
};

}  // namespace kith::adapters::sqlite
