#include "conversations/batch_fixture_test.hpp"

namespace kith::conversations {
namespace {

using base::Errc;

TEST_F(BatchTest, sends_of_one_batch_are_numbered_in_order_of_arrival) {
  world_.make_group(group_, {"ann", "bob"});
  std::vector<Answered<SendResult>> answers(6);
  for (std::size_t i = 0; i < answers.size(); ++i)
    submit(world_.send_entry(group_, i % 2 == 0 ? "ann" : "bob", "m" + std::to_string(i)),
           answers[i]);
  settle();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i].ok());
    EXPECT_EQ(answers[i].value->seq, i + 1);
    EXPECT_EQ(answers[i].value->no, i + 1);
    EXPECT_FALSE(answers[i].value->duplicate);
  }
  EXPECT_EQ(world_.texts(group_), (std::vector<std::string>{"m0", "m1", "m2", "m3", "m4", "m5"}));
}

TEST_F(BatchTest, a_client_id_twice_in_one_batch_is_stored_once_and_answered_twice) {
  world_.make_group(group_, {"ann"});
  Answered<SendResult> first;
  Answered<SendResult> again;
  Answered<SendResult> other;
  submit(world_.send_entry(group_, "ann", "m1"), first);
  submit(world_.send_entry(group_, "ann", "m1"), again);
  submit(world_.send_entry(group_, "ann", "m2"), other);
  settle();
  EXPECT_EQ(first.value->seq, 1U);
  EXPECT_TRUE(again.value->duplicate);
  EXPECT_EQ(again.value->seq, 1U);
  EXPECT_EQ(again.value->id, first.value->id);
  EXPECT_EQ(other.value->seq, 2U);
  EXPECT_EQ(world_.head(group_), 2U);
}

TEST_F(BatchTest, a_retry_in_a_later_batch_gets_the_first_answer_and_takes_no_number) {
  world_.make_group(group_, {"ann"});
  Answered<SendResult> first;
  submit(world_.send_entry(group_, "ann", "m1"), first);
  settle();
  world_.pass(std::chrono::seconds{5});
  Answered<SendResult> again;
  submit(world_.send_entry(group_, "ann", "m1"), again);
  settle();
  EXPECT_TRUE(again.value->duplicate);
  EXPECT_EQ(again.value->seq, 1U);
  EXPECT_EQ(again.value->ts, first.value->ts);
  EXPECT_EQ(world_.head(group_), 1U);
}

TEST_F(BatchTest, another_body_under_the_same_client_id_is_a_conflict) {
  world_.make_group(group_, {"ann"});
  Answered<SendResult> same_batch;
  world_.submit(world_.send_entry(group_, "ann", "m1", "one"));
  submit(world_.send_entry(group_, "ann", "m1", "two"), same_batch);
  settle();
  EXPECT_TRUE(same_batch.refused(Errc::conflict));
  Answered<SendResult> later;
  submit(world_.send_entry(group_, "ann", "m1", "three"), later);
  settle();
  EXPECT_TRUE(later.refused(Errc::conflict));
  EXPECT_EQ(world_.head(group_), 1U);
}

TEST_F(BatchTest, the_same_client_id_of_two_senders_names_two_messages) {
  world_.make_group(group_, {"ann", "bob"});
  Answered<SendResult> ann;
  Answered<SendResult> bob;
  submit(world_.send_entry(group_, "ann", "m1"), ann);
  submit(world_.send_entry(group_, "bob", "m1"), bob);
  settle();
  EXPECT_EQ(ann.value->seq, 1U);
  EXPECT_EQ(bob.value->seq, 2U);
  EXPECT_NE(ann.value->id, bob.value->id);
}

TEST_F(BatchTest, ids_made_by_the_server_are_never_taken_for_retries) {
  world_.make_group(group_, {"ann"});
  std::vector<Answered<SendResult>> answers(3);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    auto entry = world_.send_entry(group_, "ann", "s_same");
    entry->server_made_key = i < 2;
    submit(std::move(entry), answers[i]);
  }
  settle();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    EXPECT_FALSE(answers[i].value->duplicate);
    EXPECT_EQ(answers[i].value->seq, i + 1);
  }
}

TEST_F(BatchTest, a_direct_conversation_made_twice_in_one_batch_is_made_once) {
  std::vector<Answered<SendResult>> answers(3);
  submit(world_.direct_entry("ann", "bob", "a1"), answers[0]);
  submit(world_.direct_entry("bob", "ann", "b1"), answers[1]);
  submit(world_.direct_entry("ann", "bob", "a2"), answers[2]);
  settle();
  for (std::size_t i = 0; i < answers.size(); ++i)
    EXPECT_EQ(answers[i].value->seq, i + 1);
  const auto* row = world_.row(world_.direct("ann", "bob"));
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->conversation.kind, domain::Kind::direct);
  EXPECT_EQ(row->conversation.members, 2U);
  EXPECT_EQ(row->members.size(), 2U);
  EXPECT_EQ(world_.head(world_.own_log("ann")), 1U);
  EXPECT_EQ(world_.head(world_.own_log("bob")), 1U);
}

TEST_F(BatchTest, a_stranger_gets_nothing_through_a_direct_conversation_that_is_being_made) {
  Answered<SendResult> stranger;
  world_.submit(world_.direct_entry("ann", "bob", "a1"));
  submit(world_.send_entry(world_.direct("ann", "bob"), "eve", "e1"), stranger);
  settle();
  EXPECT_TRUE(stranger.refused(Errc::not_found));
  EXPECT_EQ(world_.head(world_.direct("ann", "bob")), 1U);
}

