#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// Whether a database file is what Kith wrote: SQLite's own check, and what Kith's tables promise
// each other.
namespace kith::adapters::sqlite {

// Sentences for an operator. They hold ids, never what users wrote.
class Findings {
 public:
  static constexpr std::size_t kept_max = 100;

  void add(std::string sentence);

  bool none() const noexcept { return count_ == 0; }

  std::uint64_t count() const noexcept { return count_; }

  const std::vector<std::string>& kept() const noexcept { return kept_; }

 private:
  std::vector<std::string> kept_;
  std::uint64_t count_ = 0;
};

struct CheckReport {
  Findings findings;
  std::uint64_t conversations = 0;
  std::uint64_t events = 0;
  std::uint64_t members = 0;
};

// Reads one state of the file, beside a server that writes it. A fault: it can not be read at all,
// or is not a file of this version of Kith.
base::Result<CheckReport> check_database(const std::string& path);

}  // namespace kith::adapters::sqlite
