#include "conversations/home.hpp"
#include "conversations/world_test.hpp"

#include <gtest/gtest.h>

// Sends that the database does not answer in time.
namespace kith::conversations {
namespace {

using base::Errc;
using std::chrono::milliseconds;
using std::chrono::seconds;

class HomePendingTest : public ::testing::Test {
 protected:
  HomePendingTest() {
    world_.start({&heard_}, {10, 10'000});
    world_.make_group(group_, {"ann", "bob"});
    send("ann", "m0");
    world_.settle();
    heard_.heard.clear();
  }

  struct How {
    std::optional<base::Duration> show_within = milliseconds{5};
    bool server_made_key = false;
  };

  void send(std::string_view sender, std::string id) { send(sender, std::move(id), How{}); }

  void send(std::string_view sender,
            std::string id,
            How how,
            Answered<SendResult>* answered = nullptr) {
    SendRequest made;
    made.key = group_;
    made.sender = user(sender);
    made.client_id = ClientId{std::move(id)};
    made.body = body("hi");
    made.show_within = how.show_within;
    made.server_made_key = how.server_made_key;
    if (answered != nullptr) made.done = answered->into();
    world_.home[0]->send(std::move(made));
  }

  void send_direct(std::string id, Answered<SendResult>* answered = nullptr) {
    SendRequest made;
    made.key = world_.direct("ann", "cid");
    made.sender = user("ann");
    made.client_id = ClientId{std::move(id)};
    made.body = body("hi");
    made.direct = std::pair{user("ann"), user("cid")};
    made.show_within = milliseconds{5};
    if (answered != nullptr) made.done = answered->into();
    world_.home[0]->send(std::move(made));
  }

  // Reads are answered, the lane stands still.
  void pass_without_lane(base::Duration time) {
    world_.pass(time);
    answer_reads();
    world_.pass(milliseconds{0});
  }

  void answer_reads() {
    for (; world_.store.reads_waiting() > 0; world_.store.answer()) {
      world_.store.look();
    }
    world_.run_reactors();
  }

  void fill_disk() {
    world_.store.fail_step = [](const ports::Step& step) -> std::optional<ports::StepFailed> {
      if (!std::holds_alternative<ports::WriteStep>(step)) return std::nullopt;
      return ports::StepFailed{false, {Errc::quota_exceeded, "the disk is full"}};
    };
  }

  ConversationKey group_ = World::group(1);
  Listening heard_;
  World world_;
};

TEST_F(HomePendingTest, a_send_that_is_not_stored_in_time_is_shown_once_with_what_it_will_follow) {
  send("ann", "m1");
  pass_without_lane(milliseconds{4});
  EXPECT_TRUE(heard_.shown.empty());
  pass_without_lane(milliseconds{1});
  pass_without_lane(milliseconds{500});
  ASSERT_EQ(heard_.shown.size(), 1U);
  const auto& early = heard_.shown[0];
  EXPECT_EQ(early.client_id.str(), "m1");
  EXPECT_EQ(early.body, body("hi"));
  EXPECT_EQ(early.after, 1U);
  EXPECT_TRUE(early.here);
  world_.settle();
  ASSERT_EQ(heard_.heard.size(), 1U);
  EXPECT_TRUE(heard_.retracted.empty());
}

TEST_F(HomePendingTest, a_send_that_is_stored_in_time_is_not_shown_before) {
  send("ann", "m1");
  world_.settle();
  world_.pass(seconds{1});
  world_.settle();
  EXPECT_TRUE(heard_.shown.empty());
}

TEST_F(HomePendingTest, an_application_may_wait_for_the_commit_never_or_always) {
  send("ann", "m1", {.show_within = milliseconds{0}});
  send("ann", "m2", {.show_within = std::nullopt});
  pass_without_lane(milliseconds{0});
  ASSERT_EQ(heard_.shown.size(), 1U);
  EXPECT_EQ(heard_.shown[0].client_id.str(), "m1");
  pass_without_lane(seconds{5});
  EXPECT_EQ(heard_.shown.size(), 1U);
}

TEST_F(HomePendingTest, what_is_shown_names_the_one_before_it_that_is_on_its_way_too) {
  send("ann", "m1", {.server_made_key = true});
  send("bob", "m2", {.server_made_key = true});
  pass_without_lane(milliseconds{5});
  ASSERT_EQ(heard_.shown.size(), 2U);
  EXPECT_FALSE(heard_.shown[0].ahead.has_value());
  EXPECT_EQ(heard_.shown[1].ahead, (Attempt{heard_.shown[0].id, heard_.shown[0].number}));
}

// A message that was tried at another node is shown again here: what follows there does not follow
// here.
TEST_F(HomePendingTest, no_attempt_has_the_number_of_another_homes_attempt) {
  Listening there;
  World other{2};
  other.start({&there, &there}, {10, 10'000});
  other.make_group(group_, {"ann", "bob"});
  for (const auto& home : other.home) {
    SendRequest made;
    made.key = group_;
    made.sender = user("ann");
    made.client_id = ClientId{"m1"};
    made.server_made_key = true;
    made.show_within = milliseconds{0};
    home->send(std::move(made));
  }
  for (; other.store.reads_waiting() > 0; other.store.answer())
    other.store.look();
  other.run_reactors();
  ASSERT_EQ(there.shown.size(), 2U);
  EXPECT_EQ(there.shown[0].id, there.shown[1].id);
  EXPECT_NE(there.shown[0].number, there.shown[1].number);
}

TEST_F(HomePendingTest, what_may_be_shown_waits_for_the_one_before_it_that_may_not) {
  send("ann", "m1", {.show_within = std::nullopt});
  send("ann", "m2");
  pass_without_lane(seconds{5});
  EXPECT_TRUE(heard_.shown.empty());
  world_.settle();
  send("ann", "m3");
  pass_without_lane(milliseconds{5});
  EXPECT_EQ(heard_.shown.size(), 1U);
}

// The first messages of a conversation are sent before there is anything in memory.
TEST_F(HomePendingTest, nothing_is_shown_before_those_sent_while_the_conversation_was_not_there) {
  Answered<SendResult> first;
  send_direct("d1", &first);
  answer_reads();
  ASSERT_TRUE(world_.store.step_lane());  // the transaction that makes it has begun
  send_direct("d2");
  answer_reads();
  while (!first.ok() && world_.store.step_lane())
    world_.run_reactors();
  ASSERT_TRUE(first.ok());
  send_direct("d3");
  answer_reads();  // it is there now, and the second is not stored
  pass_without_lane(milliseconds{5});
  pass_without_lane(seconds{1});
  EXPECT_TRUE(heard_.shown.empty());
  world_.settle();
  send_direct("d4");
  pass_without_lane(milliseconds{5});
  EXPECT_EQ(heard_.shown.size(), 1U);
}

TEST_F(HomePendingTest, a_retry_of_what_is_stored_is_not_shown_again_but_taught) {
  send("ann", "m0");
  pass_without_lane(seconds{1});
  EXPECT_TRUE(heard_.shown.empty());
  world_.settle();
  EXPECT_EQ(heard_.learned, std::vector<Seq>{1});
}

TEST_F(HomePendingTest, only_ids_that_a_client_made_are_looked_for) {
  send("ann", "m1", {.server_made_key = true});
  world_.pass(milliseconds{5});
  EXPECT_EQ(world_.store.reads_waiting(), 0U);
  EXPECT_EQ(heard_.shown.size(), 1U);
}

TEST_F(HomePendingTest, what_memory_knows_to_be_new_is_shown_without_a_look) {
  world_.store.knows_unsent = [] { return true; };
  send("ann", "m1");
  world_.pass(milliseconds{5});
  EXPECT_EQ(world_.store.reads_waiting(), 0U);
  EXPECT_EQ(heard_.shown.size(), 1U);
}

TEST_F(HomePendingTest,
       what_was_new_when_it_came_is_shown_without_a_look_though_a_transaction_has_it) {
  bool known = true;
  world_.store.knows_unsent = [&] { return known; };
  send("ann", "m1");
  ASSERT_TRUE(world_.store.step_lane());
  known = false;
  world_.pass(milliseconds{5});
  EXPECT_EQ(world_.store.reads_waiting(), 0U);
  EXPECT_EQ(heard_.shown.size(), 1U);
}

TEST_F(HomePendingTest, who_never_waits_shows_at_once_what_is_new) {
  world_.store.knows_unsent = [] { return true; };
  send("ann", "m1", {.show_within = milliseconds{0}});
  send("bob", "m2", {.show_within = milliseconds{0}});
  ASSERT_EQ(heard_.shown.size(), 2U);
  EXPECT_EQ(heard_.shown[1].ahead, (Attempt{heard_.shown[0].id, heard_.shown[0].number}));
  world_.settle();
  EXPECT_EQ(heard_.heard.size(), 2U);
  EXPECT_TRUE(heard_.retracted.empty());
}

TEST_F(HomePendingTest, what_is_new_waits_for_the_one_before_it_that_is_looked_for) {
  bool known = false;
  world_.store.knows_unsent = [&] { return known; };
  send("ann", "m1", {.show_within = milliseconds{0}});
  known = true;
  send("ann", "m2", {.show_within = milliseconds{0}});
  EXPECT_TRUE(heard_.shown.empty());
  answer_reads();
  ASSERT_EQ(heard_.shown.size(), 2U);
  EXPECT_EQ(heard_.shown[0].client_id.str(), "m1");
}

TEST_F(HomePendingTest, a_retry_that_memory_does_not_know_to_be_new_is_looked_for) {
  world_.store.knows_unsent = [] { return true; };
  send("ann", "m0", {.show_within = milliseconds{0}});
  EXPECT_EQ(world_.store.reads_waiting(), 1U);
  pass_without_lane(seconds{1});
  EXPECT_TRUE(heard_.shown.empty());
}

TEST_F(HomePendingTest, while_nobody_can_say_whether_it_is_stored_it_is_not_shown) {
  world_.store.fail_read = [] {
    return std::optional<base::Fault>{base::Fault{Errc::unavailable, "later"}};
  };
  send("ann", "m1");
  pass_without_lane(seconds{1});
  EXPECT_TRUE(heard_.shown.empty());
}

TEST_F(HomePendingTest, nothing_is_shown_before_an_older_one_of_its_conversation) {
  int reads = 0;
  world_.store.fail_read = [&]() -> std::optional<base::Fault> {
    if (++reads > 1) return std::nullopt;
    return base::Fault{Errc::unavailable, "later"};
  };
  send("ann", "m1");
  send("ann", "m2");
  pass_without_lane(milliseconds{5});
  send("bob", "m3", {.server_made_key = true});
  pass_without_lane(milliseconds{5});
  EXPECT_TRUE(heard_.shown.empty());
  world_.settle();
  send("ann", "m4");
  pass_without_lane(milliseconds{5});
  EXPECT_EQ(heard_.shown.size(), 1U);
}

TEST_F(HomePendingTest, what_early_delivery_may_cost_is_bounded) {
  const auto cost = 2 + base::limits::early_message_cost;
  const auto most = base::limits::early_deliveries_per_s / cost;
  for (std::size_t i = 0; i < most + 100; ++i)
    send("ann", "n" + std::to_string(i), {.server_made_key = true});
  pass_without_lane(milliseconds{5});
  EXPECT_EQ(heard_.shown.size(), most);
  world_.settle();
  EXPECT_EQ(heard_.heard.size(), most + 100);
}

TEST_F(HomePendingTest, who_may_not_send_is_shown_to_nobody) {
  send("stranger", "s1", {.show_within = milliseconds{0}, .server_made_key = true});
  pass_without_lane(seconds{1});
  EXPECT_TRUE(heard_.shown.empty());
}

TEST_F(HomePendingTest,
       a_second_attempt_that_fails_retracts_nothing_while_the_first_is_on_its_way) {
  Answered<SendResult> first;
  Answered<SendResult> second;
  send("ann", "m1", {}, &first);
  ASSERT_TRUE(world_.store.step_lane());  // a transaction has it
  pass_without_lane(seconds{1});
  send("ann", "m1", {}, &second);
  pass_without_lane(milliseconds{5});
  pass_without_lane(seconds{12});
  EXPECT_TRUE(second.refused(Errc::unavailable));
  EXPECT_TRUE(heard_.retracted.empty());
  world_.settle();
  EXPECT_TRUE(first.ok());
  EXPECT_TRUE(heard_.retracted.empty());
}

TEST_F(HomePendingTest, what_was_shown_is_retracted_when_the_second_attempt_fails_too) {
  send("ann", "m1");
  pass_without_lane(milliseconds{5});
  ASSERT_EQ(heard_.shown.size(), 1U);
  fill_disk();
  Answered<SendResult> first;
  send("ann", "m2", {.server_made_key = true}, &first);
  ASSERT_TRUE(world_.store.step_lane());  // a transaction has these two
  send("ann", "m1");
  while (!first.refused(Errc::quota_exceeded) && world_.store.step_lane())
    world_.run_reactors();
  EXPECT_TRUE(heard_.retracted.empty());
  world_.pass(milliseconds{5});  // its own turn to be shown comes only now
  world_.settle();
  EXPECT_EQ(heard_.retracted, std::vector<MessageId>{heard_.shown[0].id});
}

TEST_F(HomePendingTest, a_look_that_does_not_come_back_holds_up_its_own_conversation_alone) {
  const auto other = World::group(2);
  world_.make_group(other, {"ann", "bob"});
  send("ann", "m1");
  world_.pass(milliseconds{5});  // the look begins, and nobody answers it
  ASSERT_EQ(world_.store.reads_waiting(), 1U);
  send("bob", "m2", {.server_made_key = true});
  SendRequest made{.key = other, .sender = user("ann"), .client_id = ClientId{"o1"}};
  made.server_made_key = true;
  made.body = body("hi");
  made.show_within = milliseconds{5};
  world_.home[0]->send(std::move(made));
  world_.store.look(1);  // its conversation is loaded
  world_.store.answer(0);
  world_.run_reactors();
  world_.pass(milliseconds{5});
  ASSERT_EQ(heard_.shown.size(), 1U);
  EXPECT_EQ(heard_.shown[0].key, other);
  answer_reads();
  EXPECT_EQ(heard_.shown.size(), 3U);
}

TEST_F(HomePendingTest, what_was_shown_and_is_refused_is_retracted) {
  send("ann", "m1");
  pass_without_lane(milliseconds{5});
  ASSERT_EQ(heard_.shown.size(), 1U);
  fill_disk();
  world_.settle();
  EXPECT_EQ(heard_.retracted, std::vector<MessageId>{heard_.shown[0].id});
}

TEST_F(HomePendingTest, what_was_not_shown_is_refused_and_nothing_else) {
  Answered<SendResult> answered;
  fill_disk();
  send("ann", "m1", {}, &answered);
  world_.settle();
  EXPECT_TRUE(answered.refused(Errc::quota_exceeded));
  EXPECT_TRUE(heard_.retracted.empty());
}

TEST_F(HomePendingTest, what_no_transaction_took_within_ten_seconds_is_refused_and_retracted) {
  Answered<SendResult> answered;
  send("ann", "m1", {}, &answered);
  pass_without_lane(milliseconds{9'900});
  EXPECT_EQ(answered.times, 0);
  pass_without_lane(seconds{2});
  EXPECT_TRUE(answered.refused(Errc::unavailable));
  EXPECT_EQ(heard_.retracted.size(), 1U);
  EXPECT_EQ(world_.store.entries_waiting(), 0U);
  world_.settle();
  EXPECT_EQ(world_.head(group_), 1U);
}

TEST_F(HomePendingTest, what_a_transaction_has_waits_for_its_end_and_new_sends_are_refused) {
  Answered<SendResult> first;
  Answered<SendResult> second;
  send("ann", "m1", {}, &first);
  ASSERT_TRUE(world_.store.step_lane());  // begun, and then nothing moves
  pass_without_lane(seconds{12});
  EXPECT_EQ(first.times, 0);
  EXPECT_TRUE(heard_.retracted.empty());
  send("bob", "m2", {}, &second);
  EXPECT_TRUE(second.refused(Errc::unavailable));
  world_.settle();
  EXPECT_TRUE(first.ok());
  Answered<SendResult> third;
  send("bob", "m2", {}, &third);
  world_.settle();
  EXPECT_TRUE(third.ok());
}

TEST_F(HomePendingTest, other_writes_that_no_transaction_took_are_refused_in_time_as_well) {
  auto entry = world_.add_entry(group_, {"cid"});
  Answered<AddResult> answered;
  entry->done = answered.into();
  world_.submit(std::move(entry));
  pass_without_lane(seconds{12});
  EXPECT_TRUE(answered.refused(Errc::unavailable));
}

TEST_F(HomePendingTest, sends_whose_conversation_can_not_be_loaded_are_refused_in_time) {
  const auto other = World::group(2);
  world_.make_group(other, {"ann"});
  Answered<SendResult> answered;
  SendRequest made{.key = other, .sender = user("ann"), .client_id = ClientId{"o1"}};
  made.body = body("hi");
  made.done = answered.into();
  world_.home[0]->send(std::move(made));
  world_.pass(seconds{12});
  EXPECT_TRUE(answered.refused(Errc::unavailable));
  Answered<SendResult> again;
  SendRequest next{.key = other, .sender = user("ann"), .client_id = ClientId{"o1"}};
  next.body = body("hi");
  next.done = again.into();
  world_.home[0]->send(std::move(next));
  EXPECT_EQ(world_.store.reads_waiting(), 1U);  // the load that is under way serves this one, too
  world_.settle();
  EXPECT_TRUE(again.ok());
}

TEST_F(HomePendingTest, nothing_wakes_a_home_that_has_nothing_on_its_way) {
  world_.pass(seconds{30});
  EXPECT_EQ(world_.reactors[0]->armed_timers(), 0U);
}

}  // namespace
}  // namespace kith::conversations
