#pragma once

#include "adapters/sqlite/tails.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "ports/store.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace kith::adapters::sqlite {

// What is referred to outlives the store.
struct SqliteOptions {
  std::string path;
  base::Logger& logger;
  const base::Clock& clock;        // dates of migrations, applications and keys
  base::Random& random;            // epoch and id_key of a new database
  base::Duration commit_linger{};  // see ports/lane_pace.hpp
  std::size_t reader_threads = 2;
  std::size_t read_queue_max = base::limits::read_queue_max;
  TailLimits tails;
};

// One file with its WAL beside it. A new one is made with mode 0600; an older schema is brought up
// to date. Refuses (`conflict`) a file that another process writes, one that is not Kith's, and one
// of a newer Kith; `unavailable` when it can not be opened. Details are logged.
base::Result<std::unique_ptr<ports::Store>> open_sqlite(const SqliteOptions& options);

}  // namespace kith::adapters::sqlite
