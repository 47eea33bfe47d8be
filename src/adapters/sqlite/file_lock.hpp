#pragma once

#include "base/result.hpp"

#include <string>

namespace kith::adapters::sqlite {

// The right to write a database, held as a lock on `<path>-lock`, apart from SQLite's own locks:
// two writers would each trust the counters in their memory. Ends with the process, however it
// ends.
class FileLock {
 public:
  FileLock() = default;
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

  // `conflict`: somebody has it. `unavailable`: the file can not be made.
  static base::Result<FileLock> take(const std::string& path);

 private:
  explicit FileLock(int fd) noexcept : fd_(fd) {}

  int fd_ = -1;
};

// Makes an empty file that only its owner may read; leaves one that is there as it is.
base::Result<void> make_private_file(const std::string& path);
// Likewise; `conflict`: one is there.
base::Result<void> make_new_private_file(const std::string& path);

}  // namespace kith::adapters::sqlite
