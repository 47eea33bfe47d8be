#include "adapters/sqlite/database_file.hpp"

#include "runtime/fd.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace kith::adapters::sqlite {

namespace {

constexpr base::Fault missing{base::Errc::not_found,
                              "there is no such file: check its name, --data and --config"};
constexpr base::Fault taken{base::Errc::conflict, "a file of this name is there: choose another"};
constexpr base::Fault refused{base::Errc::unavailable,
                              "the folder can not be written: check its rights and its disk"};

std::string folder_of(const std::string& path) {
  const auto folder = std::filesystem::path{path}.parent_path();
  return folder.empty() ? std::string{"."} : folder.string();
}

bool sync(const std::string& path, int flags) {
  const runtime::Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags)};
  return fd && ::fsync(fd.get()) == 0;
}

}  // namespace

bool is_there(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

bool is_same_file(const std::string& a, const std::string& b) {
  struct stat first {};

  struct stat second {};

  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

std::string wal_of(const std::string& path) {
  return path + "-wal";
}

base::Result<Connection> open_to_read(const std::string& path) {
  if (!is_there(path)) return missing;
  auto connection = Connection::open(path, Access::read_only);
  if (connection.has_error()) return to_fault(connection.error());
  return std::move(connection).value();
}

base::Result<void> sync_file(const std::string& path) {
  if (!sync(path, 0) || !sync(folder_of(path), O_DIRECTORY)) return refused;
  return {};
}

base::Result<void> name_also(const std::string& path, const std::string& other) {
  if (::link(path.c_str(), other.c_str()) == 0) return {};
  return errno == EEXIST ? taken : refused;
}

base::Result<void> rename_file(const std::string& path, const std::string& name) {
  if (::rename(path.c_str(), name.c_str()) != 0) return refused;
  return {};
}

void remove_file(const std::string& path) noexcept {
  ::unlink(path.c_str());
}

}  // namespace kith::adapters::sqlite
