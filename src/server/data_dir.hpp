#pragma once

#include "runtime/fd.hpp"
#include "server/problem.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace kith::server {

// Another process holds the folder. `pid` 0: it has not said which yet.
struct DataDirBusy {
  long pid = 0;
};

// The data folder, held by this process alone for as long as the value lives: DIR (made with mode
// 0700, its parents too) with DIR/kith.lock.
class DataDir {
 public:
  using Opened = std::variant<DataDir, DataDirBusy, Problem>;
  static Opened open(std::string path);

  const std::string& path() const noexcept { return path_; }

 private:
  DataDir(std::string path, runtime::Fd lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  runtime::Fd lock_;
};

// What to tell one who needs the folder for himself.
Problem data_dir_in_use(std::string_view path, DataDirBusy busy);

// DIR/kith.sock; a problem when it is longer than the address of a socket may be.
Outcome<std::string> control_socket_path(std::string_view data_dir);

}  // namespace kith::server
