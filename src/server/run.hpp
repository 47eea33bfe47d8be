#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "ports/store.hpp"
#include "server/config.hpp"
#include "server/data_dir.hpp"
#include "server/problem.hpp"
#include "server/reload.hpp"
#include "server/store_files.hpp"

#include <functional>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace kith::server {

// What the program needs of the world, so that tests give it another.
struct World {
  const base::Clock& clock;
  base::Random& random;
  std::vector<EnvironmentVariable> environment;
  std::ostream& out;
  std::ostream& err;
  // Serves until it is told to end; the exit code.
  std::function<int(const LoadedConfig&, const ReadAgain&, DataDir)> serve;
  // The store of a configuration, migrated; not started.
  std::function<Outcome<std::unique_ptr<ports::Store>>(const Config&)> open_store;
  // `kith store …` (store_files.hpp).
  std::function<Outcome<StoreReport>(const Config&, const StoreCommand&)> do_with_store;
  // Lets about 50 ms pass.
  std::function<void()> pause;
};

// The whole program. `arguments` without its name. Exit codes: 0 done, 1 could not be done, 2 asked
// for wrongly.
int run(std::span<const std::string> arguments, World& world);

}  // namespace kith::server
