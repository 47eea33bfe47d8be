#include "adapters/sqlite/gathering_wal.hpp"

#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/fault_vfs_test.hpp"
#include "adapters/sqlite/scratch_test.hpp"
#include "base/limits.hpp"

#include <filesystem>
#include <string>

namespace kith::adapters::sqlite {

namespace {

namespace limits = base::limits;

class GatheringWal : public ::testing::Test {
 protected:
  FaultyDisk disk_;
  ScratchFolder folder_;
  Connection connection_ = open(folder_.file());

  static Connection open(const std::string& path) {
    auto connection = Connection::open(path, Access::write_gathering).value();
    EXPECT_TRUE(connection
                    .run_script("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                "PRAGMA wal_autocheckpoint = 0;"
                                "CREATE TABLE IF NOT EXISTS t(a INTEGER PRIMARY KEY, b)")
                    .has_value());
    return connection;
  }

  // Of as many pages, about.
  static std::string add(int rows) {
    return "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < " +
           std::to_string(rows) + ") INSERT INTO t(b) SELECT zeroblob(3000) FROM n;";
  }

  static std::int64_t number(Connection& connection, std::string_view sql) {
    auto statement = connection.prepare(sql).value();
    Query row = statement.run();
    EXPECT_TRUE(row.next().value());
    return row.integer(0);
  }

  static std::int64_t rows(Connection& connection) {
    return number(connection, "SELECT count(*) FROM t");
  }

  std::string left_by_a_kill() const {
    std::string copy = folder_.file("copy.db");
    for (const char* end : {"", "-wal"})
      std::filesystem::copy_file(folder_.file() + end, copy + end);
    return copy;
  }

  int writes_of(const std::string& script) {
    const int before = disk_.writes;
    EXPECT_TRUE(connection_.run_script(script).has_value());
    return disk_.writes - before;
  }
};

TEST_F(GatheringWal, a_commit_is_written_at_once) {
  EXPECT_EQ(writes_of("BEGIN; " + add(10) + "COMMIT"), 1);
}

TEST_F(GatheringWal, a_commit_larger_than_what_is_gathered_is_written_in_pieces) {
  const int pieces = writes_of("BEGIN; " + add(400) + "COMMIT");
  EXPECT_GE(pieces, 400 * 4'096 / static_cast<int>(limits::wal_gathered_bytes_max));
  EXPECT_LE(pieces, 50);
  EXPECT_EQ(rows(connection_), 400);
}

TEST_F(GatheringWal, others_see_what_is_committed_and_nothing_before) {
  auto reader = Connection::open(folder_.file(), Access::read_only).value();
  ASSERT_TRUE(connection_.run_script("BEGIN; " + add(5)).has_value());
  EXPECT_EQ(rows(reader), 0);
  ASSERT_TRUE(connection_.run_script("COMMIT").has_value());
  EXPECT_EQ(rows(reader), 5);
}

TEST_F(GatheringWal, nothing_is_written_before_the_commit_however_small_the_cache) {
  EXPECT_EQ(writes_of("PRAGMA cache_size = 10; BEGIN; " + add(500)), 0);
  EXPECT_EQ(number(connection_, "SELECT sum(length(b)) FROM t"), 500 * 3'000);
  EXPECT_EQ(writes_of("ROLLBACK"), 0);
  EXPECT_GT(writes_of("BEGIN; " + add(70) + "COMMIT"), 0);
  auto reader = Connection::open(folder_.file(), Access::read_only).value();
  EXPECT_EQ(rows(reader), 70);
  EXPECT_EQ(number(connection_, "SELECT count(*) FROM pragma_integrity_check"), 1);
}

TEST_F(GatheringWal, what_was_rolled_back_is_not_written_over_what_another_committed_since) {
  ASSERT_TRUE(connection_.run_script(add(1)).has_value());
  // With all in the file the WAL begins anew, and a rollback reads nothing of it.
  ASSERT_TRUE(connection_.checkpoint_some().has_value());
  ASSERT_TRUE(
      connection_.run_script("PRAGMA cache_size = 10; BEGIN; " + add(30) + "ROLLBACK").has_value());
  auto other = Connection::open(folder_.file(), Access::write).value();
  ASSERT_TRUE(
      other.run_script("PRAGMA synchronous = FULL; BEGIN; " + add(20) + "COMMIT").has_value());
  ASSERT_TRUE(connection_.run_script(add(2)).has_value());
  auto again = open(left_by_a_kill());
  EXPECT_EQ(rows(again), 23);
  EXPECT_EQ(number(again, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

TEST_F(GatheringWal, what_a_killed_writer_left_is_read_up_to_the_end_of_its_commits) {
  ASSERT_TRUE(connection_.run_script(add(40)).has_value());
  ASSERT_TRUE(connection_.checkpoint_some().has_value());
  ASSERT_TRUE(connection_.run_script(add(3)).has_value());  // before what was there
  auto again = open(left_by_a_kill());
  EXPECT_EQ(rows(again), 43);
  EXPECT_EQ(number(again, "SELECT count(*) FROM pragma_integrity_check"), 1);
}

TEST_F(GatheringWal, what_could_not_be_written_is_not_written_later) {
  ASSERT_TRUE(connection_.run_script(add(5)).has_value());
  disk_.write_code = SQLITE_FULL;
  EXPECT_EQ(connection_.run_script(add(5)).error().primary(), SQLITE_FULL);
  disk_.write_code = SQLITE_OK;
  auto reader = Connection::open(folder_.file(), Access::read_only).value();
  EXPECT_EQ(rows(reader), 5);
  EXPECT_TRUE(connection_.run_script(add(2)).has_value());
  EXPECT_EQ(rows(reader), 7);
}

}  // namespace

}  // namespace kith::adapters::sqlite
