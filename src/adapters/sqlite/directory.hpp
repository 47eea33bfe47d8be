#pragma once

#include "adapters/sqlite/connection.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "ports/store.hpp"

#include <mutex>
#include <string>

namespace kith::adapters::sqlite {

// Applications and their keys. Blocking, on a connection of its own: the lane waits for it as for
// any other writer, and the tables are not the lane's.
class AppDirectory {
 public:
  AppDirectory(Connection connection, const base::Clock& clock, base::Logger& logger) noexcept;

  base::Result<ports::Directory> read();
  base::Result<ports::AppRow> create_app(std::string name);
  base::Result<void> add_key(const ports::AppKeyRow& key);
  base::Result<void> retire_key(domain::AppId app, const std::string& kid);

 private:
  Outcome<ports::Directory> read_rows();
  Outcome<void> read_revoked(ports::Directory& directory);
  Outcome<bool> insert_key(const ports::AppKeyRow& key);
  base::Fault failed(Failure failure);

  const base::Clock& clock_;
  base::Logger& logger_;
  std::mutex mutex_;
  Connection connection_;
};

}  // namespace kith::adapters::sqlite
