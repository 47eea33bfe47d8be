#pragma once

#include "base/result.hpp"
#include "base/task.hpp"
#include "ports/reactor.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kith::ports {

// Another reactor of the deployment, as the database knows it.
struct Peer {
  std::string id;            // new at every start
  std::string broker;        // the server its link leads to; empty: cut off
  std::int64_t seen_ms = 0;  // ago, by the database's clock
};

struct Announced {
  std::vector<Peer> peers;  // without oneself
  std::string epoch;        // of the database, now
};

// Who else is there: a table in the database all nodes share.
class Peers {
 public:
  Peers() = default;
  Peers(const Peers&) = delete;
  Peers& operator=(const Peers&) = delete;
  virtual ~Peers() = default;
  // Writes that `id` is here and which broker it sees, and tells the others seen within the last
  // minute. `done` is posted to `asker`.
  virtual void announce(Reactor& asker,
                        std::string id,
                        std::string broker,
                        base::MoveOnlyFunction<void(base::Result<Announced>)> done) = 0;
  // The database has lost what it had: unless somebody has seen to it already (its epoch is not
  // `old` any more), it gets another epoch, which the next announcements tell, and cursors above
  // their logs are lowered to them, in one transaction.
  virtual void raise_epoch(std::string old) = 0;
};

}  // namespace kith::ports
