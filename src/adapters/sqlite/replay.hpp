#pragma once

#include "adapters/sqlite/backlog.hpp"
#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/sent_filter.hpp"
#include "adapters/sqlite/tails.hpp"

namespace kith::adapters::sqlite {

// Reads the log of a file that was just opened: the tails as they were after its last row, and into
// the filter the ids of the rows above `covered`. One pass over the log; of other tables only the
// names of the conversations in it are asked.
Outcome<Backlog::FoundLog> replay(Connection& connection,
                                  Tails& tails,
                                  SentFilter& filter,
                                  Version covered);

}  // namespace kith::adapters::sqlite
