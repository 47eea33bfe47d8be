#include "adapters/sqlite/driven_store_test.hpp"

// From the log to the rows, as a whole store does it.
namespace kith::adapters::sqlite {

namespace {

using namespace ports;
using ports::contract::key;
using ports::contract::member;
using ports::contract::message;
using ports::contract::user;

constexpr const char* rows = "SELECT count(*) FROM entry";
constexpr const char* log_rows = "SELECT count(*) FROM log WHERE records <> x''";

class FoldTest : public ::testing::Test {
 protected:
  ScratchFolder folder_;

  static TailLimits folds_at(std::size_t events) {
    TailLimits limits;
    limits.fold_events = events;
    return limits;
  }
};

TEST_F(FoldTest, events_wait_in_the_log_until_there_are_enough_for_rows) {
  DrivenStore store{folder_.file(), folds_at(4)};
  ASSERT_TRUE(store.make_group(key(1), {"ann"}));
  for (Seq seq = 1; seq <= 3; ++seq)
    ASSERT_TRUE(store.send(key(1), "ann", seq, seq));
  EXPECT_EQ(store.number(rows), 0);
  EXPECT_EQ(store.number(log_rows), 3);
  EXPECT_EQ(store.seqs(key(1)), up_to(3));
  ASSERT_TRUE(store.send(key(1), "ann", 4, 4));
  EXPECT_EQ(store.number(rows), 4);
  EXPECT_EQ(store.seqs(key(1)), up_to(4));
}

TEST_F(FoldTest, what_is_enough_at_once_is_written_once) {
  DrivenStore store{folder_.file(), folds_at(4)};
  ASSERT_TRUE(store.make_group(key(1), {"ann"}));
  ASSERT_TRUE(store.send(key(1), "ann", 1, 100));
  EXPECT_EQ(store.number(rows), 100);
  EXPECT_LT(store.number("SELECT max(length(records)) FROM log"), 100 * 10);
  EXPECT_TRUE(store.find_send({key(1), user("ann"), contract::client_id("m77")}).has_value());
}

TEST_F(FoldTest, large_bodies_do_not_wait) {
  TailLimits limits;
  limits.fold_bytes = 1'000;
  DrivenStore store{folder_.file(), limits};
  ASSERT_TRUE(store.make_group(key(1), {"ann"}));
  WriteStep step;
  step.events = {{key(1), message(1, 1, "ann", "a")}};
  step.events[0].event.body.assign(1'000, 'x');
  ASSERT_TRUE(store.write(step));
  EXPECT_EQ(store.number(rows), 1);
}

TEST_F(FoldTest, a_quiet_conversation_moves_when_the_log_has_grown) {
  TailLimits limits;
  limits.log_events = 10;
  DrivenStore store{folder_.file(), limits};
  constexpr std::uint8_t far = Tails::neighbours;
  for (std::uint8_t n = 1; n <= far; ++n)
    ASSERT_TRUE(store.make_group(key(n), {"ann"}));
  ASSERT_TRUE(store.send(key(1), "ann", 1, 1));
  for (Seq seq = 1; seq <= 9; ++seq)
    ASSERT_TRUE(store.send(key(far), "ann", seq, seq));
  EXPECT_EQ(store.number(rows), 0);
  ASSERT_TRUE(store.send(key(far), "ann", 10, 10));
  EXPECT_EQ(store.number(rows), 1);
  EXPECT_EQ(store.heads({key(1), key(far)}), (std::vector<Seq>{1, 10}));
}

TEST_F(FoldTest, neighbours_move_together) {
  TailLimits limits;
  limits.log_events = 10;
  DrivenStore store{folder_.file(), limits};
  for (std::uint8_t n = 1; n <= 4; ++n)
    ASSERT_TRUE(store.make_group(key(n), {"ann"}));
  for (Seq seq = 1; seq <= 3; ++seq)
    for (std::uint8_t n = 1; n <= 3; ++n)
      ASSERT_TRUE(store.send(key(n), "ann", seq, seq));
  ASSERT_TRUE(store.send(key(4), "ann", 1, 1));
  EXPECT_EQ(store.number(rows), 0);
  ASSERT_TRUE(store.send(key(4), "ann", 2, 2));
  EXPECT_EQ(store.number(rows), 9);  // the fourth began a moment ago
  for (std::uint8_t n = 1; n <= 3; ++n)
    EXPECT_EQ(store.seqs(key(n)), up_to(3));
  EXPECT_EQ(store.seqs(key(4)), up_to(2));
}

TEST_F(FoldTest, memory_is_bounded_when_events_fall_into_many_conversations) {
  TailLimits limits;
  limits.held_bytes = 2'000;
  DrivenStore store{folder_.file(), limits};
  for (std::uint8_t c = 1; c <= 60; ++c) {
    ASSERT_TRUE(store.make_group(key(c), {"ann"}));
    ASSERT_TRUE(store.send(key(c), "ann", 1, 1));
  }
  EXPECT_GE(store.number(rows), 40);
  for (std::uint8_t c = 1; c <= 60; ++c)
    EXPECT_EQ(store.seqs(key(c)), up_to(1));
}

TEST_F(FoldTest, the_log_does_not_grow_without_end) {
  TailLimits limits = folds_at(2);
  limits.filter_save_ids = 20;
  limits.log_events = 50;
  DrivenStore store{folder_.file(), limits};
  ASSERT_TRUE(store.make_group(key(1), {"ann"}));
  ASSERT_TRUE(store.make_group(key(2), {"ann"}));
  ASSERT_TRUE(store.send(key(2), "ann", 1, 1));  // holds the log's end for a while
  for (Seq seq = 1; seq <= 300; ++seq)
    ASSERT_TRUE(store.send(key(1), "ann", seq, seq));
  EXPECT_LT(store.number("SELECT count(*) FROM log"), 100);
  EXPECT_EQ(store.seqs(key(1)), up_to(300));
  EXPECT_EQ(store.seqs(key(2)), up_to(1));
}

TEST_F(FoldTest, the_log_is_deleted_too_when_no_client_gives_ids) {
  TailLimits limits = folds_at(2);
  limits.filter_save_ids = 20;
  DrivenStore store{folder_.file(), limits};
  ASSERT_TRUE(store.make_group(key(1), {"ann"}));
  for (Seq seq = 1; seq <= 200; ++seq) {
    WriteStep step;
    step.events = {{key(1), message(seq, seq, "ann", "x"), true}};
    ASSERT_TRUE(store.write(step));
  }
  EXPECT_LT(store.number("SELECT count(*) FROM log"), 100);
}

TEST_F(FoldTest, a_closed_file_is_plain_rows_and_an_empty_log) {
  {
    DrivenStore store{folder_.file()};
    ASSERT_TRUE(store.make_group(key(1), {"ann", "bob"}));
    ASSERT_TRUE(store.send(key(1), "ann", 1, 5));
    EXPECT_EQ(store.number(rows), 0);
    store.store().drain();
  }
  EXPECT_EQ(DrivenStore::number_in(folder_.file(), rows), 5);
  EXPECT_EQ(DrivenStore::number_in(folder_.file(), log_rows), 0);
  EXPECT_EQ(DrivenStore::number_in(folder_.file(), "SELECT max(read_seq) FROM member"), 5);
  DrivenStore store{folder_.file()};
  EXPECT_EQ(store.seqs(key(1)), up_to(5));
  EXPECT_EQ(store.find_for(key(1), "ann")->member.read_no, 5U);
}

TEST_F(FoldTest, opened_and_closed_without_a_write_a_file_stays_as_it_is) {
  {
    DrivenStore store{folder_.file()};
    ASSERT_TRUE(store.make_group(key(1), {"ann"}));
    ASSERT_TRUE(store.send(key(1), "ann", 1, 1));
  }
  const auto before = DrivenStore::number_in(folder_.file(), "SELECT max(n) FROM log");
  { const DrivenStore store{folder_.file()}; }
  EXPECT_EQ(DrivenStore::number_in(folder_.file(), "SELECT max(n) FROM log"), before);
}

TEST_F(FoldTest, a_log_left_behind_is_read_at_the_start) {
  DrivenStore store{folder_.file(), folds_at(4)};
  ASSERT_TRUE(store.make_group(key(1), {"ann", "bob"}));
  ASSERT_TRUE(store.make_group(key(2), {"ann", "bob"}));
  ASSERT_TRUE(store.send(key(1), "ann", 1, 3));
  ASSERT_TRUE(store.send(key(1), "bob", 4, 4));  // folds
  ASSERT_TRUE(store.send(key(1), "ann", 5, 6));
  ASSERT_TRUE(store.send(key(2), "bob", 1, 2));
  DrivenStore again{store.left_by_a_kill(), folds_at(4)};
  EXPECT_EQ(again.seqs(key(1)), up_to(6));
  EXPECT_EQ(again.seqs(key(2)), up_to(2));
  EXPECT_EQ(again.find_for(key(1), "ann")->member.read_seq, 6U);
  EXPECT_EQ(again.find_for(key(1), "bob")->member.read_seq, 4U);
  for (const auto* id : {"m1", "m3", "m5", "m6"})
    EXPECT_TRUE(again.find_send({key(1), user("ann"), contract::client_id(id)}).has_value()) << id;
  // And goes on where the other ended.
  ASSERT_TRUE(again.send(key(2), "ann", 3, 3));
  ASSERT_TRUE(again.send(key(1), "bob", 7, 9));
  EXPECT_EQ(again.seqs(key(1)), up_to(9));
  EXPECT_EQ(again.seqs(key(2)), up_to(3));
}

TEST_F(FoldTest, a_retry_is_found_wherever_the_first_attempt_lies) {
  DrivenStore store{folder_.file(), folds_at(4)};
  ASSERT_TRUE(store.make_group(key(1), {"ann"}));
  for (Seq seq = 1; seq <= 6; ++seq)
    ASSERT_TRUE(store.send(key(1), "ann", seq, seq));
  for (const std::string& path : {folder_.file("none.db"), store.left_by_a_kill()}) {
    if (!std::filesystem::exists(path)) continue;
    DrivenStore again{path, folds_at(4)};
    for (Seq seq = 1; seq <= 6; ++seq) {
      WriteStep twice;
      twice.events = {{key(1), message(7, 7, "ann", "m" + std::to_string(seq))}};
      EXPECT_FALSE(again.write(twice)) << seq;
    }
    EXPECT_TRUE(again.send(key(1), "ann", 7, 7));
  }
  WriteStep twice;
  twice.events = {{key(1), message(7, 7, "ann", "new")}, {key(1), message(8, 8, "ann", "new")}};
  EXPECT_FALSE(store.write(twice));
}

TEST_F(FoldTest, a_row_of_a_member_is_replaced_with_the_marks_that_wait_in_it) {
  DrivenStore store{folder_.file()};
  ASSERT_TRUE(store.make_group(key(1), {"ann"}));
  ASSERT_TRUE(store.send(key(1), "ann", 1, 3));
  const auto found = store.run({LockStep{{key(1)}},
                                MembersStep{{{key(1), user("ann")}}},
                                SuccessorStep{key(1), user("bob")},
                                CommitStep{}});
  auto ann = *std::get<MembersFound>(found.at(1)).found.at(0);
  EXPECT_EQ(ann.read_seq, 3U);
  EXPECT_EQ(std::get<SuccessorFound>(found.at(2)).found->read_no, 3U);
  ann.role = domain::Role::owner;
  ann.read_seq = 2;  // written as it is, whatever was there
  WriteStep step;
  step.members = {{key(1), ann}};
  ASSERT_TRUE(store.write(step));
  EXPECT_EQ(store.find_for(key(1), "ann")->member.read_seq, 2U);
  EXPECT_EQ(store.find_for(key(1), "ann")->member.role, domain::Role::owner);
  // A former member's marks stay, whatever he sends.
  ann.until_seq = 3;
  step.members = {{key(1), ann}};
  ASSERT_TRUE(store.write(step));
  ASSERT_TRUE(store.send(key(1), "ann", 4, 4));
  EXPECT_EQ(store.find_for(key(1), "ann")->member.read_seq, 2U);
}

TEST_F(FoldTest, a_page_of_members_shows_the_marks_that_wait_of_each_who_wrote) {
  DrivenStore store{folder_.file()};
  ASSERT_TRUE(store.make_group(key(1), {"ann", "bob", "cleo"}));
  ASSERT_TRUE(store.send(key(1), "ann", 1, 2));
  ASSERT_TRUE(store.send(key(1), "bob", 3, 3));
  ASSERT_TRUE(store.send(key(1), "ann", 4, 5));
  ASSERT_EQ(store.number(rows), 0);
  const auto page = store.answer<std::vector<Member>>([&](auto& reactor, auto done) {
    store.store().members(reactor, {key(1), 10, ""}, std::move(done));
  });
  std::vector<std::pair<Seq, No>> marks;
  for (const Member& member : page.value())
    marks.emplace_back(member.read_seq, member.read_no);
  EXPECT_EQ(marks, (std::vector<std::pair<Seq, No>>{{5, 5}, {3, 3}, {0, 0}}));
}

TEST_F(FoldTest, a_run_that_is_wrong_shows_nothing_of_another_conversation) {
  DrivenStore store{folder_.file(), folds_at(2)};
  for (const int n : {1, 2}) {
    ASSERT_TRUE(store.make_group(key(n), {"ann"}));
    ASSERT_TRUE(store.send(key(n), "ann", 1, 3));
  }
  auto connection = Connection::open(folder_.file(), Access::write).value();
  ASSERT_TRUE(connection.run_script("UPDATE run SET n = 9 - n").has_value());
  for (const int n : {1, 2}) {
    const auto page = store.answer<std::vector<LogEvent>>([&](auto& reactor, auto done) {
      store.store().page(reactor, {key(n), 0, base::seq_max, 10}, std::move(done));
    });
    ASSERT_TRUE(page.has_error());
    EXPECT_EQ(page.error().code, base::Errc::unavailable);
    const auto listed =
        store.answer<std::optional<ListedConversation>>([&](auto& reactor, auto done) {
          store.store().find_for(reactor, key(n), user("ann"), std::move(done));
        });
    EXPECT_TRUE(listed.has_error());
    EXPECT_TRUE(std::holds_alternative<StepFailed>(
        store.run({LockStep{{key(n)}}, CountStep{{{key(n), 2}}}, RollbackStep{}}).at(1)));
  }
}

TEST_F(FoldTest, two_writes_of_one_transaction_see_each_other) {
  DrivenStore store{folder_.file(), folds_at(3)};
  ASSERT_TRUE(store.make_group(key(1), {"ann"}));
  WriteStep first;
  first.events = {{key(1), message(1, 1, "ann", "a")}, {key(1), message(2, 2, "ann", "b")}};
  WriteStep second;
  second.events = {{key(1), message(3, 3, "ann", "c")}};
  WriteStep third;
  third.events = {{key(1), message(4, 4, "ann", "d")}};
  const auto results = store.run({LockStep{{key(1)}},
                                  first,
                                  LookStep{{{key(1), user("ann"), contract::client_id("b")}}},
                                  second,
                                  third,
                                  CommitStep{}});
  EXPECT_TRUE(std::get<Looked>(results.at(2)).found.at(0).has_value());
  ASSERT_TRUE(std::holds_alternative<Committed>(results.back()));
  EXPECT_EQ(store.seqs(key(1)), up_to(4));
  EXPECT_EQ(store.number(rows), 3);
  DrivenStore again{store.left_by_a_kill()};
  EXPECT_EQ(again.seqs(key(1)), up_to(4));
}

TEST_F(FoldTest, a_transaction_that_is_rolled_back_moves_nothing) {
  DrivenStore store{folder_.file(), folds_at(3)};
  ASSERT_TRUE(store.make_group(key(1), {"ann"}));
  ASSERT_TRUE(store.send(key(1), "ann", 1, 2));
  WriteStep step;
  step.events = {{key(1), message(3, 3, "ann", "m3")}};
  store.run({LockStep{{key(1)}}, step, RollbackStep{}});
  EXPECT_EQ(store.number(rows), 0);
  EXPECT_EQ(store.seqs(key(1)), up_to(2));
  EXPECT_FALSE(store.find_send({key(1), user("ann"), contract::client_id("m3")}).has_value());
  EXPECT_TRUE(store.send(key(1), "ann", 3, 3));
  EXPECT_EQ(store.seqs(key(1)), up_to(3));
}

TEST_F(FoldTest, a_log_that_only_kills_end_stays_short) {
  TailLimits limits;
  limits.log_events = 100;
  limits.filter_save_ids = 200;
  limits.fold_events = 8;
  std::string path = folder_.file();
  Seq seq = 0;
  for (int run = 0; run < 8; ++run) {
    DrivenStore store{path, limits};
    if (run == 0) {
      ASSERT_TRUE(store.make_group(key(1), {"ann"}));
    }
    for (int i = 0; i < 150; ++i) {
      ++seq;
      ASSERT_TRUE(store.send(key(1), "ann", seq, seq));
    }
    EXPECT_LT(store.number("SELECT count(*) FROM log"), 450) << run;
    path = store.left_by_a_kill_as(folder_.file("run" + std::to_string(run)));
  }
  DrivenStore store{path, limits};
  EXPECT_EQ(store.seqs(key(1)), up_to(seq));
}

TEST_F(FoldTest, many_that_grow_old_together_are_not_moved_together) {
  TailLimits limits;
  limits.log_events = 1'200;
  DrivenStore store{folder_.file(), limits};
  WriteStep together;
  for (std::uint8_t n = 1; n <= 100; ++n) {
    ASSERT_TRUE(store.make_group(key(n), {"ann"}));
    for (Seq seq = 1; seq <= 10; ++seq)
      together.events.push_back({key(n), message(seq, seq, "ann", "m" + std::to_string(seq))});
  }
  ASSERT_TRUE(store.write(together));
  ASSERT_TRUE(store.make_group(key(101), {"ann"}));
  std::int64_t before = store.number(rows);
  for (Seq seq = 1; seq <= 400; ++seq) {
    ASSERT_TRUE(store.send(key(101), "ann", seq, seq));
    const auto now = store.number(rows);
    EXPECT_LE(now - before, 600);
    before = now;
  }
  EXPECT_GE(before, 1'000);
}

TEST_F(FoldTest, one_who_only_looks_leaves_rows_where_a_kill_left_a_log) {
  std::string killed;
  {
    DrivenStore store{folder_.file()};
    ASSERT_TRUE(store.make_group(key(1), {"ann"}));
    ASSERT_TRUE(store.send(key(1), "ann", 1, 5));
    killed = store.left_by_a_kill();
  }
  EXPECT_EQ(DrivenStore::number_in(killed, rows), 0);
  Surroundings world;
  ASSERT_TRUE(open_sqlite(world.options(killed)).has_value());
  EXPECT_EQ(DrivenStore::number_in(killed, rows), 5);
  EXPECT_EQ(DrivenStore::number_in(killed, log_rows), 0);
}

TEST_F(FoldTest, a_log_that_is_damaged_is_refused_at_the_start) {
  DrivenStore store{folder_.file()};
  ASSERT_TRUE(store.make_group(key(1), {"ann"}));
  ASSERT_TRUE(store.send(key(1), "ann", 1, 1));
  const auto path = store.left_by_a_kill();
  {
    auto connection = Connection::open(path, Access::write).value();
    ASSERT_TRUE(connection.run_script("UPDATE log SET records = x'ff00'").has_value());
  }
  Surroundings world;
  EXPECT_EQ(open_sqlite(world.options(path)).error().code, base::Errc::unavailable);
}

}  // namespace

}  // namespace kith::adapters::sqlite
