#include "server/data_dir.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace kith::server {
namespace {

Problem failed(std::string_view what, const std::string& path, int error) {
  return {.exit_code = 1,
          .text = fmt::format("{} {}: {}; choose another folder with --data, or mend its rights",
                              what,
                              path,
                              std::generic_category().message(error))};
}

DataDirBusy holder_of(int lock) {
  std::array<char, 32> text{};
  const auto length = ::pread(lock, text.data(), text.size(), 0);
  DataDirBusy busy;
  if (length > 0) std::from_chars(text.data(), text.data() + length, busy.pid);
  return busy;
}

}  // namespace

DataDir::Opened DataDir::open(std::string path) {
  std::error_code error;
  const std::filesystem::path folder{path};
  if (folder.has_parent_path()) std::filesystem::create_directories(folder.parent_path(), error);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return failed("can not make the folder", path, errno);
  const std::string lock_path = path + "/kith.lock";
  runtime::Fd lock{::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!lock) return failed("can not open", lock_path, errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return holder_of(lock.get());
    return failed("can not lock", lock_path, errno);
  }
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(lock.get(), 0) != 0 || ::pwrite(lock.get(), pid.data(), pid.size(), 0) < 0)
    return failed("can not write", lock_path, errno);
  return DataDir{std::move(path), std::move(lock)};
}

Problem data_dir_in_use(std::string_view path, DataDirBusy busy) {
  return {.exit_code = 1,
          .text = fmt::format("the data folder {} is in use by process {}; stop that process, or "
                              "choose another folder with --data",
                              path,
                              busy.pid)};
}

Outcome<std::string> control_socket_path(std::string_view data_dir) {
  std::string path = fmt::format("{}/kith.sock", data_dir);
  constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
  if (path.size() <= longest) return {boost::system::in_place_value, std::move(path)};
  return Problem{.exit_code = 1,
                 .text = fmt::format("the path {} is longer than the {} bytes a socket's may have; "
                                     "use a shorter --data, or a relative one",
                                     path,
                                     longest)};
}

}  // namespace kith::server
