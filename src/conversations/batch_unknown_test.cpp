#include "conversations/world_test.hpp"

#include <gtest/gtest.h>

// Commits whose outcome the database does not tell.
namespace kith::conversations {
namespace {

using base::Errc;
using ports::CommitFate;

class BatchUnknownTest : public ::testing::Test {
 protected:
  BatchUnknownTest() {
    world_.start({&heard_});
    world_.make_group(group_, {"ann", "bob"});
  }

  // Only the next one.
  void next_commit(CommitFate fate) {
    world_.store.commit_fate = [this, fate] {
      world_.store.commit_fate = nullptr;
      return fate;
    };
  }

  std::unique_ptr<SendEntry> send(std::string_view id, bool server_made_key = false) {
    auto entry = world_.send_entry(group_, "ann", id);
    entry->server_made_key = server_made_key;
    entry->done = sent_.into();
    return entry;
  }

  Listening heard_;
  World world_;
  Answered<SendResult> sent_;
  const ConversationKey group_ = World::group(1);
};

TEST_F(BatchUnknownTest, one_that_stands_is_answered_as_it_was_decided) {
  next_commit(CommitFate::lost_committed);
  world_.submit(send("m1"));
  world_.settle();
  ASSERT_TRUE(sent_.ok());
  EXPECT_EQ(sent_.value->seq, 1U);
  EXPECT_FALSE(sent_.value->duplicate);
  EXPECT_EQ(world_.texts(group_), std::vector<std::string>{"m1"});
  EXPECT_EQ(heard_.heard.back().event.seq, 1U);
}

TEST_F(BatchUnknownTest, one_that_does_not_is_made_again) {
  next_commit(CommitFate::lost_rolled_back);
  world_.submit(send("m1"));
  world_.settle();
  ASSERT_TRUE(sent_.ok());
  EXPECT_EQ(world_.texts(group_), std::vector<std::string>{"m1"});
}

TEST_F(BatchUnknownTest, a_message_whose_key_the_server_made_is_not_stored_twice) {
  next_commit(CommitFate::lost_committed);
  world_.submit(send("m1", true));
  world_.settle();
  ASSERT_TRUE(sent_.ok());
  EXPECT_EQ(world_.head(group_), 1U);
}

TEST_F(BatchUnknownTest, nobody_is_told_anything_while_it_is_open) {
  for (const bool stands : {true, false}) {
    Answered<SendResult> answered;
    auto entry = send(stands ? "m1" : "m2");
    entry->done = answered.into();
    next_commit(CommitFate::lost_open);
    world_.submit(std::move(entry));
    world_.settle();
    EXPECT_EQ(answered.times, 0);
    const auto open = world_.store.database().open_transactions();
    const auto doubtful = std::find_if(
        open.begin(), open.end(), [](const auto& transaction) { return transaction.in_doubt; });
    ASSERT_NE(doubtful, open.end());
    world_.store.database().resolve(doubtful->id, stands);
    world_.settle();
    ASSERT_TRUE(answered.ok());
  }
  EXPECT_EQ(world_.texts(group_), (std::vector<std::string>{"m1", "m2"}));
}

TEST_F(BatchUnknownTest, changes_of_members_are_answered_as_if_nothing_had_happened) {
  Answered<ChangeResult> removed;
  auto remove = world_.remove_entry(group_, "bob");
  remove->done = removed.into();
  next_commit(CommitFate::lost_committed);
  world_.submit(std::move(remove));
  world_.settle();
  EXPECT_TRUE(removed.ok());
  Answered<AddResult> added;
  auto add = world_.add_entry(group_, {"bob", "cid"});
  add->done = added.into();
  next_commit(CommitFate::lost_committed);
  world_.submit(std::move(add));
  world_.settle();
  ASSERT_TRUE(added.ok());
  EXPECT_EQ(added.value->added.size(), 2U);
}

TEST_F(BatchUnknownTest, one_that_is_known_to_stand_stays_so_if_the_connection_breaks_then) {
  auto entry = send("m1", true);
  entry->access_rev = 1;
  std::vector<std::unique_ptr<ports::LaneEntry>> entries;
  entries.push_back(std::move(entry));
  Batch batch{world_.context, std::move(entries)};
  const ports::Locked locked{{domain::Conversation{.cid = group_.cid, .access_rev = 1}}};
  const ports::StepFailed lost{true, {Errc::unavailable, "no connection"}, true};
  batch.first();
  ASSERT_TRUE(std::holds_alternative<ports::WriteStep>(batch.next(locked)));
  ASSERT_TRUE(std::holds_alternative<ports::CommitStep>(batch.next(ports::Written{})));
  ASSERT_TRUE(std::holds_alternative<ports::RollbackStep>(batch.next(lost)));
  ASSERT_TRUE(std::holds_alternative<ports::LockStep>(batch.next(ports::RolledBack{})));
  ASSERT_TRUE(std::holds_alternative<ports::RecallStep>(batch.next(locked)));
  ASSERT_TRUE(std::holds_alternative<ports::RollbackStep>(batch.next(ports::Recalled{true})));
  const ports::StepFailed broken{true, {Errc::unavailable, "no connection"}};
  EXPECT_TRUE(std::holds_alternative<ports::Finished>(batch.next(broken)));
  world_.run_reactors();
  ASSERT_TRUE(sent_.ok());
  EXPECT_EQ(sent_.value->seq, 1U);
}

TEST_F(BatchUnknownTest, it_is_asked_until_it_is_known_however_often_the_database_fails) {
  int failures = 200;
  next_commit(CommitFate::lost_committed);
  world_.store.fail_step = [&](const ports::Step& step) -> std::optional<ports::StepFailed> {
    if (!std::holds_alternative<ports::RecallStep>(step) || --failures < 0) return std::nullopt;
    return ports::StepFailed{failures % 2 == 0, {Errc::unavailable, "no connection"}};
  };
  world_.submit(send("m1"));
  world_.settle();
  ASSERT_TRUE(sent_.ok());
  EXPECT_EQ(world_.head(group_), 1U);
}

}  // namespace
}  // namespace kith::conversations
