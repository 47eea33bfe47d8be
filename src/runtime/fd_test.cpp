#include "runtime/fd.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>

namespace kith::runtime {
namespace {

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) != -1;
}

Fd open_one() {
  return Fd{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
}

TEST(Fd, ClosesWhenItDiesAndWhenItIsReplaced) {
  int number = -1;
  {
    Fd fd = open_one();
    ASSERT_TRUE(fd);
    number = fd.get();
    Fd other = open_one();
    const int second = other.get();
    fd = std::move(other);
    EXPECT_FALSE(is_open(number));
    EXPECT_EQ(fd.get(), second);
    number = second;
  }
  EXPECT_FALSE(is_open(number));
}

TEST(Fd, AReleasedNumberStaysOpen) {
  Fd fd = open_one();
  const Fd again{fd.release()};
  EXPECT_FALSE(fd);
  EXPECT_TRUE(is_open(again.get()));
}

}  // namespace
}  // namespace kith::runtime
