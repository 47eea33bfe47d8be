#pragma once

#include <cstddef>
#include <string>

namespace kith::runtime {

// Where the kernel tells of control groups (version 2).
struct CgroupFiles {
  std::string own = "/proc/self/cgroup";
  std::string root = "/sys/fs/cgroup";
};

// How many cores this process may use at a time, at least one: those it may run on, and no more
// than the quotas of its control group and of those around it allow, rounded up.
std::size_t usable_cores(const CgroupFiles& files = {});

}  // namespace kith::runtime
