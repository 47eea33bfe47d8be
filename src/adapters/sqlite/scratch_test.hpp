#pragma once

#include "adapters/sqlite/sqlite.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace kith::adapters::sqlite {

// A folder that goes with the test.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = ::testing::TempDir() + "kith-store-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }

  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string file(const std::string& name = "kith.db") const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// What a store is opened with, in one place.
struct Surroundings {
  base::NullLogger logger;
  base::ManualClock clock;
  base::SeededRandom random{7};

  SqliteOptions options(std::string path) { return {std::move(path), logger, clock, random}; }
};

}  // namespace kith::adapters::sqlite
