#pragma once

#include "adapters/sqlite/connection.hpp"

#include <string>

// A database as files: the one that is named, and the WAL that may stand beside it.
namespace kith::adapters::sqlite {

bool is_there(const std::string& path);
// Whether both names mean one file.
bool is_same_file(const std::string& a, const std::string& b);
std::string wal_of(const std::string& path);

// To read beside a process that writes. `not_found`: there is no such file.
base::Result<Connection> open_to_read(const std::string& path);

// What was written of the file, and the names in its folder, are on the disk.
base::Result<void> sync_file(const std::string& path);

// Gives it a second name, which nobody has yet; both are one file then.
base::Result<void> name_also(const std::string& path, const std::string& other);
// Under the new name it replaces what has that name. As one step, also for who looks.
base::Result<void> rename_file(const std::string& path, const std::string& name);
void remove_file(const std::string& path) noexcept;

}  // namespace kith::adapters::sqlite
