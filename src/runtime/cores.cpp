#include "runtime/cores.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>
#include <sched.h>
#include <thread>

namespace kith::runtime {
namespace {

constexpr std::size_t no_quota = std::numeric_limits<std::size_t>::max();

std::size_t cores_of_affinity() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0)  // more cores than the set can name
    return std::thread::hardware_concurrency();
  return static_cast<std::size_t>(CPU_COUNT(&allowed));
}

// "QUOTA PERIOD" in microseconds; "max PERIOD", and no file: none.
std::size_t cores_of_quota(const std::string& folder) {
  std::ifstream file{folder + "/cpu.max"};
  std::uint64_t quota = 0;
  std::uint64_t period = 0;
  if (!(file >> quota >> period) || period == 0) return no_quota;
  return quota / period + (quota % period != 0 ? 1 : 0);
}

// The line of version 2 is "0::/PATH".
std::string own_group(const std::string& path) {
  std::ifstream file{path};
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("0::/")) return line.substr(3);
  return {};
}

}  // namespace

std::size_t usable_cores(const CgroupFiles& files) {
  std::size_t cores = cores_of_affinity();
  for (std::string group = own_group(files.own); !group.empty();
       group.resize(group.find_last_of('/')))
    cores = std::min(cores, cores_of_quota(files.root + group));
  cores = std::min(cores, cores_of_quota(files.root));  // in a container: its own
  return std::max<std::size_t>(1, cores);
}

}  // namespace kith::runtime
