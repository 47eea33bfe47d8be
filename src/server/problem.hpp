#pragma once

#include "base/assert.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <utility>
#include <variant>

namespace kith::server {

// An error for the person at the keyboard: one sentence that names what is wrong and what to do.
// Used at start-up and on the command line only; what clients see is a base::Fault.
struct Problem {
  int exit_code = 2;
  std::string text;
};

// Found by boost::system::result by argument-dependent lookup.
[[noreturn]] inline void throw_exception_from_error(const Problem& /*problem*/,
                                                    const boost::source_location& where) {
  base::assertion_failed("value() of an Outcome that holds a Problem",
                         where.file_name(),
                         static_cast<int>(where.line()));
}

template <class T>
using Outcome = boost::system::result<T, Problem>;

}  // namespace kith::server
