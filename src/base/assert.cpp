#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace kith::base {

void assertion_failed(const char* expression, const char* file, int line) noexcept {
  static_cast<void>(
      std::fprintf(stderr,
                   "level=fatal event=assertion_failed file=%s line=%d expression=\"%s\"\n",
                   file,
                   line,
                   expression));
  std::abort();
}

}  // namespace kith::base
