#include "adapters/sqlite/backup.hpp"

#include "adapters/sqlite/database_file.hpp"
#include "adapters/sqlite/driven_store_test.hpp"
#include "adapters/sqlite/file_lock.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <thread>

namespace kith::adapters::sqlite {

namespace {

using namespace ports;
using ports::contract::key;
using ports::contract::message;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

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
  DrivenStore& fill(Seq last = 21) {
    store_ = std::make_unique<DrivenStore>(database(), short_tails());
    make_group();
    for (Seq seq = 1; seq <= last; ++seq)
      EXPECT_TRUE(store_->send(key(1), "ann", seq, seq));
    return *store_;
  }

  void make_group() {
    WriteStep step;
    auto row = contract::group(1);
    row.members = 2;
    step.conversations = {{key(1), row}};
    auto ann = contract::member("ann");
    ann.role = domain::Role::owner;
    step.members = {{key(1), ann}, {key(1), contract::member("bob")}};
    EXPECT_TRUE(store_->store().create_app("shop").has_value());
    EXPECT_TRUE(store_->write(std::move(step)));
  }

  base::Result<CheckReport> back_up_copy(bool overwrite = false) const {
    return back_up({.database = database(), .to = copy(), .overwrite = overwrite});
  }

  base::Result<Restored> restore_copy() {
    return restore({.backup = copy(), .database = database(), .stamp = "then"}, random_);
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
  base::SeededRandom random_{42};
};

TEST_F(BackupTest, FindsNothingInAFileBeingWritten) {
  fill();
  const auto report = check_database(database());
  ASSERT_TRUE(report.has_value());
  EXPECT_THAT(report->findings.kept(), ElementsAre());
  EXPECT_EQ(report->conversations, 1U);
  EXPECT_EQ(report->events, 21U) << "those of the log too";
  EXPECT_EQ(report->members, 2U);
}

TEST_F(BackupTest, ReadsAndCopiesWhatAKilledServerLeftInTheWal) {
  const auto killed = fill().left_by_a_kill();
  ASSERT_TRUE(is_there(wal_of(killed)));
  const auto report = check_database(killed);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->events, 21U);
  const auto copied = back_up({.database = killed, .to = copy()});
  ASSERT_TRUE(copied.has_value());
  EXPECT_EQ(copied->events, 21U);
}

TEST_F(BackupTest, ChecksNothingThatIsNotThereOrNotKiths) {
  EXPECT_EQ(check_database(copy()).error().code, base::Errc::not_found);
  std::ofstream{copy()} << std::string(9'000, 'x');
  EXPECT_EQ(check_database(copy()).error().code, base::Errc::conflict);
  const auto other = folder_.file("other.db");
  {
    auto connection = Connection::open(other, Access::write).value();
    ASSERT_TRUE(connection.run_script("CREATE TABLE t(x)").has_value());
  }
  EXPECT_EQ(check_database(other).error().code, base::Errc::conflict);
}

TEST_F(BackupTest, AnOlderSchemaIsNamedAsSuch) {
  fill();
  store_.reset();
  auto connection = Connection::open(database(), Access::write).value();
  ASSERT_TRUE(connection.run_script("DELETE FROM migration WHERE n = 2").has_value());
  const auto report = check_database(database());
  ASSERT_TRUE(report.has_error());
  EXPECT_THAT(report.error().text, HasSubstr("older Kith"));
}

struct Damage {
  std::string name;
  std::string sql;
  std::string finding;
  bool settled = true;
};

class CheckFinds : public BackupTest, public ::testing::WithParamInterface<Damage> {};

TEST_P(CheckFinds, WhatIsWrong) {
  EXPECT_THAT(findings_after(GetParam().sql, GetParam().settled),
              ::testing::Contains(HasSubstr(GetParam().finding)));
}

INSTANTIATE_TEST_SUITE_P(
    All,
    CheckFinds,
    ::testing::Values(
        Damage{"hole", "DELETE FROM entry WHERE id & 4294967295 = 5", "after event 4 comes 6"},
        Damage{"count", "UPDATE entry SET no = no + 1 WHERE id & 4294967295 = 21", "counts 22"},
        Damage{"members", "UPDATE conversation SET members = 3", "has 2 members and counts 3"},
        Damage{"owner", "UPDATE member SET role = 1", "has 0 owners"},
        Damage{"role", "UPDATE member SET role = 9 WHERE role = 4", "has no role"},
        Damage{"mark", "UPDATE member SET read_no = 3 WHERE read_seq = 21", "has read 3 messages"},
        Damage{"mark_above", "UPDATE member SET read_seq = 99", "where none are counted"},
        Damage{"view", "UPDATE member SET from_seq = 23", "sees events 23"},
        Damage{"member_of_nothing",
               "INSERT INTO member VALUES (77, 1, 1, 1, 0, 0, 0, 0)",
               "a member belongs to conversation 77"},
        Damage{"nobody", "DELETE FROM user WHERE name_id = 'ann'", "of a user who is not there"},
        Damage{"cursor", "INSERT INTO cursor VALUES (1, '', 1, 22)", "a cursor stands at 22"},
        Damage{"cursor_of_nothing", "INSERT INTO cursor VALUES (1, '', 9, 1)", "conversation 9"},
        Damage{"app", "DELETE FROM app", "belongs to no application"},
        Damage{"meta", "DELETE FROM meta", "no epoch"},
        Damage{"filter",
               "UPDATE sent_filter SET bits = zeroblob(length(bits))",
               "not among the client ids that are known"},
        Damage{
            "file",
            "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'member_active'",
            "the file:"},
        Damage{"log_row", "DELETE FROM log WHERE n = 20", "the log has no row between", false},
        Damage{"log_bytes", "UPDATE log SET records = x'ff00' WHERE n = 21", "is damaged", false},
        Damage{"log_alone", "DELETE FROM conversation", "the log has events of", false}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(BackupTest, ManyFindingsAreCountedAndFewAreKept) {
  Findings findings;
  EXPECT_TRUE(findings.none());
  for (int i = 0; i < 250; ++i)
    findings.add("one");
  EXPECT_EQ(findings.count(), 250U);
  EXPECT_EQ(findings.kept().size(), Findings::kept_max);
}

TEST_F(BackupTest, HoldsWhatWasAcknowledgedBeforeItBegan) {
  auto& store = fill(5);
  std::atomic<Seq> acked{5};
  std::atomic<bool> ended{false};
  std::thread talk{[&] {
    for (Seq seq = 6; !ended; ++seq) {
      EXPECT_TRUE(store.send(key(1), "ann", seq, seq));
      acked = seq;
    }
  }};
  for (int i = 0; i < 5; ++i) {
    const Seq before = acked;
    const auto report = back_up_copy(i > 0);
    ASSERT_TRUE(report.has_value()) << report.error().text;
    EXPECT_THAT(report->findings.kept(), ElementsAre());
    EXPECT_GE(report->events, before);
  }
  ended = true;
  talk.join();
  EXPECT_TRUE(is_private(copy()));
  EXPECT_FALSE(is_there(wal_of(copy()))) << "one file";
  DrivenStore opened{copy()};
  EXPECT_EQ(opened.seqs(key(1)), up_to(opened.heads({key(1)}).at(0)));
}

TEST_F(BackupTest, ReplacesNothingUnlessToldTo) {
  fill();
  std::ofstream{copy()} << "precious";
  EXPECT_EQ(back_up_copy().error().code, base::Errc::conflict);
  EXPECT_EQ(std::filesystem::file_size(copy()), 8U);
  EXPECT_TRUE(back_up_copy(true).has_value());
  EXPECT_TRUE(check_database(copy()).has_value());
  EXPECT_EQ(back_up({.database = database(), .to = database(), .overwrite = true}).error().code,
            base::Errc::conflict);
  std::ofstream{wal_of(copy())} << "x";
  EXPECT_EQ(back_up_copy(true).error().code, base::Errc::conflict) << "it is open somewhere";
}

TEST_F(BackupTest, IsNotMadeOfADamagedFile) {
  EXPECT_FALSE(findings_after("DELETE FROM entry WHERE id & 4294967295 = 5").empty());
  const auto report = back_up_copy();
  ASSERT_TRUE(report.has_value());
  EXPECT_FALSE(report->findings.none());
  EXPECT_FALSE(is_there(copy()));
  EXPECT_FALSE(is_there(copy() + ".part"));
}

TEST_F(BackupTest, ARestoredFileHasItsOldContentAndANewEpoch) {
  fill(10);
  ASSERT_TRUE(back_up_copy().has_value());
  ASSERT_TRUE(store_->send(key(1), "ann", 11, 11));
  store_.reset();
  const auto epoch = epoch_of(database());
  const auto restored = restore_copy();
  ASSERT_TRUE(restored.has_value()) << restored.error().text;
  EXPECT_EQ(restored->kept_as, database() + ".before-restore-then");
  EXPECT_NE(epoch_of(database()), epoch);
  EXPECT_EQ(epoch_of(copy()), epoch);
  EXPECT_TRUE(is_private(database()));
  EXPECT_EQ(DrivenStore{restored->kept_as}.seqs(key(1)), up_to(11));
  DrivenStore opened{database()};
  EXPECT_EQ(opened.seqs(key(1)), up_to(10));
  EXPECT_TRUE(opened.send(key(1), "ann", 11, 11)) << "its id is not known any more";
}

TEST_F(BackupTest, TheFormerDatabaseIsKeptWithWhatAKilledServerLeftInItsWal) {
  fill(10);
  ASSERT_TRUE(back_up_copy().has_value());
  ASSERT_TRUE(store_->send(key(1), "ann", 11, 11));
  const auto killed = store_->left_by_a_kill();
  const auto restored = restore({.backup = copy(), .database = killed, .stamp = "then"}, random_);
  ASSERT_TRUE(restored.has_value());
  EXPECT_FALSE(is_there(wal_of(killed)));
  EXPECT_EQ(DrivenStore{restored->kept_as}.seqs(key(1)), up_to(11));
  EXPECT_EQ(DrivenStore{killed}.seqs(key(1)), up_to(10));
}

TEST_F(BackupTest, IsNotRestoredUnderARunningServerNorWhenDamaged) {
  fill(10);
  ASSERT_TRUE(back_up_copy().has_value());
  EXPECT_EQ(restore_copy().error().code, base::Errc::conflict);
  store_.reset();
  {
    auto connection = Connection::open(copy(), Access::write).value();
    ASSERT_TRUE(connection.run_script("DELETE FROM entry WHERE id & 4294967295 = 5").has_value());
  }
  const auto restored = restore_copy();
  ASSERT_TRUE(restored.has_value());
  EXPECT_FALSE(restored->report.findings.none());
  EXPECT_EQ(DrivenStore{database()}.seqs(key(1)), up_to(10));
  EXPECT_FALSE(is_there(database() + ".part"));
}

TEST_F(BackupTest, IsRestoredWhereNoDatabaseIs) {
  fill(10);
  ASSERT_TRUE(back_up_copy().has_value());
  const auto elsewhere = folder_.file("new.db");
  const auto restored =
      restore({.backup = copy(), .database = elsewhere, .stamp = "then"}, random_);
  ASSERT_TRUE(restored.has_value());
  EXPECT_EQ(restored->kept_as, "");
  EXPECT_EQ(DrivenStore{elsewhere}.seqs(key(1)), up_to(10));
}

TEST_F(BackupTest, AFullFolderOfFormerDatabasesLosesNone) {
  fill(3);
  ASSERT_TRUE(back_up_copy().has_value());
  store_.reset();
  std::ofstream{database() + ".before-restore-then"} << "an earlier one";
  EXPECT_EQ(restore_copy().error().code, base::Errc::conflict);
  EXPECT_EQ(DrivenStore{database()}.seqs(key(1)), up_to(3));
}

}  // namespace

}  // namespace kith::adapters::sqlite
