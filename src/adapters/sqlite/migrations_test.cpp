#include "adapters/sqlite/migrations.hpp"

#include "adapters/sqlite/scratch_test.hpp"
#include "base/crypto.hpp"
#include "base/encoding.hpp"

#include <vector>

namespace kith::adapters::sqlite {

namespace {

class MigrationsTest : public ::testing::Test {
 protected:
  ScratchFolder folder_;
  Surroundings world_;
  Connection connection_ = Connection::open(folder_.file(), Access::write).value();

  base::Result<void> migrate_to(const std::vector<Migration>& steps) {
    return migrate(connection_, steps, world_.clock, world_.logger);
  }

  std::int64_t number(const std::string& sql) {
    auto statement = connection_.prepare(sql).value();
    Query row = statement.run();
    EXPECT_TRUE(row.next().value());
    return row.integer(0);
  }

  bool has_table(const std::string& name) {
    return number("SELECT count(*) FROM sqlite_schema WHERE name = '" + name + "'") == 1;
  }
};

const Migration first{1, "CREATE TABLE a(x); INSERT INTO a VALUES (1);"};
const Migration second{2, "CREATE TABLE b(x);"};

TEST_F(MigrationsTest, steps_are_applied_once_in_order) {
  ASSERT_TRUE(migrate_to({first}).has_value());
  EXPECT_TRUE(has_table("a"));
  ASSERT_TRUE(migrate_to({first, second}).has_value());
  EXPECT_TRUE(has_table("b"));
  ASSERT_TRUE(migrate_to({first, second}).has_value());
  EXPECT_EQ(number("SELECT count(*) FROM a"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM migration"), 2);
  EXPECT_EQ(number("SELECT at FROM migration WHERE n = 1"), world_.clock.wall().ms);
}

TEST_F(MigrationsTest, a_step_whose_text_changed_is_refused) {
  ASSERT_TRUE(migrate_to({first}).has_value());
  const auto result = migrate_to({{1, "CREATE TABLE a(x, y);"}, second});
  ASSERT_TRUE(result.has_error());
  EXPECT_EQ(result.error().code, base::Errc::conflict);
  EXPECT_FALSE(has_table("b"));
}

TEST_F(MigrationsTest, a_database_of_a_newer_kith_is_refused) {
  ASSERT_TRUE(migrate_to({first, second}).has_value());
  const auto result = migrate_to({first});
  ASSERT_TRUE(result.has_error());
  EXPECT_EQ(result.error().code, base::Errc::conflict);
}

TEST_F(MigrationsTest, a_step_that_fails_half_way_leaves_nothing_and_can_be_mended) {
  const auto result =
      migrate_to({first, {2, "CREATE TABLE b(x); INSERT INTO nowhere VALUES (1);"}});
  ASSERT_TRUE(result.has_error());
  EXPECT_TRUE(has_table("a"));
  EXPECT_FALSE(has_table("b"));
  EXPECT_FALSE(connection_.in_transaction());
  EXPECT_EQ(number("SELECT count(*) FROM migration"), 1);
  EXPECT_TRUE(migrate_to({first, second}).has_value());
  EXPECT_TRUE(has_table("b"));
}

TEST_F(MigrationsTest, another_programs_database_is_left_alone) {
  ASSERT_TRUE(connection_.run_script("CREATE TABLE theirs(x)").has_value());
  const auto result = migrate_to({first});
  ASSERT_TRUE(result.has_error());
  EXPECT_EQ(result.error().code, base::Errc::conflict);
  EXPECT_FALSE(has_table("migration"));
}

TEST_F(MigrationsTest, released_steps_are_numbered_from_one_without_a_gap) {
  std::int64_t n = 0;
  for (const Migration& step : migrations())
    EXPECT_EQ(step.n, ++n);
  ASSERT_TRUE(migrate(connection_, migrations(), world_.clock, world_.logger).has_value());
  EXPECT_TRUE(has_table("entry"));
}

TEST_F(MigrationsTest, released_steps_were_not_edited) {
  // What a released database remembers. A schema change is a new step, never another sum here.
  const std::string released[] = {
      "b03bd9480cd5f9d79dc238ad8833c4fb63e012c899cd8ecd5110da5fd0f909bf",
      "7527c79069be22774ff0644112f3a0b9f8b7b645df5e907e240d6a6c83b1768c",
      "cf0564057b5dd17653c13ef4717ff442789422b103b5070add3cba20cea80694",
      "ea8b4c4d0cfbe58bca46a2064e3ea0205ebc05b38e0b64c9330082e232ada580",
      "2303c075c455487b7eae725cbba799f630c361cc8eed01ee99af7dfdc8039745",
  };
  ASSERT_EQ(std::size(released), migrations().size());
  for (std::size_t i = 0; i < migrations().size(); ++i)
    EXPECT_EQ(base::hex_encode(base::sha256(migrations()[i].sql)), released[i]);
}

}  // namespace

}  // namespace kith::adapters::sqlite
