#include "adapters/sqlite/gathering_wal.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

namespace kith::adapters::sqlite {

namespace {

namespace limits = base::limits;

constexpr std::size_t below_bytes_max = 4'096;  // what the layer below keeps of a file
constexpr std::size_t piece_bytes =
    64 * 1024;  // SQLite's own layer takes less than twice that at once

class Wal {
 public:
  explicit Wal(sqlite3_file* below) noexcept : below_(below) {}

  sqlite3_file* below() noexcept { return below_; }

  int write(const char* data, int bytes, std::int64_t offset);
  int flush() noexcept;
  int read(void* to, int bytes, std::int64_t offset) noexcept;
  int truncate(std::int64_t size) noexcept;
  int sync(int flags) noexcept;

 private:
  sqlite3_file* below_;
  std::unique_ptr<char[]> gathered_;
  std::size_t size_ = 0;
  std::int64_t at_ = 0;  // of the first gathered byte
};

int Wal::write(const char* data, int bytes, std::int64_t offset) {
  const auto more = static_cast<std::size_t>(bytes);
  const bool follows = offset == at_ + static_cast<std::int64_t>(size_);
  if (size_ != 0 && (!follows || size_ + more > limits::wal_gathered_bytes_max))
    if (const int code = flush(); code != SQLITE_OK) return code;
  if (more > limits::wal_gathered_bytes_max)
    return below_->pMethods->xWrite(below_, data, bytes, offset);
  if (!gathered_) gathered_.reset(new (std::nothrow) char[limits::wal_gathered_bytes_max]);
  if (!gathered_) return SQLITE_IOERR_NOMEM;
  if (size_ == 0) at_ = offset;
  std::memcpy(&gathered_[size_], data, more);
  size_ += more;
  return SQLITE_OK;
}

// What could not be written is forgotten, as SQLite forgets it.
int Wal::flush() noexcept {
  if (size_ == 0) return SQLITE_OK;
  const std::size_t size = std::exchange(size_, 0);
  for (std::size_t done = 0; done < size; done += piece_bytes) {
    const auto bytes = static_cast<int>(std::min(piece_bytes, size - done));
    const auto at = at_ + static_cast<std::int64_t>(done);
    if (const int code = below_->pMethods->xWrite(below_, &gathered_[done], bytes, at);
        code != SQLITE_OK)
      return code;
  }
  return SQLITE_OK;
}

int Wal::read(void* to, int bytes, std::int64_t offset) noexcept {
  if (const int code = flush(); code != SQLITE_OK) return code;
  return below_->pMethods->xRead(below_, to, bytes, offset);
}

int Wal::truncate(std::int64_t size) noexcept {
  if (const int code = flush(); code != SQLITE_OK) return code;
  return below_->pMethods->xTruncate(below_, size);
}

int Wal::sync(int flags) noexcept {
  if (const int code = flush(); code != SQLITE_OK) return code;
  return below_->pMethods->xSync(below_, flags);
}

// As SQLite allocates it: our part, then that of the layer below.
struct File {
  sqlite3_file base;
  Wal wal;
};

constexpr std::size_t below_at = (sizeof(File) + alignof(std::max_align_t) - 1) /
                                 alignof(std::max_align_t) * alignof(std::max_align_t);

Wal& wal_of(sqlite3_file* file) noexcept {
  return reinterpret_cast<File*>(file)->wal;
}

int close(sqlite3_file* file) {
  Wal& wal = wal_of(file);
  sqlite3_file* below = wal.below();
  const int flushed = wal.flush();
  const int code = below->pMethods->xClose(below);
  std::destroy_at(&wal);
  return flushed == SQLITE_OK ? code : flushed;
}

int read(sqlite3_file* file, void* to, int bytes, sqlite3_int64 offset) {
  return wal_of(file).read(to, bytes, offset);
}

int write(sqlite3_file* file, const void* data, int bytes, sqlite3_int64 offset) {
  return wal_of(file).write(static_cast<const char*>(data), bytes, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  return wal_of(file).truncate(size);
}

int sync(sqlite3_file* file, int flags) {
  return wal_of(file).sync(flags);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  Wal& wal = wal_of(file);
  if (const int code = wal.flush(); code != SQLITE_OK) return code;
  return wal.below()->pMethods->xFileSize(wal.below(), size);
}

// Nobody locks a WAL.
int lock(sqlite3_file* /*file*/, int /*level*/) {
  return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* /*file*/, int* reserved) {
  *reserved = 0;
  return SQLITE_OK;
}

int file_control(sqlite3_file* file, int what, void* argument) {
  sqlite3_file* below = wal_of(file).below();
  return below->pMethods->xFileControl(below, what, argument);
}

int sector_size(sqlite3_file* file) {
  sqlite3_file* below = wal_of(file).below();
  return below->pMethods->xSectorSize(below);
}

int device_characteristics(sqlite3_file* file) {
  sqlite3_file* below = wal_of(file).below();
  return below->pMethods->xDeviceCharacteristics(below);
}

constexpr sqlite3_io_methods wal_methods{.iVersion = 1,
                                         .xClose = close,
                                         .xRead = read,
                                         .xWrite = write,
                                         .xTruncate = truncate,
                                         .xSync = sync,
                                         .xFileSize = file_size,
                                         .xLock = lock,
                                         .xUnlock = lock,
                                         .xCheckReservedLock = check_reserved_lock,
                                         .xFileControl = file_control,
                                         .xSectorSize = sector_size,
                                         .xDeviceCharacteristics = device_characteristics,
                                         .xShmMap = nullptr,
                                         .xShmLock = nullptr,
                                         .xShmBarrier = nullptr,
                                         .xShmUnmap = nullptr,
                                         .xFetch = nullptr,
                                         .xUnfetch = nullptr};

int open(sqlite3_vfs* /*layer*/, sqlite3_filename name, sqlite3_file* file, int flags, int* out) {
  sqlite3_vfs* below = sqlite3_vfs_find(nullptr);
  KITH_ASSERT(below->szOsFile <= static_cast<int>(below_bytes_max));
  if ((flags & SQLITE_OPEN_WAL) == 0) return below->xOpen(below, name, file, flags, out);
  auto* under = reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + below_at);
  file->pMethods = nullptr;  // not to be closed, unless it is opened
  const int code = below->xOpen(below, name, under, flags, out);
  if (code != SQLITE_OK) {
    if (under->pMethods != nullptr) under->pMethods->xClose(under);
    return code;
  }
  new (file) File{.base = {.pMethods = &wal_methods}, .wal = Wal{under}};
  return SQLITE_OK;
}

sqlite3_vfs make_layer() noexcept {
  sqlite3_vfs layer = *sqlite3_vfs_find(nullptr);  // finds, deletes and names files as that does
  layer.zName = "kith-gathering";
  layer.pNext = nullptr;
  layer.szOsFile = static_cast<int>(below_at + below_bytes_max);
  layer.xOpen = open;
  return layer;
}

}  // namespace

const char* gathering_layer() noexcept {
  static sqlite3_vfs layer = make_layer();
  static const bool registered = sqlite3_vfs_register(&layer, 0) == SQLITE_OK;
  KITH_ASSERT(registered);
  return layer.zName;
}

}  // namespace kith::adapters::sqlite
