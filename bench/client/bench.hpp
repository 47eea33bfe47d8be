#pragma once

#include <span>
#include <string>

namespace kith::bench {

// The whole program. 0: all verified; 1: something was wrong; 2: it could not begin.
int run_bench(std::span<const std::string> arguments);

}  // namespace kith::bench
