#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "ports/store.hpp"
#include "server/config.hpp"
#include "server/data_dir.hpp"
#include "server/problem.hpp"
#include "server/reload.hpp"

#include <memory>

namespace kith::server {

// The store that the configuration names, migrated, not started.
Outcome<std::unique_ptr<ports::Store>> open_store(const Config& config,
                                                  const base::Clock& clock,
                                                  base::Random& random);

// Serves until SIGTERM or SIGINT; at SIGHUP takes what may change of the configuration, keys and
// certificates. Prints `listening on http://ADDRESS:PORT` to standard output when
// ready; the log goes to standard error. The exit code.
int serve(const LoadedConfig& loaded,
          const ReadAgain& read_again,
          DataDir data,
          const base::Clock& clock,
          base::Random& random);

}  // namespace kith::server
