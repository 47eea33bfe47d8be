#pragma once

#include "client/conductor.hpp"
#include "client/tally.hpp"

#include <string>
#include <vector>

namespace kith::bench {

// Everything a run gave, merged over its threads.
struct Outcome {
  const Options& options;
  const Tally& tally;
  const Conductor& conductor;
  std::string started;  // RFC 3339
};

double per_second(const Outcome& outcome, std::uint64_t count);
// CPU of the generator in the measured time, in cores.
double own_share(const Outcome& outcome);

// Why the run failed; none when all was verified.
std::vector<std::string> reasons(const Outcome& outcome);
std::string to_json(const Outcome& outcome);
std::string to_table(const Outcome& outcome);

}  // namespace kith::bench
