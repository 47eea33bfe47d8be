#include "adapters/sqlite/file_lock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace kith::adapters::sqlite {

namespace {

constexpr base::Fault locked{base::Errc::conflict,
                             "another process writes this database: stop it first"};
constexpr base::Fault cannot_make{
    base::Errc::unavailable, "the database can not be made here: check the folder and its rights"};
constexpr base::Fault taken{base::Errc::conflict, "a file of this name is there: choose another"};

}  // namespace

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

base::Result<FileLock> FileLock::take(const std::string& path) {
  const int fd = ::open((path + "-lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return cannot_make;
  FileLock lock{fd};
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) return locked;
  return lock;
}

base::Result<void> make_private_file(const std::string& path) {
  // Never opened when it is there: closing a descriptor of a file that SQLite has open would drop
  // SQLite's locks on it.
  const auto made = make_new_private_file(path);
  if (made.has_error() && made.error().code != base::Errc::conflict) return made;
  return {};
}

base::Result<void> make_new_private_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return errno == EEXIST ? taken : cannot_make;
  ::close(fd);
  return {};
}

}  // namespace kith::adapters::sqlite
