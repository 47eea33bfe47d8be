#include "adapters/sqlite/backup_fixture_test.hpp"
#include "adapters/sqlite/migrations.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>

namespace kith::adapters::sqlite {

namespace {

using namespace ports;
using ports::contract::key;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using RestoreTest = BackupTest;

TEST_F(RestoreTest, ARestoredFileHasItsOldContentAndANewEpoch) {
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

TEST_F(RestoreTest, TheFormerDatabaseIsKeptWithWhatAKilledServerLeftInItsWal) {
  fill(10);
  ASSERT_TRUE(back_up_copy().has_value());
  ASSERT_TRUE(store_->send(key(1), "ann", 11, 11));
  const auto killed = store_->left_by_a_kill();
  const auto restored = restore_as(killed);
  ASSERT_TRUE(restored.has_value());
  EXPECT_FALSE(is_there(wal_of(killed)));
  EXPECT_EQ(DrivenStore{restored->kept_as}.seqs(key(1)), up_to(11));
  EXPECT_EQ(DrivenStore{killed}.seqs(key(1)), up_to(10));
}

TEST_F(RestoreTest, IsNotRestoredUnderARunningServerNorWhenDamaged) {
  fill(10);
  ASSERT_TRUE(back_up_copy().has_value());
  EXPECT_EQ(restore_copy().error().code, base::Errc::conflict);
  store_.reset();
  {
    auto connection = Connection::open(copy(), Access::write).value();
    ASSERT_TRUE(connection.run_script("DELETE FROM entry WHERE seq = 5").has_value());
  }
  const auto restored = restore_copy();
  ASSERT_TRUE(restored.has_value());
  EXPECT_FALSE(restored->report.findings.none());
  EXPECT_EQ(DrivenStore{database()}.seqs(key(1)), up_to(10));
  EXPECT_THAT(drafts(), IsEmpty());
}

TEST_F(RestoreTest, IsRestoredWhereNoDatabaseIs) {
  fill(10);
  ASSERT_TRUE(back_up_copy().has_value());
  const auto elsewhere = folder_.file("new.db");
  const auto restored = restore_as(elsewhere);
  ASSERT_TRUE(restored.has_value());
  EXPECT_EQ(restored->kept_as, "");
  EXPECT_EQ(DrivenStore{elsewhere}.seqs(key(1)), up_to(10));
}

TEST_F(RestoreTest, AFullFolderOfFormerDatabasesLosesNone) {
  fill(3);
  ASSERT_TRUE(back_up_copy().has_value());
  store_.reset();
  std::ofstream{database() + ".before-restore-then"} << "an earlier one";
  EXPECT_EQ(restore_copy().error().code, base::Errc::conflict);
  EXPECT_EQ(DrivenStore{database()}.seqs(key(1)), up_to(3));
}

TEST_F(RestoreTest, TheWalOfADatabaseThatIsGoneIsKeptApart) {
  fill(10);
  ASSERT_TRUE(back_up_copy().has_value());
  ASSERT_TRUE(store_->send(key(1), "ann", 11, 11));
  const auto killed = store_->left_by_a_kill();
  const auto wal_bytes = std::filesystem::file_size(wal_of(killed));
  remove_file(killed);
  const auto restored = restore_as(killed);
  ASSERT_TRUE(restored.has_value()) << restored.error().text;
  EXPECT_EQ(restored->kept_as, killed + ".before-restore-then-wal");
  EXPECT_FALSE(is_there(wal_of(killed)));
  EXPECT_EQ(std::filesystem::file_size(restored->kept_as), wal_bytes);
  EXPECT_NE(epoch_of(killed), epoch_of(copy()));
  EXPECT_EQ(DrivenStore{killed}.seqs(key(1)), up_to(10));
}

TEST_F(RestoreTest, NorIsWhatElseAKilledProcessLeftTakenForAPartOfTheRestoredFile) {
  fill(10);
  ASSERT_TRUE(back_up_copy().has_value());
  const auto elsewhere = folder_.file("new.db");
  std::ofstream{elsewhere + "-journal"} << "stale";
  std::ofstream{elsewhere + "-shm"} << "stale";
  const auto restored = restore_as(elsewhere);
  ASSERT_TRUE(restored.has_value()) << restored.error().text;
  EXPECT_EQ(restored->kept_as, elsewhere + ".before-restore-then-journal");
  EXPECT_TRUE(is_there(restored->kept_as));
  EXPECT_FALSE(is_there(elsewhere + "-journal"));
  EXPECT_FALSE(is_there(elsewhere + "-shm"));
}

TEST_F(RestoreTest, NoWalIsPutBesideAnotherDatabaseThatWasKept) {
  fill(10);
  ASSERT_TRUE(back_up_copy().has_value());
  const auto killed = store_->left_by_a_kill();
  std::filesystem::rename(killed, killed + ".before-restore-then");
  EXPECT_EQ(restore_as(killed).error().code, base::Errc::conflict);
  EXPECT_TRUE(is_there(wal_of(killed)));
  EXPECT_FALSE(is_there(killed));
}

// Whoever opens the one name as a database, has the other.
class OtherFile {
 public:
  OtherFile(std::string name, const std::string& other)
      : name_(std::move(name)), other_(sqlite3_create_filename(other.c_str(), "", "", 0, nullptr)) {
    here_ = this;
    layer_ = *real_;
    layer_.zName = "other-file";
    layer_.pNext = nullptr;
    layer_.xOpen = open;
    EXPECT_EQ(sqlite3_vfs_register(&layer_, 1), SQLITE_OK);
  }

  OtherFile(const OtherFile&) = delete;
  OtherFile& operator=(const OtherFile&) = delete;

  ~OtherFile() {
    sqlite3_vfs_register(real_, 1);
    sqlite3_vfs_unregister(&layer_);
    sqlite3_free_filename(other_);
  }

 private:
  static int open(
      sqlite3_vfs* /*vfs*/, sqlite3_filename name, sqlite3_file* file, int flags, int* out) {
    const bool taken = name != nullptr && here_->name_ == name;
    return here_->real_->xOpen(here_->real_, taken ? here_->other_ : name, file, flags, out);
  }

  inline static OtherFile* here_ = nullptr;
  sqlite3_vfs* real_ = sqlite3_vfs_find(nullptr);
  sqlite3_vfs layer_{};
  std::string name_;
  sqlite3_filename other_;
};

TEST_F(RestoreTest, IsNotSaidToBeDoneUnlessTheNameGivesWhatWasChecked) {
  fill(10);
  ASSERT_TRUE(back_up_copy().has_value());
  const auto elsewhere = folder_.file("new.db");
  {
    const OtherFile good_but_another{elsewhere, copy()};
    EXPECT_THAT(restore_as(elsewhere).error().text, HasSubstr("do not start"));
  }
  const auto damaged = folder_.file("damaged.db");
  std::filesystem::copy_file(elsewhere, damaged);
  {
    auto connection = Connection::open(damaged, Access::write).value();
    ASSERT_TRUE(connection.run_script("DELETE FROM entry WHERE seq = 5").has_value());
  }
  remove_file(elsewhere);
  const OtherFile with_findings{elsewhere, damaged};
  EXPECT_THAT(restore_as(elsewhere).error().text, HasSubstr("do not start"));
}

class RestoreOlder : public RestoreTest, public ::testing::WithParamInterface<std::size_t> {
 protected:
  // The content of the database as the schema of so many steps had it.
  void make_older_copy(std::size_t steps) {
    Surroundings world;
    auto connection = Connection::open(copy(), Access::write).value();
    ASSERT_TRUE(migrate(connection, migrations().first(steps), world.clock, world.logger));
    std::string sql = "ATTACH '" + database() + "' AS now;";
    for (const std::string table : {"meta", "app", "conversation", "member", "cursor"})
      sql += "INSERT INTO main." + table + " SELECT * FROM now." + table + ";";
    sql +=
        "INSERT INTO main.entry SELECT conv << 32 | seq, no, kind, actor, ts, client_id, subject,"
        " role, target, body FROM now.entry;";
    sql += "INSERT INTO main.user(id, app, name_id) SELECT id, app, name_id FROM now.user";
    ASSERT_TRUE(connection.run_script(sql).has_value());
  }
};

TEST_P(RestoreOlder, IsBroughtUpToDate) {
  fill(10);
  store_.reset();
  const auto epoch = epoch_of(database());
  make_older_copy(GetParam());
  EXPECT_THAT(check_database(copy()).error().text, HasSubstr("older Kith"));
  const auto restored = restore_copy();
  ASSERT_TRUE(restored.has_value()) << restored.error().text;
  EXPECT_THAT(restored->report.findings.kept(), IsEmpty());
  EXPECT_EQ(restored->report.events, 10U);
  EXPECT_NE(epoch_of(database()), epoch);
  EXPECT_TRUE(check_database(copy()).has_error()) << "the backup is as it was";
  DrivenStore opened{database()};
  EXPECT_EQ(opened.seqs(key(1)), up_to(10));
  EXPECT_TRUE(opened.send(key(1), "ann", 11, 11));
}

INSTANTIATE_TEST_SUITE_P(Schemas, RestoreOlder, ::testing::Values(1, 2, 3, 4));

TEST_F(RestoreTest, NothingIsBroughtUpToDateThatIsNoBackup) {
  fill(10);
  store_.reset();
  std::ofstream{copy()} << "";
  EXPECT_EQ(restore_copy().error().code, base::Errc::conflict) << "an empty file";
  {
    auto connection = Connection::open(copy(), Access::write).value();
    ASSERT_TRUE(connection.run_script("CREATE TABLE t(x)").has_value());
  }
  EXPECT_EQ(restore_copy().error().code, base::Errc::conflict) << "another program's";
  remove_file(copy());
  ASSERT_TRUE(back_up_copy().has_value());
  {
    auto connection = Connection::open(copy(), Access::write).value();
    ASSERT_TRUE(connection.run_script("INSERT INTO migration VALUES (99, x'00', 0)").has_value());
  }
  EXPECT_THAT(restore_copy().error().text, HasSubstr("newer Kith"));
  EXPECT_EQ(DrivenStore{database()}.seqs(key(1)), up_to(10));
}

}  // namespace

}  // namespace kith::adapters::sqlite
