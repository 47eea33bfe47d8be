#include "adapters/sqlite/sqlite.hpp"

#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/migrations.hpp"
#include "adapters/sqlite/scratch_test.hpp"
#include "ports/store_contract_test.hpp"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace kith::ports::contract {

namespace {

using adapters::sqlite::ScratchFolder;
using adapters::sqlite::Surroundings;

using adapters::sqlite::TailLimits;

class SqliteWorld final : public StoreWorld {
 public:
  explicit SqliteWorld(const TailLimits& limits) : limits_(limits) {}

  std::unique_ptr<Store> open() override {
    auto options = surroundings_.options(folder_.file());
    options.tails = limits_;
    auto store = adapters::sqlite::open_sqlite(options);
    EXPECT_TRUE(store.has_value());
    return store.has_value() ? std::move(store).value() : nullptr;
  }

 private:
  ScratchFolder folder_;
  Surroundings surroundings_;
  TailLimits limits_;
};

StoreAdapter sqlite_that(std::string name, const TailLimits& limits) {
  return {std::move(name), [limits] { return std::make_unique<SqliteWorld>(limits); }};
}

TailLimits folds_at(std::size_t events) {
  TailLimits limits;
  limits.fold_events = events;
  return limits;
}

TailLimits hardly_any() {
  TailLimits limits;
  limits.fold_events = 3;
  limits.log_events = 4;
  limits.held_bytes = 600;
  limits.filter_save_ids = 2;
  return limits;
}

std::string adapter_name(const ::testing::TestParamInfo<StoreAdapter>& tested) {
  return tested.param.name;
}

// Nobody outside may see where an event lies.
INSTANTIATE_TEST_SUITE_P(Sqlite,
                         StoreContract,
                         ::testing::Values(sqlite_that("sqlite", {}),
                                           sqlite_that("sqlite_with_rows_at_once", folds_at(1)),
                                           sqlite_that("sqlite_with_rows_soon", folds_at(2)),
                                           sqlite_that("sqlite_with_little_room", hardly_any())),
                         adapter_name);

}  // namespace

}  // namespace kith::ports::contract

namespace kith::adapters::sqlite {

namespace {

using ports::contract::key;
using ports::contract::PretendReactor;

class OpenSqliteTest : public ::testing::Test {
 protected:
  ScratchFolder folder_;
  Surroundings world_;

  base::Result<std::unique_ptr<ports::Store>> open() {
    return open_sqlite(world_.options(folder_.file()));
  }

