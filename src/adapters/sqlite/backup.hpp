#pragma once

#include "adapters/sqlite/check.hpp"
#include "base/random.hpp"
#include "base/result.hpp"

#include <string>

// Copies of a database, and the way back. Each copy is one file that needs no other.
namespace kith::adapters::sqlite {

// Copies one state of the database, all that was acknowledged before among it, while a server may
// write; its WAL grows meanwhile. The copy is checked before it gets its name: with findings in the
// report there is no copy. Mode 0600. `conflict`: there is a file of this name, unless `overwrite`.
struct BackupWish {
  std::string database;
  std::string to;
  bool overwrite = false;
};

base::Result<CheckReport> back_up(const BackupWish& wish);

// Puts a backup in the place of the database, of which no process may have hold (`conflict`), with
// a new epoch: clients that know events of the former history are reset. With findings in the
// report, nothing was changed.
struct RestoreWish {
  std::string backup;
  std::string database;
  std::string stamp;  // goes into the name the former database is kept under
};

struct Restored {
  CheckReport report;
  std::string kept_as;  // the former database; empty: there was none
};

base::Result<Restored> restore(const RestoreWish& wish, base::Random& random);

// A new one: what names a history.
std::string make_epoch(base::Random& random);

}  // namespace kith::adapters::sqlite
