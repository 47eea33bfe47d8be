#include "net/open_files.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

namespace kith::net {
namespace {

TEST(OpenFiles, TheSoftLimitIsRaisedToTheHardOne) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit lowered{64, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &lowered), 0);
  EXPECT_EQ(raise_open_files_limit(), before.rlim_max);
  rlimit after{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
  EXPECT_EQ(raise_open_files_limit(), before.rlim_max);  // nothing left to raise
  ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace kith::net
