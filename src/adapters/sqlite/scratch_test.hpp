#pragma once

#include "adapters/sqlite/sqlite.hpp"
#include "base/scratch_test.hpp"

#include <string>

namespace kith::adapters::sqlite {

// With a name for the store's file.
class ScratchFolder : public base::ScratchFolder {
 public:
  std::string file(const std::string& name = "kith.db") const {
    return base::ScratchFolder::file(name);
  }
};

// What a store is opened with, in one place.
struct Surroundings {
  base::NullLogger logger;
  base::ManualClock clock;
  base::SeededRandom random{7};

  SqliteOptions options(std::string path) { return {std::move(path), logger, clock, random}; }
};

}  // namespace kith::adapters::sqlite
