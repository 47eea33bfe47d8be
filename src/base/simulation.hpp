#pragma once

// Only the simulation is built with KITH_SIMULATION; everywhere else both of these are `false`, and
// the compiler leaves out what stands behind them.
//
// KITH_RARELY(name)  takes a rare road now and then: a shorter batch, a smaller page.
// KITH_MUTANT(name)  breaks a rule on purpose, to see that the simulation notices.
#ifdef KITH_SIMULATION

#include <string_view>

namespace kith::base::simulation {

// Of the world that runs now, on its one thread.
bool rarely(std::string_view name) noexcept;
bool mutant(std::string_view name) noexcept;

}  // namespace kith::base::simulation

#define KITH_RARELY(name) ::kith::base::simulation::rarely(#name)
#define KITH_MUTANT(name) ::kith::base::simulation::mutant(#name)

#else

#define KITH_RARELY(name) false
#define KITH_MUTANT(name) false

#endif
