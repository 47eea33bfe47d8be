#include "adapters/sqlite/connection.hpp"

#include "adapters/sqlite/scratch_test.hpp"

#include <sqlite3.h>

namespace kith::adapters::sqlite {

namespace {

class ConnectionTest : public ::testing::Test {
 protected:
  ScratchFolder folder_;
  Connection connection_ = Connection::open(folder_.file(), Access::write).value();

  std::string text_of(std::string_view sql) {
    auto statement = connection_.prepare(sql).value();
    Query row = statement.run();
    EXPECT_TRUE(row.next().value());
    return row.string(0);
  }
};

TEST_F(ConnectionTest, values_come_back_as_they_were_bound) {
  auto statement = connection_.prepare("SELECT ?1, ?2, ?3, ?4, typeof(?3), typeof(?2), ?5").value();
  const std::string text{"a\0b", 3};
  Query row = statement.run(std::int64_t{-5}, text, Blob{text}, nullptr, std::optional<int>{});
  ASSERT_TRUE(row.next().value());
  EXPECT_EQ(row.integer(0), -5);
  EXPECT_EQ(row.bytes(1), text);
  EXPECT_EQ(row.bytes(2), text);
  EXPECT_TRUE(row.null(3));
  EXPECT_EQ(row.bytes(4), "blob");
  EXPECT_EQ(row.bytes(5), "text");
  EXPECT_TRUE(row.null(6));
  EXPECT_FALSE(row.next().value());
}

TEST_F(ConnectionTest, an_empty_view_is_an_empty_text_and_no_null) {
  auto statement = connection_.prepare("SELECT ?1, ?2").value();
  Query row = statement.run(std::string_view{}, Blob{});
  ASSERT_TRUE(row.next().value());
  EXPECT_FALSE(row.null(0));
  EXPECT_FALSE(row.null(1));
  EXPECT_EQ(row.bytes(0), "");
}

TEST_F(ConnectionTest, a_statement_runs_again_after_its_run_was_left_early) {
  auto statement = connection_.prepare("VALUES (1), (2)").value();
  for (int i = 0; i < 3; ++i) {
    Query row = statement.run();
    ASSERT_TRUE(row.next().value());
    EXPECT_EQ(row.integer(0), 1);
  }
}

TEST_F(ConnectionTest, failures_carry_what_happened) {
  EXPECT_EQ(connection_.prepare("SELEC").error().primary(), SQLITE_ERROR);
  ASSERT_TRUE(connection_.run_script("CREATE TABLE t(a UNIQUE)").has_value());
  ASSERT_TRUE(connection_.run_script("INSERT INTO t VALUES (1)").has_value());
  const auto twice = connection_.run_script("INSERT INTO t VALUES (1)");
  EXPECT_EQ(twice.error().number(), SQLITE_CONSTRAINT_UNIQUE);
  EXPECT_TRUE(is_broken_rule(twice.error()));
  const auto nowhere = Connection::open(folder_.file("no/such/place"), Access::write);
  EXPECT_EQ(nowhere.error().primary(), SQLITE_CANTOPEN);
}

TEST_F(ConnectionTest, a_read_only_connection_writes_nothing) {
  ASSERT_TRUE(connection_.run_script("CREATE TABLE t(a)").has_value());
  auto reader = Connection::open(folder_.file(), Access::read_only).value();
  EXPECT_EQ(reader.run_script("INSERT INTO t VALUES (1)").error().primary(), SQLITE_READONLY);
  EXPECT_EQ(Connection::open(folder_.file("absent"), Access::read_only).error().primary(),
            SQLITE_CANTOPEN);
}

TEST_F(ConnectionTest, it_knows_whether_a_transaction_is_open) {
  EXPECT_FALSE(connection_.in_transaction());
  ASSERT_TRUE(connection_.run_script("BEGIN").has_value());
  EXPECT_TRUE(connection_.in_transaction());
  ASSERT_TRUE(connection_.run_script("COMMIT").has_value());
  EXPECT_FALSE(connection_.in_transaction());
}

TEST_F(ConnectionTest, texts_are_stored_as_utf8) {
  EXPECT_EQ(text_of("PRAGMA encoding"), "UTF-8");
}

TEST(SqliteFault, every_failure_says_whether_to_try_again) {
  EXPECT_TRUE(is_busy(failure_of(SQLITE_BUSY_SNAPSHOT)));
  EXPECT_TRUE(is_busy(failure_of(SQLITE_LOCKED)));
  EXPECT_FALSE(is_busy(failure_of(SQLITE_FULL)));
  EXPECT_TRUE(is_io_error(failure_of(SQLITE_IOERR_FSYNC)));
  EXPECT_TRUE(is_corruption(failure_of(SQLITE_CORRUPT_INDEX)));
  EXPECT_TRUE(is_corruption(failure_of(SQLITE_NOTADB)));
  for (const int code : {SQLITE_BUSY,
                         SQLITE_FULL,
                         SQLITE_READONLY_DBMOVED,
                         SQLITE_CANTOPEN,
                         SQLITE_IOERR_WRITE,
                         SQLITE_CORRUPT})
    EXPECT_EQ(to_fault(failure_of(code)).code, base::Errc::unavailable) << code;
  EXPECT_EQ(to_fault(failure_of(SQLITE_CONSTRAINT_UNIQUE)).code, base::Errc::conflict);
  EXPECT_EQ(to_fault(failure_of(SQLITE_TOOBIG)).code, base::Errc::too_large);
  EXPECT_EQ(to_fault(failure_of(SQLITE_MISUSE)).code, base::Errc::internal);
}

}  // namespace

}  // namespace kith::adapters::sqlite