TEST_F(BatchTest, a_send_behind_a_removal_in_the_same_batch_is_refused) {
  world_.make_group(group_, {"ann", "bob"});
  Answered<SendResult> before;
  Answered<SendResult> after;
  auto early = world_.send_entry(group_, "bob", "b1");
  early->access_rev = 1;
  auto late = world_.send_entry(group_, "bob", "b2");
  late->access_rev = 1;  // decided from memory before the removal was known
  submit(std::move(early), before);
  world_.submit(world_.remove_entry(group_, "bob", "ann"));
  submit(std::move(late), after);
  Answered<SendResult> ann;
  submit(world_.send_entry(group_, "ann", "a1"), ann);
  settle();
  EXPECT_EQ(before.value->seq, 1U);
  EXPECT_TRUE(after.refused(Errc::not_member));
  EXPECT_EQ(ann.value->seq, 3U);
}

TEST_F(BatchTest, a_send_behind_an_addition_in_the_same_batch_is_taken) {
  world_.make_group(group_, {"ann"});
  Answered<SendResult> before;
  Answered<SendResult> after;
  submit(world_.send_entry(group_, "bob", "b1"), before);
  world_.submit(world_.add_entry(group_, {"bob"}, "ann"));
  submit(world_.send_entry(group_, "bob", "b1"), after);
  settle();
  EXPECT_TRUE(before.refused(Errc::not_found));
  EXPECT_EQ(after.value->seq, 2U);
}

TEST_F(BatchTest, several_changes_of_one_group_in_one_batch_see_each_other) {
  world_.make_group(group_, {"ann", "bob"});
  std::vector<Answered<ChangeResult>> removed(2);
  std::vector<Answered<AddResult>> added(2);
  submit(world_.remove_entry(group_, "bob", "ann"), removed[0]);
  submit(world_.remove_entry(group_, "bob", "ann"), removed[1]);
  submit(world_.add_entry(group_, {"bob", "carl"}, "ann"), added[0]);
  submit(world_.add_entry(group_, {"bob", "carl"}, "ann"), added[1]);
  settle();
  EXPECT_EQ(removed[0].value->seq, 1U);
  EXPECT_TRUE(removed[1].refused(Errc::not_found));
  EXPECT_EQ(added[0].value->added.size(), 2U);
  EXPECT_TRUE(added[1].value->added.empty());
  const auto* row = world_.row(group_);
  EXPECT_EQ(row->conversation.members, 3U);
  EXPECT_EQ(row->conversation.access_rev, 4U);
  EXPECT_EQ(row->members.at(user("bob")).from_seq, 2U);
  EXPECT_TRUE(row->members.at(user("bob")).active());
}

TEST_F(BatchTest, an_external_id_wanted_twice_in_one_batch_names_the_first) {
  Answered<CreateResult> first;
  Answered<CreateResult> second;
  auto one = world_.create_entry(World::group(1), {"ann"});
  one->external_id = "order 7";
  auto two = world_.create_entry(World::group(2), {"bob"});
  two->external_id = "order 7";
  submit(std::move(one), first);
  submit(std::move(two), second);
  settle();
  EXPECT_FALSE(first.value->existed);
  EXPECT_TRUE(second.value->existed);
  EXPECT_EQ(second.value->key, World::group(1));
  EXPECT_EQ(world_.row(World::group(2)), nullptr);
}

TEST_F(BatchTest, a_group_made_twice_in_one_batch_is_made_once) {
  Answered<CreateResult> first;
  Answered<CreateResult> second;
  submit(world_.create_entry(group_, {"ann", "bob"}), first);
  submit(world_.create_entry(group_, {"ann", "bob"}), second);
  settle();
  EXPECT_FALSE(first.value->existed);
  EXPECT_TRUE(second.value->existed);
  EXPECT_EQ(world_.head(world_.own_log("bob")), 1U);
}

TEST_F(BatchTest, cursors_and_names_pass_with_messages) {
  world_.make_group(group_, {"ann"});
  world_.submit(world_.send_entry(group_, "ann", "m1"));
  auto cursor = std::make_unique<CursorEntry>();
  cursor->user = {app, user("ann")};
  cursor->device = DeviceId{"phone"};
  cursor->cursors = {{group_.cid, 1}};
  world_.submit(std::move(cursor));
  auto name = std::make_unique<UserEntry>();
  name->user = {app, user("ann")};
  name->name = "Ann";
  world_.submit(std::move(name));
  settle();
  const auto& tables = world_.store.database().committed();
  EXPECT_EQ(tables.cursors.at({group_, user("ann"), DeviceId{"phone"}}), 1U);
  EXPECT_EQ(tables.users.at({app, user("ann")}).name, "Ann");
}

TEST_F(BatchTest, a_cursor_of_a_conversation_that_is_not_there_harms_no_message) {
  world_.make_group(group_, {"ann"});
  Answered<SendResult> answer;
  auto cursor = std::make_unique<CursorEntry>();
  cursor->user = {app, user("ann")};
  cursor->cursors = {{World::group(9).cid, 1}};
  world_.submit(std::move(cursor));
  submit(world_.send_entry(group_, "ann", "m1"), answer);
  settle();
  EXPECT_EQ(answer.value->seq, 1U);
}

TEST_F(BatchTest, entries_that_wait_for_a_store_that_ends_are_dropped_without_an_answer) {
  Answered<SendResult> answer;
  submit(world_.send_entry(group_, "ann", "m1"), answer);
  EXPECT_EQ(world_.store.entries_waiting(), 1U);
  EXPECT_EQ(answer.times, 0);
}

}  // namespace
}  // namespace kith::conversations
