#include "adapters/sqlite/writer.hpp"

#include "adapters/sqlite/check.hpp"
#include "adapters/sqlite/fault_vfs_test.hpp"
#include "adapters/sqlite/scratch_test.hpp"
#include "base/limits.hpp"
#include "ports/store_fixture_test.hpp"

namespace kith::adapters::sqlite {

namespace {

using namespace ports;
using ports::contract::group;
using ports::contract::key;
using ports::contract::member;
using ports::contract::message;

class CountingLogger final : public base::Logger {
 public:
  void log(base::LogLevel, std::string_view event, std::initializer_list<base::LogField>) override {
    events.emplace_back(event);
  }

  std::vector<std::string> events;
};

// The writer alone, on the test's thread, with a disk that can fail.
class WriterTest : public ::testing::Test {
 protected:
  FaultyDisk disk_;
  ScratchFolder folder_;
  Surroundings world_;
  CountingLogger logger_;
  Tails tails_{TailLimits{}};
  std::unique_ptr<Writer> writer_;

  void SetUp() override {
    ASSERT_TRUE(open_sqlite(world_.options(folder_.file())).has_value());
    writer_ = Writer::open(folder_.file(), tails_, logger_).value();
    WriteStep step;
    step.conversations = {{key(1), group(1)}};
    step.events = {{key(1), message(1, 1, "ann", "m1")}};
    step.members = {{key(1), member("ann")}};
    ASSERT_TRUE(committed(step));
  }

  StepResult write(const WriteStep& step) {
    EXPECT_TRUE(std::holds_alternative<Locked>(writer_->execute(LockStep{{key(1)}})));
    return writer_->execute(step);
  }

  bool committed(const WriteStep& step) {
    return std::holds_alternative<Written>(write(step)) &&
           std::holds_alternative<Committed>(writer_->execute(CommitStep{}));
  }

  Seq last_seq() {
    const auto result = writer_->execute(LockStep{{key(1)}});
    const Seq seq = std::get<Locked>(result).found.at(0)->last_seq;
    writer_->execute(RollbackStep{});
    return seq;
  }

