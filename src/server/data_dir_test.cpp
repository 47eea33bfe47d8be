#include "server/data_dir.hpp"

#include "base/scratch_test.hpp"

#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace kith::server {
namespace {

using ::testing::HasSubstr;

class DataDirTest : public ::testing::Test {
 protected:
  static unsigned mode_of(const std::string& path) {
    struct stat info {};

    EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
    return info.st_mode & 0777U;
  }

  base::ScratchFolder folder_;
  const std::string root_ = folder_.path();
};

TEST_F(DataDirTest, MakesTheFolderAndItsParentsForItsOwnerOnly) {
  const auto path = root_ + "/a/b/data";
  const auto opened = DataDir::open(path);
  ASSERT_TRUE(std::holds_alternative<DataDir>(opened));
  EXPECT_EQ(std::get<DataDir>(opened).path(), path);
  EXPECT_EQ(mode_of(path), 0700U);
  EXPECT_EQ(mode_of(path + "/kith.lock"), 0600U);
}

TEST_F(DataDirTest, TakesAFolderThatIsThere) {
  EXPECT_TRUE(std::holds_alternative<DataDir>(DataDir::open(root_)));
}

TEST_F(DataDirTest, ASecondOneLearnsWhoHoldsIt) {
  const auto first = DataDir::open(root_);
  ASSERT_TRUE(std::holds_alternative<DataDir>(first));
  const auto second = DataDir::open(root_);
  ASSERT_TRUE(std::holds_alternative<DataDirBusy>(second));
  EXPECT_EQ(std::get<DataDirBusy>(second).pid, ::getpid());
  const auto problem = data_dir_in_use(root_, std::get<DataDirBusy>(second));
  EXPECT_THAT(problem.text, HasSubstr("process " + std::to_string(::getpid())));
  EXPECT_THAT(problem.text, HasSubstr("--data"));
  EXPECT_EQ(problem.exit_code, 1);
}

TEST_F(DataDirTest, IsFreeAgainWhenItsHolderIsGone) {
  { const auto held = DataDir::open(root_); }
  EXPECT_TRUE(std::holds_alternative<DataDir>(DataDir::open(root_)));
}

TEST_F(DataDirTest, StaysHeldWhenItsValueMoves) {
  auto opened = DataDir::open(root_);
  const DataDir moved = std::move(std::get<DataDir>(opened));
  EXPECT_TRUE(std::holds_alternative<DataDirBusy>(DataDir::open(root_)));
}

TEST_F(DataDirTest, TheLockOfADeadProcessHoldsNobodyUp) {
  std::ofstream{root_ + "/kith.lock"} << "999999999 and some text longer than the new one\n";
  ASSERT_TRUE(std::holds_alternative<DataDir>(DataDir::open(root_)));
  std::ifstream lock{root_ + "/kith.lock"};
  std::string text;
  std::getline(lock, text);
  EXPECT_EQ(text, std::to_string(::getpid()));
}

TEST_F(DataDirTest, WhatCanNotBeAFolderIsAProblemWithItsPath) {
  std::ofstream{root_ + "/file"} << "x";
  for (const auto* below : {"/file", "/file/data"}) {
    const auto opened = DataDir::open(root_ + below);
    ASSERT_TRUE(std::holds_alternative<Problem>(opened)) << below;
    EXPECT_THAT(std::get<Problem>(opened).text, HasSubstr(root_ + "/file"));
  }
}

TEST(ControlSocketPath, LiesInTheDataFolder) {
  EXPECT_EQ(control_socket_path("./data").value(), "./data/kith.sock");
}

TEST(ControlSocketPath, IsRefusedWhereAnAddressCanNotHoldIt) {
  const std::string fits(107 - std::string_view{"/kith.sock"}.size(), 'd');
  EXPECT_EQ(control_socket_path(fits).value().size(), 107U);
  const auto refused = control_socket_path(fits + "d");
  ASSERT_TRUE(refused.has_error());
  EXPECT_THAT(refused.error().text, HasSubstr("107 bytes"));
  EXPECT_THAT(refused.error().text, HasSubstr("shorter --data"));
}

}  // namespace
}  // namespace kith::server
