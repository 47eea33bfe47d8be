#include "adapters/sqlite/filter_table.hpp"

#include "adapters/sqlite/driven_store_test.hpp"
#include "adapters/sqlite/migrations.hpp"

namespace kith::adapters::sqlite {

namespace {

using namespace ports;
using ports::contract::client_id;
using ports::contract::key;
using ports::contract::message;
using ports::contract::user;

constexpr std::size_t plenty = 64 * 1024 * 1024;

std::uint64_t nth(std::uint64_t n) {
  return sent_hash(key(1), "ann", "id" + std::to_string(n));
}

class FilterTableTest : public ::testing::Test {
 protected:
  ScratchFolder folder_;
  Surroundings world_;

  // A file as the first version left it: retries found by an index of their own, no log.
  void make_old_file() {
    auto connection = Connection::open(folder_.file(), Access::write).value();
    ASSERT_TRUE(
        migrate(connection, migrations().first(1), world_.clock, world_.logger).has_value());
    ASSERT_TRUE(
        connection
            .run_script("INSERT INTO user(id, app, name_id) VALUES (5, 1, 'ann');"
                        "INSERT INTO conversation VALUES"
                        " (3, 1, x'01000000000000000000000000000007', 2, 't', '', NULL, 1, 1, 9);"
                        "INSERT INTO member VALUES (3, 5, 1, 1, 0, 2, 2, 0);"
                        "INSERT INTO entry VALUES ((3 << 32) | 1, 1, 1, 5, 7, 'm1', NULL, NULL,"
                        " NULL, x'0141'), ((3 << 32) | 2, 2, 1, 5, 8, CAST('made' AS BLOB), NULL,"
                        " NULL, NULL, x'0142');")
            .has_value());
  }

  // Where what is saved can not be used.
  void expect_made_anew(const std::string& saved) {
    make_old_file();
    auto connection = Connection::open(folder_.file(), Access::write).value();
    ASSERT_TRUE(migrate(connection, migrations(), world_.clock, world_.logger).has_value());
    ASSERT_TRUE(connection.run_script(saved).has_value());
    SentFilter filter{plenty};
    FilterTable table;
    ASSERT_TRUE(table.load(connection, filter).has_value());
    EXPECT_EQ(table.covered(), 0U);
    EXPECT_TRUE(filter.maybe(sent_hash(key(1), "ann", "m1")));
    EXPECT_FALSE(filter.maybe(sent_hash(key(1), "ann", "made")));
  }
};

TEST_F(FilterTableTest, a_file_of_the_first_version_opens_and_goes_on) {
  make_old_file();
  DrivenStore store{folder_.file()};
  EXPECT_EQ(store.seqs(key(1)), up_to(2));
  EXPECT_EQ(store.find_for(key(1), "ann")->member.read_no, 2U);
  EXPECT_EQ(store.find_send({key(1), user("ann"), client_id("m1")})->seq, 1U);
  WriteStep twice;
  twice.events = {{key(1), message(3, 3, "ann", "m1")}};
  EXPECT_FALSE(store.write(twice));
  WriteStep made;  // a server's id is no retry
  made.events = {{key(1), message(3, 3, "ann", "made")}};
  EXPECT_TRUE(store.write(made));
  EXPECT_EQ(store.seqs(key(1)), up_to(3));
}

TEST_F(FilterTableTest, saved_it_is_loaded_as_it_was) {
  auto connection = Connection::open(folder_.file(), Access::write).value();
  ASSERT_TRUE(migrate(connection, migrations(), world_.clock, world_.logger).has_value());
  SentFilter filter{plenty};
  {
    FilterTable table;
    ASSERT_TRUE(table.prepare(connection).has_value());
    for (std::uint64_t n = 0; n < 100'000; ++n)
      filter.add(nth(n));
    ASSERT_TRUE(table.save(filter, 7).has_value());
    table.forget();  // the transaction was rolled back
    EXPECT_EQ(table.covered(), 0U);
    ASSERT_TRUE(table.save(filter, 8).has_value());
    table.keep();
    EXPECT_EQ(table.covered(), 8U);
    for (std::uint64_t n = 100'000; n < 300'000; ++n)
      filter.add(nth(n));
    ASSERT_TRUE(table.save(filter, 9).has_value());
    table.keep();
  }
  SentFilter loaded{plenty};
  FilterTable table;
  ASSERT_TRUE(table.load(connection, loaded).has_value());
  EXPECT_EQ(table.covered(), 9U);
  EXPECT_EQ(loaded.layers(), filter.layers());
  EXPECT_EQ(loaded.ids_in_last(), filter.ids_in_last());
  for (std::size_t n = 0; n < filter.layers(); ++n)
    EXPECT_TRUE(std::ranges::equal(loaded.layer(n), filter.layer(n)));
}

TEST_F(FilterTableTest, one_that_is_not_whole_is_made_anew_of_what_is_stored) {
  expect_made_anew("INSERT INTO sent_filter_state VALUES (1, 2, 4, 2, 10)");
}

TEST_F(FilterTableTest, one_of_another_format_is_made_anew_of_what_is_stored) {
  expect_made_anew("INSERT INTO sent_filter_state VALUES (1, 1, 4, 0, 0)");
}

TEST_F(FilterTableTest, a_start_knows_the_ids_of_a_killed_server_whose_log_it_has_alone) {
  std::string left;
  {
    DrivenStore store{folder_.file()};
    ASSERT_TRUE(store.make_group(key(1), {"ann"}));
    ASSERT_TRUE(store.send(key(1), "ann", 1, 40));  // more than a tail holds: some are rows
    ASSERT_TRUE(store.send(key(1), "ann", 41, 50));
    left = store.left_by_a_kill();
  }
  DrivenStore store{left};
  for (int n = 1; n <= 50; ++n)
    EXPECT_FALSE(store.store().never_sent(key(1), user("ann"), client_id("m" + std::to_string(n))));
  EXPECT_TRUE(store.store().never_sent(key(1), user("ann"), client_id("m51")));
  EXPECT_TRUE(store.store().never_sent(key(1), user("bob"), client_id("m1")));
  EXPECT_TRUE(store.store().never_sent(key(2), user("ann"), client_id("m1")));
}

}  // namespace

}  // namespace kith::adapters::sqlite
