#pragma once

#include "adapters/sqlite/check.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <string>

// Copies of a database, and the way back. Each copy is one file that needs no other.
namespace kith::adapters::sqlite {

// Copies one state of the database, all that was acknowledged before among it, while a server may
// write; its WAL grows meanwhile. The copy is checked before it gets its name: with findings in the
// report there is no copy. Mode 0600. `conflict`: there is a file of this name, unless `overwrite`.
// Until then it is called by that name and `.part-` and a number, as a process killed meanwhile
// leaves it.
struct BackupWish {
  std::string database;
  std::string to;
  bool overwrite = false;
};

base::Result<CheckReport> back_up(const BackupWish& wish, base::Random& random);

// Puts a backup, brought up to this version's schema, in the place of the database, of which no
// process may have hold (`conflict`), with a new epoch: clients that know events of the former
// history are reset. With findings in the report, nothing was changed.
struct RestoreWish {
  std::string backup;
  std::string database;
  std::string stamp;  // goes into the name the former database is kept under
};

struct Restored {
  CheckReport report;
  // The former database, or, where only its WAL or journal was left, that; empty: there was none.
  std::string kept_as;
};

base::Result<Restored> restore(const RestoreWish& wish,
                               const base::Clock& clock,
                               base::Random& random);

// A new one: what names a history.
std::string make_epoch(base::Random& random);

}  // namespace kith::adapters::sqlite
