#pragma once

#include "client/options.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace kith::bench {

// What /proc tells of one process, all its threads together.
struct ProcessSample {
  double user_s = 0;
  double system_s = 0;
  std::uint64_t resident = 0;
  std::uint64_t peak = 0;
};

// The two texts of /proc/PID; nothing when they are not of that form.
std::optional<ProcessSample> parse_process(std::string_view stat, std::string_view status);
// Nothing when the process is gone.
std::optional<ProcessSample> sample_process(int pid);

// The watched processes at the beginning, and around the time that is measured.
struct ProcessWatch {
  Watched watched;
  ProcessSample before;  // anything was done
  ProcessSample begin;
  ProcessSample end;
  ProcessSample later;  // idle: after the further memberships
  bool gone = false;

  double user_s() const noexcept { return end.user_s - begin.user_s; }

  double system_s() const noexcept { return end.system_s - begin.system_s; }
};

// Reads all of them into `point`; those that are gone are marked so.
void sample_all(std::vector<ProcessWatch>& list, ProcessSample ProcessWatch::*point);

}  // namespace kith::bench
