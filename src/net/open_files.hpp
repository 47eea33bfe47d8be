#pragma once

#include <cstdint>

namespace kith::net {

// Raises the process's soft limit of open files to its hard limit; returns the limit that now
// holds.
std::uint64_t raise_open_files_limit() noexcept;

}  // namespace kith::net
