#include "runtime/fd.hpp"

#include <unistd.h>

namespace kith::runtime {

void Fd::reset(int fd) noexcept {
  // Linux frees the number even when close() is interrupted: trying again could close a stranger's.
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

}  // namespace kith::runtime
