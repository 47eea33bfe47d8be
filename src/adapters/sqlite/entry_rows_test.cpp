#include "adapters/sqlite/entry_rows.hpp"

#include "adapters/sqlite/migrations.hpp"
#include "adapters/sqlite/read_sql.hpp"
#include "adapters/sqlite/rows.hpp"
#include "adapters/sqlite/scratch_test.hpp"
#include "base/limits.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace kith::adapters::sqlite {

namespace {

using base::Seq;
using Seqs = std::vector<Seq>;

constexpr Seq short_run = base::limits::short_run_events - 1;

class EntryRowsTest : public ::testing::Test {
 protected:
  ScratchFolder folder_;
  Surroundings world_;
  Connection connection_ = Connection::open(folder_.file(), Access::write).value();
  WriteStatements statements_;
  EntryRows rows_{statements_};

  void SetUp() override {
    ASSERT_TRUE(migrate(connection_, migrations(), world_.clock, world_.logger).has_value());
    prepare();
  }

  void prepare() { ASSERT_TRUE(statements_.prepare(connection_).has_value()); }

  // Tells whose event it is.
  static base::No no_of(std::int64_t conversation, Seq seq) {
    return static_cast<base::No>(conversation) * 1'000 + seq;
  }

  void begin() { ASSERT_TRUE(statements_.begin.run().finish().has_value()); }

  void commit() {
    ASSERT_TRUE(statements_.commit.run().finish().has_value());
    rows_.committed();
  }

  void roll_back() {
    rows_.roll_back();
    ASSERT_TRUE(statements_.rollback.run().finish().has_value());
  }

