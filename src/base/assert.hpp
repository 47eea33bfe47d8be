#pragma once

namespace kith::base {

// Prints the broken invariant and aborts. Never returns.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace kith::base

// An invariant of the program, checked in production too: a wrong state must not reach the
// database.
#define KITH_ASSERT(expression)        \
  ((expression) ? static_cast<void>(0) \
                : ::kith::base::assertion_failed(#expression, __FILE__, __LINE__))
