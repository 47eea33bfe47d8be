#pragma once

#include "adapters/sqlite/connection.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <span>
#include <string_view>

// The schema as numbered steps, forward only. A step that was released is never edited: its
// checksum is stored with the database.
namespace kith::adapters::sqlite {

struct Migration {
  std::int64_t n = 0;  // 1, 2, 3 …
  std::string_view sql;
};

std::span<const Migration> migrations() noexcept;

// Brings the database up to the last of `steps`, each step in a transaction of its own. Refuses
// with `conflict` a file that is not Kith's, one whose steps differ from ours, and one that a newer
// Kith has written.
base::Result<void> migrate(Connection& connection,
                           std::span<const Migration> steps,
                           const base::Clock& clock,
                           base::Logger& logger);

// Changes nothing: `conflict` unless the file has exactly `steps`. Another program's file, or one
// that SQLite can not read, is refused like that too.
base::Result<void> recognize(Connection& connection, std::span<const Migration> steps);
// Likewise, but false is the answer for a file that lacks some of `steps`: migrate() makes them.
base::Result<bool> is_up_to_date(Connection& connection, std::span<const Migration> steps);

}  // namespace kith::adapters::sqlite
