#include "runtime/cores.hpp"

#include "base/scratch_test.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sched.h>
#include <string>
#include <thread>

namespace kith::runtime {
namespace {

class CoresTest : public ::testing::Test {
 protected:
  CoresTest() {
    std::filesystem::create_directories(folder_.file("cgroup/outer/inner"));
    write("own", "1:name=systemd:/elsewhere\n0::/outer/inner\n");
  }

  void write(const std::string& file, const std::string& text) const {
    std::ofstream{folder_.file(file)} << text;
  }

  static std::size_t cores_without_quota() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    EXPECT_EQ(::sched_getaffinity(0, sizeof allowed, &allowed), 0);
    return static_cast<std::size_t>(CPU_COUNT(&allowed));
  }

  base::ScratchFolder folder_;
  const CgroupFiles files_{.own = folder_.file("own"), .root = folder_.file("cgroup")};
};

TEST_F(CoresTest, a_process_kept_to_one_core_has_one) {
  std::size_t cores = 0;
  std::thread kept{[&] {
    cpu_set_t one;
    CPU_ZERO(&one);
    ASSERT_EQ(::sched_getaffinity(0, sizeof one, &one), 0);
    int first = 0;
    while (!CPU_ISSET(first, &one))
      ++first;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(first), &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    cores = usable_cores(files_);
  }};
  kept.join();
  EXPECT_EQ(cores, 1U);
}

TEST_F(CoresTest, without_a_quota_they_are_those_it_may_run_on) {
  EXPECT_EQ(usable_cores(files_), cores_without_quota());
  write("cgroup/outer/inner/cpu.max", "max 100000\n");
  EXPECT_EQ(usable_cores(files_), cores_without_quota());
  EXPECT_EQ(usable_cores({.own = folder_.file("nothing"), .root = folder_.file("nothing")}),
            cores_without_quota());
}

TEST_F(CoresTest, the_quota_of_its_group_or_of_one_around_it_counts_rounded_up) {
  for (const char* group : {"cgroup/outer/inner", "cgroup/outer", "cgroup"}) {
    const auto file = std::string{group} + "/cpu.max";
    write(file, "50000 100000\n");
    EXPECT_EQ(usable_cores(files_), 1U) << group;
    write(file, "150000 100000\n");
    EXPECT_EQ(usable_cores(files_), std::min<std::size_t>(2, cores_without_quota())) << group;
    write(file, "max 100000\n");
  }
}

TEST_F(CoresTest, a_file_of_nonsense_is_no_quota) {
  for (const char* text : {"", "0", "many 100000", "100000 0"}) {
    write("cgroup/cpu.max", text);
    EXPECT_EQ(usable_cores(files_), cores_without_quota()) << text;
  }
}

}  // namespace
}  // namespace kith::runtime
