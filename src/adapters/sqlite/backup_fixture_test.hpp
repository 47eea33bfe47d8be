#pragma once

#include "adapters/sqlite/backup.hpp"
#include "adapters/sqlite/database_file.hpp"
#include "adapters/sqlite/driven_store_test.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace kith::adapters::sqlite {

// A server's database, and a place for a copy of it.
class BackupTest : public ::testing::Test {
 protected:
  static TailLimits short_tails() {
    TailLimits limits;
    limits.fold_events = 8;
    limits.filter_save_ids = 20;
    return limits;
  }

  std::string database() const { return folder_.file(); }

  std::string copy() const { return folder_.file("copy.db"); }

  // A group with events in rows and in the log; the store is open afterwards.
  DrivenStore& fill(ports::Seq last = 21) {
    store_ = std::make_unique<DrivenStore>(database(), short_tails());
    make_group();
    for (ports::Seq seq = 1; seq <= last; ++seq)
      EXPECT_TRUE(store_->send(ports::contract::key(1), "ann", seq, seq));
    return *store_;
  }

  void make_group() {
    ports::WriteStep step;
    auto row = ports::contract::group(1);
    row.members = 2;
    step.conversations = {{ports::contract::key(1), row}};
    auto ann = ports::contract::member("ann");
    ann.role = domain::Role::owner;
    step.members = {{ports::contract::key(1), ann},
                    {ports::contract::key(1), ports::contract::member("bob")}};
    EXPECT_TRUE(store_->store().create_app("shop").has_value());
    EXPECT_TRUE(store_->write(std::move(step)));
  }

  base::Result<CheckReport> back_up_as(const BackupWish& wish) { return back_up(wish, random_); }

  base::Result<CheckReport> back_up_copy(bool overwrite = false) {
    return back_up_as({.database = database(), .to = copy(), .overwrite = overwrite});
  }

  base::Result<Restored> restore_as(const std::string& name) {
    return restore({.backup = copy(), .database = name, .stamp = "then"}, clock_, random_);
  }

  base::Result<Restored> restore_copy() { return restore_as(database()); }

  // Files of a copy that has not got its name.
  std::vector<std::string> drafts() const {
    std::vector<std::string> found;
    const auto folder = std::filesystem::path{database()}.parent_path();
    for (const auto& entry : std::filesystem::directory_iterator{folder})
      if (auto name = entry.path().filename().string(); name.find(".part") != std::string::npos)
        found.push_back(std::move(name));
    return found;
  }

  std::string epoch_of(const std::string& path) {
    auto connection = open_to_read(path).value();
    auto statement = connection.prepare("SELECT epoch FROM meta").value();
    Query row = statement.run();
    EXPECT_TRUE(row.next().value());
    return row.string(0);
  }

  static bool is_private(const std::string& path) {
    return (std::filesystem::status(path).permissions() & std::filesystem::perms::all) ==
           (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }

  // The file without its server, changed by this SQL; then what the check says.
  std::vector<std::string> findings_after(const std::string& sql, bool settled = true) {
    fill();
    const auto file = settled ? database() : store_->left_by_a_kill();
    store_.reset();
    auto connection = Connection::open(file, Access::write).value();
    EXPECT_TRUE(connection.run_script(sql).has_value());
    const auto report = check_database(file);
    EXPECT_TRUE(report.has_value());
    return report.has_value() ? report->findings.kept() : std::vector<std::string>{};
  }

  ScratchFolder folder_;
  std::unique_ptr<DrivenStore> store_;
  base::ManualClock clock_;
  base::SeededRandom random_{42};
};

}  // namespace kith::adapters::sqlite
