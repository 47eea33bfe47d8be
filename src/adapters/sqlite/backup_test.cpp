#include "adapters/sqlite/backup_fixture_test.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <thread>

namespace kith::adapters::sqlite {

namespace {

using namespace ports;
using ports::contract::key;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

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
  const auto copied = back_up_as({.database = killed, .to = copy()});
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
        Damage{"hole", "DELETE FROM entry WHERE seq = 5", "after event 4 comes 6"},
        Damage{"count", "UPDATE entry SET no = no + 1 WHERE seq = 21", "counts 22"},
        Damage{"run_lost", "DELETE FROM run", "is in no run: no page shows it"},
        Damage{"run_moved", "UPDATE run SET n = n + 1", "than its last event"},
        Damage{"run_counts", "UPDATE run SET no = no + 1", "than its last event"},
        Damage{"run_long", "UPDATE run SET events = events + 1", "holds events of another"},
        Damage{"stranger_in_run",
               "UPDATE entry SET conv = conv + 1 WHERE seq = 5",
               "after event 4 comes 6"},
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
        Damage{"custom", "UPDATE conversation SET custom = '{{'", "custom data that is no JSON"},
        Damage{"body", "UPDATE entry SET body = x'017b22' WHERE kind = 1", "has no body"},
        Damage{"no_body", "UPDATE entry SET body = NULL WHERE kind = 1", "has no body"},
        Damage{"empty_body", "UPDATE entry SET body = x'00' WHERE kind = 1", "has no body"},
        Damage{"log_body",
               "UPDATE log SET records = CAST(replace(records, '\"text\":', '\"text\";') AS BLOB)",
               "of the log has no body",
               false},
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
  EXPECT_EQ(back_up_as({.database = database(), .to = database(), .overwrite = true}).error().code,
            base::Errc::conflict);
  std::ofstream{wal_of(copy())} << "x";
  EXPECT_EQ(back_up_copy(true).error().code, base::Errc::conflict) << "it is open somewhere";
  remove_file(wal_of(copy()));
  std::ofstream{copy() + "-journal"} << "x";
  EXPECT_EQ(back_up_copy(true).error().code, base::Errc::conflict) << "and would be taken back";
}

TEST_F(BackupTest, IsNotMadeOfADamagedFile) {
  EXPECT_FALSE(findings_after("DELETE FROM entry WHERE seq = 5").empty());
  const auto report = back_up_copy();
  ASSERT_TRUE(report.has_value());
  EXPECT_FALSE(report->findings.none());
  EXPECT_FALSE(is_there(copy()));
  EXPECT_THAT(drafts(), IsEmpty());
}

TEST_F(BackupTest, LeavesWhatItDidNotMakeAlone) {
  fill();
  std::ofstream{copy() + ".part"} << "mine";
  ASSERT_TRUE(back_up_copy().has_value());
  store_.reset();
  std::ofstream{database() + ".part"} << "mine too";
  ASSERT_TRUE(restore_copy().has_value());
  EXPECT_THAT(drafts(), UnorderedElementsAre("copy.db.part", "kith.db.part"));
}

TEST_F(BackupTest, SeveralAtOnceToOneNameEachGiveItAWholeFile) {
  fill(5);
  std::vector<std::thread> at_once;
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    at_once.emplace_back([this, seed] {
      base::SeededRandom random{seed};
      for (int i = 0; i < 5; ++i) {
        const auto report =
            back_up({.database = database(), .to = copy(), .overwrite = true}, random);
        ASSERT_TRUE(report.has_value()) << report.error().text;
        EXPECT_THAT(report->findings.kept(), ElementsAre());
        EXPECT_EQ(report->events, 5U);
      }
    });
  for (auto& thread : at_once)
    thread.join();
  EXPECT_EQ(check_database(copy())->events, 5U);
  EXPECT_THAT(drafts(), IsEmpty());
}

}  // namespace

}  // namespace kith::adapters::sqlite