  // More than stays in memory while nobody writes, in several conversations; the last of the first.
  Seq write_much() {
    constexpr Seq last = 29;
    for (int n = 1; n < 9; ++n) {
      WriteStep step;
      if (n > 1) step.conversations = {{key(n), group(n)}};
      for (Seq seq = n > 1 ? 1 : 2; seq <= last; ++seq) {
        step.events.push_back({key(n), message(seq, seq, "ann", "m" + std::to_string(seq))});
        step.events.back().event.body.assign(2'000, 'x');
      }
      EXPECT_TRUE(std::holds_alternative<Locked>(writer_->execute(LockStep{{key(n)}})));
      EXPECT_TRUE(std::holds_alternative<Written>(writer_->execute(step)));
      EXPECT_TRUE(std::holds_alternative<Committed>(writer_->execute(CommitStep{})));
    }
    EXPECT_GT(tails_.held_bytes(), base::limits::tails_quiet_bytes_max);
    return last;
  }

  static WriteStep second() {
    WriteStep step;
    step.events = {{key(1), message(2, 2, "bob", "m2")}};
    return step;
  }
};

TEST_F(WriterTest, a_full_disk_refuses_the_batch_and_the_next_one_passes) {
  ASSERT_TRUE(std::holds_alternative<Written>(write(second())));
  disk_.write_code = SQLITE_FULL;
  const auto result = writer_->execute(CommitStep{});
  const auto* failure = std::get_if<StepFailed>(&result);
  ASSERT_NE(failure, nullptr);
  EXPECT_FALSE(failure->again);
  EXPECT_EQ(failure->fault.code, base::Errc::unavailable);
  EXPECT_TRUE(std::holds_alternative<RolledBack>(writer_->execute(RollbackStep{})));
  disk_.write_code = SQLITE_OK;
  EXPECT_EQ(last_seq(), 1U);
  EXPECT_TRUE(committed(second()));
  EXPECT_EQ(last_seq(), 2U);
}

TEST_F(WriterTest, an_io_error_before_commit_refuses_the_batch) {
  writer_->tidy();  // nothing is remembered: it has to read
  disk_.read_code = SQLITE_IOERR_READ;
  const auto result = writer_->execute(LockStep{{key(1)}});
  const auto* failure = std::get_if<StepFailed>(&result);
  ASSERT_NE(failure, nullptr);
  EXPECT_EQ(failure->fault.code, base::Errc::unavailable);
  EXPECT_TRUE(std::holds_alternative<RolledBack>(writer_->execute(RollbackStep{})));
  disk_.read_code = SQLITE_OK;
  EXPECT_TRUE(committed(second()));
  EXPECT_EQ(last_seq(), 2U);
}

TEST_F(WriterTest, a_batch_larger_than_the_cache_is_not_written_before_its_commit) {
  WriteStep large;
  for (Seq seq = 2; seq < 1'500; ++seq) {
    large.events.push_back({key(1), message(seq, seq, "ann", "m" + std::to_string(seq))});
    large.events.back().event.body.assign(16'000, 'x');
  }
  const int before = disk_.writes;
  ASSERT_TRUE(std::holds_alternative<Written>(write(large)));
  EXPECT_EQ(disk_.writes, before);
  EXPECT_TRUE(std::holds_alternative<RolledBack>(writer_->execute(RollbackStep{})));
  EXPECT_EQ(last_seq(), 1U);
  EXPECT_TRUE(committed(second()));
  EXPECT_EQ(last_seq(), 2U);
}

TEST_F(WriterTest, a_sync_that_fails_at_commit_ends_the_process) {
  ASSERT_TRUE(std::holds_alternative<Written>(write(second())));
  EXPECT_EXIT(
      {
        disk_.sync_code = SQLITE_IOERR_FSYNC;
        writer_->execute(CommitStep{});
      },
      ::testing::ExitedWithCode(74),
      "");
  writer_->execute(RollbackStep{});
}

TEST_F(WriterTest, a_write_that_fails_at_commit_ends_the_process) {
  ASSERT_TRUE(std::holds_alternative<Written>(write(second())));
  EXPECT_EXIT(
      {
        disk_.write_code = SQLITE_IOERR_WRITE;
        writer_->execute(CommitStep{});
      },
      ::testing::ExitedWithCode(74),
      "");
  writer_->execute(RollbackStep{});
}

TEST_F(WriterTest, a_database_locked_by_another_is_asked_again) {
  auto other = Connection::open(folder_.file(), Access::write).value();
  ASSERT_TRUE(other.run_script("BEGIN IMMEDIATE").has_value());
  const auto result = writer_->execute(LockStep{{key(1)}});
  ASSERT_TRUE(std::holds_alternative<StepFailed>(result));
  EXPECT_TRUE(std::get<StepFailed>(result).again);
  EXPECT_TRUE(std::holds_alternative<RolledBack>(writer_->execute(RollbackStep{})));
  ASSERT_TRUE(other.run_script("COMMIT").has_value());
  EXPECT_TRUE(committed(second()));
}

TEST_F(WriterTest, a_broken_rule_is_not_logged_for_anybody_can_cause_it) {
  WriteStep again;
  again.conversations = {{key(1), group(1)}};
  const auto result = write(again);
  EXPECT_EQ(std::get<StepFailed>(result).fault.code, base::Errc::conflict);
  writer_->execute(RollbackStep{});
  EXPECT_TRUE(logger_.events.empty());
}

TEST_F(WriterTest, while_nobody_writes_events_leave_memory_and_stay_what_they_were) {
  const Seq last = write_much();
  while (writer_->tidy()) {
  }
  EXPECT_LE(tails_.held_bytes(), base::limits::tails_quiet_bytes_max);
  EXPECT_EQ(last_seq(), last);
  WriteStep next;
  next.events = {{key(1), message(last + 1, last + 1, "ann", "next")}};
  EXPECT_TRUE(committed(next));
  EXPECT_EQ(last_seq(), last + 1);
}

TEST_F(WriterTest, what_comes_now_and_then_lies_together_after_it_tidied_up) {
  constexpr int conversations = 150;
  constexpr Seq rounds = 8;
  for (int n = 2; n <= conversations; ++n) {
    WriteStep step;
    step.conversations = {{key(n), group(n)}};
    ASSERT_TRUE(committed(step));
  }
  for (Seq seq = 1; seq <= rounds; ++seq) {
    WriteStep step;
    for (int n = 2; n <= conversations; ++n) {
      step.events.push_back({key(n), message(seq, seq, "ann", "m" + std::to_string(seq))});
      step.events.back().event.body.assign(500, 'x');
    }
    ASSERT_TRUE(committed(step));
    while (writer_->tidy()) {
    }
  }
  auto connection = Connection::open(folder_.file(), Access::read_only).value();
  auto statement = connection
                       .prepare(
                           "SELECT max(runs), sum(events) FROM (SELECT count(*) AS runs,"
                           " sum(events) AS events FROM run GROUP BY id >> 32)")
                       .value();
  Query row = statement.run();
  ASSERT_TRUE(row.next().value());
  EXPECT_EQ(row.integer(0), 1);
  EXPECT_GT(row.integer(1), 1'000);
  const auto report = check_database(folder_.file());
  ASSERT_TRUE(report.has_value());
  for (const std::string& finding : report->findings.kept()) {  // of the applications, say
    EXPECT_EQ(finding.find("run"), std::string::npos) << finding;
    EXPECT_EQ(finding.find("after event"), std::string::npos) << finding;
  }
  EXPECT_EQ(report->events, 1 + (conversations - 1) * rounds);
}

TEST_F(WriterTest, a_disk_that_is_full_while_it_tidies_up_costs_nothing) {
  const Seq last = write_much();
  disk_.write_code = SQLITE_FULL;
  EXPECT_FALSE(writer_->tidy());
  EXPECT_FALSE(writer_->in_transaction());
  disk_.write_code = SQLITE_OK;
  EXPECT_EQ(last_seq(), last);
  EXPECT_TRUE(writer_->tidy());
  EXPECT_EQ(last_seq(), last);
}

TEST_F(WriterTest, a_user_added_by_a_batch_that_was_rolled_back_is_added_again) {
  WriteStep step;
  step.members = {{key(1), member("zoe")}};
  ASSERT_TRUE(std::holds_alternative<Written>(write(step)));
  writer_->execute(RollbackStep{});
  ASSERT_TRUE(committed(step));
  const auto found = writer_->execute(LockStep{});
  ASSERT_TRUE(std::holds_alternative<Locked>(found));
  const auto members = writer_->execute(MembersStep{{{key(1), base::UserId{"zoe"}}}});
  EXPECT_TRUE(std::get<MembersFound>(members).found.at(0).has_value());
  writer_->execute(CommitStep{});
}

}  // namespace

}  // namespace kith::adapters::sqlite