  void overwrite(std::uintmax_t from, std::uintmax_t bytes) {
    std::fstream file{folder_.file(), std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(static_cast<std::streamoff>(from));
    file << std::string(bytes, '\xee');
  }
};

TEST_F(OpenSqliteTest, a_new_database_is_for_its_owners_eyes_only) {
  auto store = open();
  ASSERT_TRUE(store.has_value());
  for (const char* end : {"", "-wal", "-shm", "-lock"}) {
    struct stat file {};

    ASSERT_EQ(::stat((folder_.file() + end).c_str(), &file), 0) << end;
    EXPECT_EQ(file.st_mode & 0777U, 0600U) << end;
  }
}

TEST_F(OpenSqliteTest, a_new_file_has_larger_pages_and_an_old_one_keeps_its_own) {
  const auto page_bytes = [](const std::string& path) {
    auto connection = Connection::open(path, Access::write).value();
    auto statement = connection.prepare("PRAGMA page_size").value();
    Query row = statement.run();
    EXPECT_TRUE(row.next().value());
    return row.integer(0);
  };
  ASSERT_TRUE(open().has_value());
  EXPECT_EQ(page_bytes(folder_.file()), 8'192);
  const std::string old = folder_.file("old.db");
  {
    auto connection = Connection::open(old, Access::write).value();
    ASSERT_TRUE(
        connection.run_script("PRAGMA page_size = 4096; PRAGMA journal_mode = WAL").has_value());
    ASSERT_TRUE(migrate(connection, migrations(), world_.clock, world_.logger).has_value());
  }
  ASSERT_TRUE(open_sqlite(world_.options(old)).has_value());
  EXPECT_EQ(page_bytes(old), 4'096);
}

TEST_F(OpenSqliteTest, two_writers_of_one_file_are_one_too_many) {
  auto first = open();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(open().error().code, base::Errc::conflict);
  first->reset();
  EXPECT_TRUE(open().has_value());
}

TEST_F(OpenSqliteTest, a_folder_that_is_not_there_is_a_clear_error) {
  auto options = world_.options(folder_.file("no/such/folder/kith.db"));
  EXPECT_EQ(open_sqlite(options).error().code, base::Errc::unavailable);
}

TEST_F(OpenSqliteTest, a_file_that_is_no_database_is_refused) {
  std::ofstream{folder_.file()} << std::string(8'192, 'x');
  EXPECT_EQ(open().error().code, base::Errc::unavailable);
}

TEST_F(OpenSqliteTest, a_closed_store_leaves_no_wal_behind) {
  ASSERT_TRUE(open().has_value());
  EXPECT_FALSE(std::filesystem::exists(folder_.file() + "-wal"));
}

TEST_F(OpenSqliteTest, two_new_databases_have_different_epochs_and_keys) {
  const auto one = open();
  const auto two = open_sqlite(world_.options(folder_.file("other.db")));
  EXPECT_NE((*one)->meta().epoch, (*two)->meta().epoch);
  EXPECT_NE((*one)->meta().id_key, (*two)->meta().id_key);
}

TEST_F(OpenSqliteTest, damage_met_by_a_read_is_an_answer_and_not_the_end) {
  ASSERT_TRUE(open().has_value());
  {
    auto connection = Connection::open(folder_.file(), Access::write).value();
    ASSERT_TRUE(connection
                    .run_script("INSERT INTO conversation VALUES"
                                " (1, 1, zeroblob(16), 2, '', '', NULL, 0, 0, 0);"
                                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                                " WHERE i < 1000) INSERT INTO entry SELECT i, 1, i, i, 1,"
                                " NULL, 0, NULL, NULL, NULL, NULL, zeroblob(2000) FROM n;"
                                "INSERT INTO run VALUES ((1 << 32) | 1000, 1000, 1000, 1000, 0)")
                    .has_value());
  }
  const auto size = std::filesystem::file_size(folder_.file());
  overwrite(size / 2, size / 2);
  auto store = open();
  ASSERT_TRUE(store.has_value());
  PretendReactor reactor;
  std::optional<base::Result<std::vector<ports::LogEvent>>> answer;
  (*store)->page(reactor, {{domain::AppId{1}, {}}, 0, 1'000, 1'000}, [&](auto result) {
    answer = std::move(result);
  });
  ASSERT_TRUE(reactor.run_one());
  ASSERT_TRUE(answer->has_error());
  EXPECT_EQ(answer->error().code, base::Errc::unavailable);
}

TEST_F(OpenSqliteTest, reads_beyond_the_queue_are_refused_and_the_others_answered) {
  auto options = world_.options(folder_.file());
  options.reader_threads = 2;
  options.read_queue_max = 3;
  auto store = open_sqlite(options);
  ASSERT_TRUE(store.has_value());
  PretendReactor slow;
  PretendReactor quick;
  int answered = 0;
  int refused = 0;
  const auto ask = [&](PretendReactor& reactor) {
    (*store)->load(reactor, key(1), [&](auto result) {
      ++answered;
      if (result.has_error() && result.error().code == base::Errc::overloaded) ++refused;
    });
  };
  slow.hold(true);
  for (std::size_t i = 1; i <= 2; ++i) {  // until both readers stand still
    ask(slow);
    ASSERT_TRUE(slow.wait_for_posts(i));
  }
  for (int i = 0; i < 5; ++i)
    ask(quick);
  ASSERT_TRUE(quick.run_one());
  ASSERT_TRUE(quick.run_one());
  EXPECT_EQ(refused, 2);
  slow.hold(false);
  while (answered < 5)  // several may come together
    ASSERT_TRUE(quick.run_one());
  ASSERT_TRUE(slow.run_one());
  ASSERT_TRUE(slow.run_one());
  EXPECT_EQ(answered, 7);
  EXPECT_EQ(refused, 2);
}

}  // namespace

}  // namespace kith::adapters::sqlite
