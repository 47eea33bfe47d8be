#include "adapters/sqlite/read_sql.hpp"

#include "adapters/sqlite/migrations.hpp"
#include "adapters/sqlite/scratch_test.hpp"
#include "adapters/sqlite/write_statements.hpp"

#include <vector>

namespace kith::adapters::sqlite {

namespace {

// The plans SQLite makes, without statistics: what holds for an empty database holds for a full
// one.
class ReadPlanTest : public ::testing::Test {
 protected:
  ScratchFolder folder_;
  Surroundings world_;
  Connection connection_ = Connection::open(folder_.file(), Access::write).value();

  void SetUp() override {
    ASSERT_TRUE(migrate(connection_, migrations(), world_.clock, world_.logger).has_value());
  }

  std::vector<std::string> plan_of(const std::string& sql) {
    auto explain = connection_.prepare("EXPLAIN QUERY PLAN " + sql).value();
    std::vector<std::string> plan;
    Query row = explain.run();
    while (row.next().value())
      plan.push_back(row.string(3));
    return plan;
  }

  std::vector<std::string> lines_with(Ask what, const std::string& word) {
    std::vector<std::string> found;
    for (const auto& line : plan_of(read_sql(what)))
      if (line.find(word) != std::string::npos) found.push_back(line);
    return found;
  }
};

using Lines = std::vector<std::string>;

TEST_F(ReadPlanTest, no_read_scans_a_table) {
  for (std::size_t i = 0; i < ask_count; ++i) {
    const auto what = static_cast<Ask>(i);
    // Of the log the last row alone.
    const Lines allowed = what == Ask::version ? Lines{"SCAN log"} : Lines{};
    EXPECT_EQ(lines_with(what, "SCAN"), allowed) << read_sql(what);
    EXPECT_EQ(lines_with(what, "AUTOMATIC"), Lines{}) << read_sql(what);
  }
}

TEST_F(ReadPlanTest, only_the_members_of_one_conversation_are_sorted) {
  for (std::size_t i = 0; i < ask_count; ++i) {
    const auto what = static_cast<Ask>(i);
    const bool sorts = what == Ask::members_page;
    EXPECT_EQ(lines_with(what, "TEMP B-TREE").size(), sorts ? 1U : 0U) << read_sql(what);
  }
}

TEST_F(ReadPlanTest, history_is_a_range_of_runs_and_one_of_rows_in_each) {
  for (const Ask what :
       {Ask::page_first, Ask::page_newest, Ask::history_first, Ask::history_newest, Ask::head})
    EXPECT_EQ(plan_of(read_sql(what)),
              (Lines{"SEARCH r USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
                     "SCALAR SUBQUERY 1",
                     "SEARCH run USING INTEGER PRIMARY KEY (rowid>?)",
                     "SEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"}));
}

TEST_F(ReadPlanTest, the_newest_event_is_one_seek) {
  EXPECT_EQ(lines_with(Ask::conversation, "run"),
            Lines{"SEARCH run USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"});
}

TEST_F(ReadPlanTest, a_users_conversations_are_found_by_the_index_of_active_members) {
  for (const Ask what : {Ask::activity, Ask::memberships, Ask::unread})
    EXPECT_EQ(lines_with(what, "member_active").size(), 1U) << read_sql(what);
}

TEST_F(ReadPlanTest, a_retry_is_found_in_the_index_of_the_clients_own_ids) {
  EXPECT_EQ(plan_of(read_sql(Ask::send)),
            Lines{"SEARCH entry USING INDEX entry_sent (conv=? AND client_id=? AND actor=?)"});
}

TEST_F(ReadPlanTest, the_ids_of_all_that_is_stored_are_read_from_their_index_alone) {
  EXPECT_EQ(plan_of("SELECT conv, actor, client_id FROM entry"
                    " WHERE typeof(client_id) = 'text'"),
            Lines{"SCAN entry USING COVERING INDEX entry_sent"});
}

}  // namespace

}  // namespace kith::adapters::sqlite
