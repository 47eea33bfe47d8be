#pragma once

#include "base/assert.hpp"
#include "base/fault.hpp"

#include <boost/system/result.hpp>

namespace kith::base {

// A value or a Fault. `value()` on a fault is a programming error and aborts.
template <class T>
using Result = boost::system::result<T, Fault>;

// Found by boost::system::result by argument-dependent lookup.
[[noreturn]] inline void throw_exception_from_error(const Fault& /*fault*/,
                                                    const boost::source_location& where) {
  assertion_failed(
      "value() of a Result that holds a Fault", where.file_name(), static_cast<int>(where.line()));
}

}  // namespace kith::base

#define KITH_JOIN_INNER(a, b) a##b
#define KITH_JOIN(a, b) KITH_JOIN_INNER(a, b)

// Returns the Fault of a Result<...> expression from the enclosing function, if it holds one.
#define KITH_CHECK(expression)                                                                \
  do {                                                                                        \
    if (auto kith_result = (expression); kith_result.has_error()) return kith_result.error(); \
  } while (false)

// KITH_TRY(name, expression): declares `name` as the value, or returns the Fault.
#define KITH_TRY(name, expression)                                                               \
  auto KITH_JOIN(kith_try_, __LINE__) = (expression);                                            \
  if (KITH_JOIN(kith_try_, __LINE__).has_error()) return KITH_JOIN(kith_try_, __LINE__).error(); \
  auto name = std::move(KITH_JOIN(kith_try_, __LINE__)).value()