  void add(std::int64_t conversation, Seq first, Seq last) {
    for (Seq seq = first; seq <= last; ++seq) {
      const std::string client_id = "c" + std::to_string(seq);
      EventRecord event{
          .conversation = conversation, .seq = seq, .no = no_of(conversation, seq), .actor = 7};
      event.ts = {static_cast<std::int64_t>(1'000 + seq)};
      event.client_id = client_id;
      event.client_named = true;
      event.body = "body";
      ASSERT_TRUE(rows_.add(event).has_value());
    }
  }

  void fold(std::int64_t conversation, Seq first, Seq last, bool join = false) {
    if (join) {
      ASSERT_TRUE(rows_.join_newest_run(conversation).has_value());
    }
    add(conversation, first, last);
    ASSERT_TRUE(rows_.end().has_value());
  }

  void fold_alone(std::int64_t conversation, Seq first, Seq last, bool join = false) {
    begin();
    fold(conversation, first, last, join);
    commit();
  }

  // The client id was used, wherever its event lies by now.
  void expect_taken(std::int64_t conversation, std::string_view client_id) {
    begin();
    EventRecord twice{.conversation = conversation, .seq = 99, .no = 99, .actor = 7};
    twice.client_id = client_id;
    twice.client_named = true;
    EXPECT_TRUE(rows_.add(twice).has_error());
    roll_back();
  }

  Seqs seqs(Ask what, std::int64_t conversation, Seq after, Seq to) {
    Seqs found;
    auto statement = connection_.prepare(read_sql(what)).value();
    Query row = statement.run(entry_id(conversation, after), entry_id(conversation, to));
    while (row.next().value()) {
      EXPECT_EQ(row.count(1), no_of(conversation, row.count(0)));
      found.push_back(row.count(0));
    }
    return found;
  }

  Seqs all(std::int64_t conversation) {
    return seqs(Ask::page_first, conversation, 0, base::seq_max);
  }

  // conversation, last seq, n, events; in the order of conversations
  std::vector<std::vector<std::int64_t>> runs() {
    std::vector<std::vector<std::int64_t>> found;
    auto statement =
        connection_.prepare("SELECT id >> 32, id & 4294967295, n, events FROM run ORDER BY id")
            .value();
    Query row = statement.run();
    while (row.next().value())
      found.push_back({row.integer(0), row.integer(1), row.integer(2), row.integer(3)});
    return found;
  }

  static Seqs from_to(Seq first, Seq last) {
    Seqs found;
    for (Seq seq = first; seq <= last; ++seq)
      found.push_back(seq);
    return found;
  }
};

using Runs = std::vector<std::vector<std::int64_t>>;

TEST_F(EntryRowsTest, events_that_move_together_lie_together_behind_all_others) {
  begin();
  fold(2, 1, 3);
  fold(1, 1, 2);
  commit();
  fold_alone(2, 4, 4);
  EXPECT_EQ(runs(), (Runs{{1, 2, 5, 2}, {2, 3, 3, 3}, {2, 4, 6, 1}}));
  EXPECT_EQ(all(1), from_to(1, 2));
  EXPECT_EQ(all(2), from_to(1, 4));
  EXPECT_EQ(seqs(Ask::page_newest, 2, 1, 4), (Seqs{4, 3, 2}));
}

TEST_F(EntryRowsTest, a_run_ends_where_a_number_is_missing) {
  begin();
  add(1, 1, 2);
  fold(1, 5, 6);
  commit();
  EXPECT_EQ(runs(), (Runs{{1, 2, 2, 2}, {1, 6, 4, 2}}));
  EXPECT_EQ(all(1), (Seqs{1, 2, 5, 6}));
  EXPECT_EQ(seqs(Ask::head, 1, 0, 4), Seqs{2});
  EXPECT_EQ(seqs(Ask::page_first, 1, 2, 4), Seqs{});
}

TEST_F(EntryRowsTest, what_was_rolled_back_leaves_no_trace) {
  fold_alone(1, 1, 2);
  begin();
  fold(2, 1, 3);
  add(1, 3, 3);
  roll_back();
  fold_alone(1, 3, 4);
  EXPECT_EQ(runs(), (Runs{{1, 2, 2, 2}, {1, 4, 4, 2}}));
  EXPECT_EQ(all(1), from_to(1, 4));
}

TEST_F(EntryRowsTest, who_begins_anew_goes_on_behind_the_last_row) {
  fold_alone(1, 1, 2);
  EntryRows again{statements_};
  begin();
  EventRecord event{.conversation = 2, .seq = 1, .no = 1, .actor = 7};
  ASSERT_TRUE(again.add(event).has_value());
  ASSERT_TRUE(again.end().has_value());
  commit();
  EXPECT_EQ(runs(), (Runs{{1, 2, 2, 2}, {2, 1, 3, 1}}));
}

TEST_F(EntryRowsTest, a_short_run_moves_to_what_continues_it) {
  fold_alone(1, 1, 2);
  fold_alone(2, 1, 1);
  fold_alone(1, 3, 4, true);
  EXPECT_EQ(runs(), (Runs{{1, 4, 7, 4}, {2, 1, 3, 1}}));
  EXPECT_EQ(all(1), from_to(1, 4));
  EXPECT_EQ(all(2), from_to(1, 1));
  fold_alone(2, 2, 2);
  EXPECT_EQ(runs().back(), (std::vector<std::int64_t>{2, 2, 8, 1}));
  expect_taken(1, "c2");
}

TEST_F(EntryRowsTest, a_run_that_lies_last_is_continued_where_it_is) {
  fold_alone(1, 1, 2);
  fold_alone(1, 3, 3, true);
  EXPECT_EQ(runs(), (Runs{{1, 3, 3, 3}}));
  EXPECT_EQ(all(1), from_to(1, 3));
}

TEST_F(EntryRowsTest, a_long_run_stays) {
  fold_alone(1, 1, short_run + 1);
  fold_alone(2, 1, 1);
  fold_alone(1, short_run + 2, short_run + 2, true);
  EXPECT_EQ(runs().size(), 3U);
  EXPECT_EQ(all(1), from_to(1, short_run + 2));
}

TEST_F(EntryRowsTest, a_short_run_before_a_missing_number_stays_a_run) {
  fold_alone(1, 1, 2);
  fold_alone(2, 1, 1);
  fold_alone(1, 4, 5, true);
  EXPECT_EQ(runs(), (Runs{{1, 2, 5, 2}, {1, 5, 7, 2}, {2, 1, 3, 1}}));
  EXPECT_EQ(all(1), (Seqs{1, 2, 4, 5}));
  EXPECT_EQ(seqs(Ask::head, 1, 0, 3), Seqs{2});
}

TEST_F(EntryRowsTest, a_run_that_does_not_hold_what_it_says_is_not_moved) {
  fold_alone(1, 1, 3);
  fold_alone(2, 1, 3);
  ASSERT_TRUE(connection_.run_script("UPDATE run SET n = 5 WHERE n = 3").has_value());
  fold_alone(1, 4, 4, true);
  EXPECT_EQ(all(2), from_to(1, 3));
  EXPECT_EQ(runs().at(0), (std::vector<std::int64_t>{1, 3, 5, 3}));
}

// Whatever moves together and where pages begin and end.
TEST_F(EntryRowsTest, pages_are_the_same_however_the_rows_came) {
  std::mt19937 random{20261127};
  const auto below = [&](Seq n) { return static_cast<Seq>(random() % n); };
  std::map<std::int64_t, Seqs> stored;
  for (int transaction = 0; transaction < 60; ++transaction) {
    begin();
    for (std::int64_t id = 1; id <= 4; ++id) {
      if (below(3) == 0) continue;
      Seqs& seqs = stored[id];
      const Seq first = (seqs.empty() ? 0 : seqs.back()) + 1 + (below(9) == 0 ? below(4) : 0);
      const Seq last = first + below(12);
      fold(id, first, last, below(2) == 0);
      for (Seq seq = first; seq <= last; ++seq)
        seqs.push_back(seq);
    }
    commit();
  }
  for (int look = 0; look < 2'000; ++look) {
    const std::int64_t id = 1 + static_cast<std::int64_t>(below(4));
    const Seq after = below(300);
    const Seq to = after + below(300);
    Seqs wanted;
    for (const Seq seq : stored[id])
      if (seq > after && seq <= to) wanted.push_back(seq);
    ASSERT_EQ(seqs(Ask::page_first, id, after, to), wanted) << id << ' ' << after << ' ' << to;
    std::reverse(wanted.begin(), wanted.end());
    ASSERT_EQ(seqs(Ask::page_newest, id, after, to), wanted) << id << ' ' << after << ' ' << to;
    wanted.resize(std::min<std::size_t>(wanted.size(), 1));
    ASSERT_EQ(seqs(Ask::head, id, after, to), wanted) << id << ' ' << after << ' ' << to;
  }
}

// --- files of the version before

class OlderFileTest : public EntryRowsTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(
        migrate(connection_, migrations().first(4), world_.clock, world_.logger).has_value());
  }
};

TEST_F(OlderFileTest, keeps_its_events_and_goes_on) {
  ASSERT_TRUE(
      connection_
          .run_script(
              "WITH RECURSIVE i(c, s) AS (VALUES (3, 1) UNION ALL"
              " SELECT CASE s WHEN 90 THEN c + 1 ELSE c END,"
              " CASE s WHEN 90 THEN 1 ELSE s + 1 END FROM i WHERE c < 6)"
              " INSERT INTO entry SELECT (c << 32) | s, c * 1000 + s, 1, 7, 1000 + s, 'c' || s,"
              " NULL, NULL, NULL, x'0141' FROM i WHERE c < 6;"
              "DELETE FROM entry WHERE id = (4 << 32) | 50")
          .has_value());
  ASSERT_TRUE(migrate(connection_, migrations(), world_.clock, world_.logger).has_value());
  prepare();
  EXPECT_EQ(runs(), (Runs{{3, 90, 90, 90}, {4, 49, 139, 49}, {4, 90, 179, 40}, {5, 90, 269, 90}}));
  fold_alone(4, 91, 92);
  EXPECT_EQ(all(3), from_to(1, 90));
  EXPECT_EQ(seqs(Ask::page_first, 4, 48, 52), (Seqs{49, 51, 52}));
  EXPECT_EQ(seqs(Ask::page_newest, 4, 88, base::seq_max), (Seqs{92, 91, 90, 89}));
  EXPECT_EQ(all(5), from_to(1, 90));
  expect_taken(5, "c90");
}

}  // namespace

}  // namespace kith::adapters::sqlite
