#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "server/config.hpp"
#include "server/problem.hpp"

#include <string>
#include <variant>

// `kith store …`: the database as a file.
namespace kith::server {

struct CheckStore {
  std::string file;  // empty: the database of the configuration
};

struct BackUpStore {
  std::string file;
  bool overwrite = false;
};

struct RestoreStore {
  std::string file;
};

using StoreCommand = std::variant<CheckStore, BackUpStore, RestoreStore>;

// What is said on standard output, and how the program ends: 1 when something is wrong with a file.
struct StoreReport {
  int exit_code = 0;
  std::string text;
};

// For RestoreStore the caller holds the data folder.
Outcome<StoreReport> do_with_store(const Config& config,
                                   const StoreCommand& command,
                                   const base::Clock& clock,
                                   base::Random& random);

}  // namespace kith::server
