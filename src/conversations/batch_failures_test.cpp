#include "base/limits.hpp"
#include "conversations/batch_fixture_test.hpp"

#include <set>

// Steps that fail: the batch is run again, or halved, and never half told.
namespace kith::conversations {
namespace {

using base::Errc;
using base::Fault;
using ports::Step;
using ports::StepFailed;

TEST_F(BatchTest, a_batch_that_may_succeed_is_run_again_with_the_same_result) {
  world_.make_group(group_, {"ann"});
  for (int round = 0; round < 3; ++round) {
    if (round == 0) fail<ports::LockStep>(3, true);
    if (round == 1) fail<ports::WriteStep>(3, true);
    if (round == 2) fail<ports::CommitStep>(3, true);
    Answered<SendResult> answer;
    submit(world_.send_entry(group_, "ann", "m" + std::to_string(round)), answer);
    settle();
    ASSERT_TRUE(answer.ok()) << round;
    EXPECT_EQ(answer.value->seq, static_cast<Seq>(round) + 1);
  }
}

TEST_F(BatchTest, a_database_that_never_agrees_ends_in_a_refusal_of_all) {
  world_.make_group(group_, {"ann"});
  fail<ports::CommitStep>(1'000'000, true);
  std::vector<Answered<SendResult>> answers(8);
  std::size_t steps = 0;
  for (std::size_t i = 0; i < answers.size(); ++i)
    submit(world_.send_entry(group_, "ann", "m" + std::to_string(i)), answers[i]);
  while (world_.store.step_lane())
    ASSERT_LT(++steps, 1'000U);
  settle();
  for (const auto& answer : answers)
    EXPECT_TRUE(answer.refused(Errc::unavailable));
  world_.store.fail_step = nullptr;
  Answered<SendResult> later;
  submit(world_.send_entry(group_, "ann", "m0"), later);
  settle();
  EXPECT_EQ(later.value->seq, 1U);
}

TEST_F(BatchTest, the_one_entry_that_the_database_refuses_is_found_and_the_others_pass) {
  world_.make_group(group_, {"ann"});
  world_.store.fail_step = [](const Step& step) -> std::optional<StepFailed> {
    const auto* write = std::get_if<ports::WriteStep>(&step);
    if (write == nullptr) return std::nullopt;
    for (const auto& event : write->events)
      if (event.event.client_id == ClientId{"m5"})
        return StepFailed{false, Fault{Errc::internal, "this row is cursed"}};
    return std::nullopt;
  };
  std::vector<Answered<SendResult>> answers(11);
  for (std::size_t i = 0; i < answers.size(); ++i)
    submit(world_.send_entry(group_, "ann", "m" + std::to_string(i)), answers[i]);
  settle();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (i == 5) {
      EXPECT_TRUE(answers[i].refused(Errc::internal));
    } else {
      EXPECT_EQ(answers[i].value->seq, i < 5 ? i + 1 : i);
    }
  }
  EXPECT_EQ(world_.head(group_), 10U);
}

TEST_F(BatchTest, a_failure_that_was_rolled_back_is_told_to_nobody) {
  world_.make_group(group_, {"ann"});
  heard_.heard.clear();
  fail<ports::CommitStep>(1, true);
  Answered<SendResult> answer;
  submit(world_.send_entry(group_, "ann", "m1"), answer);
  settle();
  EXPECT_EQ(answer.times, 1);
  EXPECT_EQ(heard_.heard.size(), 1U);
}

TEST_F(BatchTest, a_batch_of_duplicates_and_refusals_writes_nothing) {
  world_.make_group(group_, {"ann"});
  world_.submit(world_.send_entry(group_, "ann", "m1"));
  settle();
  bool wrote = false;
  world_.store.fail_step = [&](const Step& step) -> std::optional<StepFailed> {
    wrote = wrote || std::holds_alternative<ports::WriteStep>(step);
    return std::nullopt;
  };
  Answered<SendResult> duplicate;
  Answered<SendResult> refused;
  submit(world_.send_entry(group_, "ann", "m1"), duplicate);
  submit(world_.send_entry(group_, "eve", "e1"), refused);
  settle();
  EXPECT_TRUE(duplicate.ok());
  EXPECT_TRUE(refused.refused(Errc::not_found));
  EXPECT_FALSE(wrote);
}

// Whatever fails on the way: the log has no hole, nothing is stored twice, who was told "stored" is
// stored there, and who was refused is not stored at all.
TEST_F(BatchTest, keeps_the_log_gapless_under_random_failures) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    base::SeededRandom random{seed};
    const auto key = World::group(static_cast<std::uint8_t>(seed));
    world_.store.fail_step = nullptr;
    world_.make_group(key, {"ann", "bob"});
    world_.store.fail_step = [&](const Step& step) -> std::optional<StepFailed> {
      if (std::holds_alternative<ports::RollbackStep>(step) || random.next_u64() % 6 != 0)
        return std::nullopt;
      return StepFailed{random.next_u64() % 3 != 0, Fault{Errc::unavailable, "bad luck"}};
    };
    std::vector<Answered<SendResult>> answers(40);
    std::vector<std::string> ids;
    for (auto& answer : answers) {
      ids.push_back("m" + std::to_string(random.next_u64() % 25));
      submit(world_.send_entry(key, random.next_u64() % 2 == 0 ? "ann" : "bob", ids.back()),
             answer);
      if (random.next_u64() % 4 == 0) world_.store.step_lane(1 + random.next_u64() % 9);
      if (random.next_u64() % 8 == 0)
        world_.submit(world_.add_entry(key, {"u" + std::to_string(random.next_u64() % 5)}));
      if (random.next_u64() % 8 == 0)
        world_.submit(world_.remove_entry(key, "u" + std::to_string(random.next_u64() % 5)));
    }
    settle();
    const auto* row = world_.row(key);
    Seq expected = 0;
    No no = 0;
    std::set<std::pair<UserId, ClientId>> seen;
    for (const auto& [seq, event] : row->log) {
      ASSERT_EQ(seq, ++expected) << "seed " << seed;
      if (event->kind == domain::EventKind::message) {
        ++no;
        ASSERT_TRUE(seen.emplace(event->actor, event->client_id).second) << "seed " << seed;
      }
      ASSERT_EQ(event->no, no) << "seed " << seed;
    }
    std::size_t active = 0;
    for (const auto& [name, member] : row->members)
      active += member.active() ? 1 : 0;
    ASSERT_EQ(row->conversation.members, active) << "seed " << seed;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      ASSERT_EQ(answers[i].times, 1) << "seed " << seed;
      if (answers[i].value) {
        ASSERT_EQ(row->log.at(answers[i].value->seq)->client_id.str(), ids[i]) << "seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace kith::conversations
