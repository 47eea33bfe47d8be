#include "conversations/home.hpp"

#include "conversations/world_test.hpp"

#include <gtest/gtest.h>

namespace kith::conversations {
namespace {

using base::Errc;

class HomeTest : public ::testing::Test {
 protected:
  HomeTest() : HomeTest({10, 4}) {}

  explicit HomeTest(Home::Options options) {
    world_.start({&heard_}, options);
    world_.make_group(group_, {"ann", "bob"});
    heard_.heard.clear();
  }

  void send(const ConversationKey& key,
            std::string_view sender,
            std::string id,
            Answered<SendResult>* answered = nullptr) {
    world_.home[0]->send(request(key, sender, std::move(id), answered));
  }

  SendRequest request(const ConversationKey& key,
                      std::string_view sender,
                      std::string id,
                      Answered<SendResult>* answered = nullptr) {
    SendRequest made;
    made.key = key;
    made.sender = user(sender);
    made.client_id = ClientId{std::move(id)};
    made.body = body("hi");
    if (answered != nullptr) made.done = answered->into();
    return made;
  }

  void send_direct(std::string_view from, std::string_view to, std::string id) {
    auto made = request(world_.direct(from, to), from, std::move(id));
    made.direct = std::pair{user(from), user(to)};
    world_.home[0]->send(std::move(made));
  }

  Listening heard_;
  World world_;
  const ConversationKey group_ = World::group(1);
};

TEST_F(HomeTest, a_conversation_is_loaded_once_for_all_who_wait_and_they_keep_their_order) {
  for (int i = 0; i < 3; ++i)
    send(group_, "ann", "m" + std::to_string(i));
  EXPECT_EQ(world_.store.reads_waiting(), 1U);
  world_.settle();
  EXPECT_EQ(world_.texts(group_), (std::vector<std::string>{"m0", "m1", "m2"}));
  send(group_, "ann", "m3");
  EXPECT_EQ(world_.store.reads_waiting(), 0U);
  EXPECT_EQ(world_.store.entries_waiting(), 1U);
}

TEST_F(HomeTest, every_result_is_published_before_it_is_answered) {
  std::size_t heard_then = 0;
  auto made = request(group_, "ann", "m1");
  made.done = [&](base::Result<SendResult>) { heard_then = heard_.heard.size(); };
  world_.home[0]->send(std::move(made));
  world_.settle();
  EXPECT_EQ(heard_then, 1U);
}

TEST_F(HomeTest, a_conversation_that_is_not_there_is_not_found_unless_it_is_direct) {
  Answered<SendResult> answered;
  send(World::group(9), "ann", "m1", &answered);
  world_.settle();
  EXPECT_TRUE(answered.refused(Errc::not_found));
  EXPECT_EQ(world_.home[0]->loaded_count(), 0U);
  send_direct("ann", "bob", "d1");
  world_.settle();
  EXPECT_EQ(world_.head(world_.direct("ann", "bob")), 1U);
}

TEST_F(HomeTest, a_load_that_fails_refuses_those_who_waited_and_the_next_loads_again) {
  world_.store.fail_read = [] {
    return std::optional<base::Fault>{base::Fault{Errc::overloaded, "later"}};
  };
  Answered<SendResult> answered;
  send(group_, "ann", "m1", &answered);
  world_.settle();
  EXPECT_TRUE(answered.refused(Errc::overloaded));
  world_.store.fail_read = nullptr;
  Answered<SendResult> again;
  send(group_, "ann", "m1", &again);
  world_.settle();
  EXPECT_TRUE(again.ok());
}

TEST_F(HomeTest, what_is_forgotten_is_loaded_again_even_while_it_is_being_loaded) {
  send(group_, "ann", "m1");
  world_.store.look();  // read, not yet answered
  world_.home[0]->forget_all();
  world_.run_reactors();
  world_.store.answer();
  world_.run_reactors();
  EXPECT_EQ(world_.store.reads_waiting(), 1U);
  world_.settle();
  EXPECT_EQ(world_.head(group_), 1U);
  EXPECT_EQ(world_.home[0]->loaded_count(), 1U);
  world_.home[0]->forget_all();
  EXPECT_EQ(world_.home[0]->loaded_count(), 0U);
}

TEST_F(HomeTest, a_full_lane_refuses_at_once) {
  send(group_, "ann", "m1");
  world_.settle();
  world_.store.lane_full = true;
  Answered<SendResult> answered;
  send(group_, "ann", "m2", &answered);
  EXPECT_TRUE(answered.refused(Errc::overloaded));
}

class HomeOfFewBytes : public HomeTest {
 protected:
  HomeOfFewBytes() : HomeTest({.loaded_max = 10, .waiting_max = 100, .waiting_bytes_max = 1'000}) {}
};

TEST_F(HomeOfFewBytes, too_large_sends_that_wait_are_refused_until_they_are_gone) {
  auto large = request(group_, "ann", "m1");
  large.body = body(std::string(1'000, 'x'));
  world_.home[0]->send(std::move(large));
  Answered<SendResult> second;
  send(group_, "ann", "m2", &second);
  EXPECT_TRUE(second.refused(Errc::overloaded));
  world_.settle();
  Answered<SendResult> third;
  send(group_, "ann", "m3", &third);
  Answered<SendResult> other;
  send(World::group(20), "ann", "m4", &other);
  world_.settle();
  EXPECT_TRUE(third.ok());
  EXPECT_TRUE(other.refused(Errc::not_found));
}

TEST_F(HomeTest, too_many_waiting_sends_are_refused_and_leave_nothing_behind) {
  for (std::uint8_t n = 0; n < 4; ++n)
    send(World::group(static_cast<std::uint8_t>(20 + n)), "ann", "m");
  Answered<SendResult> answered;
  send(group_, "ann", "m1", &answered);
  EXPECT_TRUE(answered.refused(Errc::overloaded));
  EXPECT_EQ(world_.home[0]->loaded_count(), 4U);
  world_.settle();
  EXPECT_EQ(world_.home[0]->loaded_count(), 0U);
  Answered<SendResult> later;
  send(group_, "ann", "m1", &later);
  world_.settle();
  EXPECT_TRUE(later.ok());
}

TEST_F(HomeTest, rights_follow_the_events_of_the_log) {
  send(group_, "ann", "m1");
  world_.settle();
  Answered<SendResult> stranger;
  send(group_, "eve", "e1", &stranger);
  world_.settle();
  EXPECT_TRUE(stranger.refused(Errc::not_found));
  world_.submit(world_.add_entry(group_, {"eve"}, "ann"));
  world_.settle();
  bool asked = false;
  world_.store.fail_step = [&](const ports::Step& step) -> std::optional<ports::StepFailed> {
    asked = asked || std::holds_alternative<ports::MembersStep>(step);
    return std::nullopt;
  };
  Answered<SendResult> member;
  send(group_, "eve", "e2", &member);
  world_.settle();
  EXPECT_TRUE(member.ok());
  EXPECT_FALSE(asked);
  world_.submit(world_.remove_entry(group_, "eve", "ann"));
  Answered<SendResult> behind;
  send(group_, "eve", "e3", &behind);  // decided before the removal is known, written after it
  world_.settle();
  EXPECT_TRUE(behind.refused(Errc::not_member));
}

TEST_F(HomeTest, what_is_committed_while_a_load_runs_is_applied_to_what_it_found) {
  world_.submit(world_.remove_entry(group_, "bob", "ann"));
  send(group_, "ann", "m1");
  world_.store.look();      // sees bob
  world_.store.run_lane();  // his removal
  world_.run_reactors();    // which is heard
  world_.store.answer();    // before the answer comes
  world_.settle();
  bool asked = false;
  world_.store.fail_step = [&](const ports::Step& step) -> std::optional<ports::StepFailed> {
    asked = asked || std::holds_alternative<ports::MembersStep>(step);
    return std::nullopt;
  };
  Answered<SendResult> bob;
  send(group_, "bob", "b1", &bob);
  world_.settle();
  EXPECT_TRUE(bob.refused(Errc::not_member));
  EXPECT_TRUE(asked);
  asked = false;
  Answered<SendResult> ann;
  send(group_, "ann", "m2", &ann);
  world_.settle();
  EXPECT_TRUE(ann.ok());
  EXPECT_FALSE(asked);
}

TEST_F(HomeTest, a_conversation_made_while_it_is_looked_for_is_found) {
  const auto direct = world_.direct("ann", "bob");
  Answered<SendResult> bob;
  world_.submit(world_.direct_entry("ann", "bob", "a1"));
  send(direct, "bob", "b1", &bob);
  world_.store.look();  // nothing yet
  world_.store.run_lane();
  world_.run_reactors();
  world_.store.answer();
  world_.settle();
  ASSERT_TRUE(bob.ok());
  EXPECT_EQ(bob.value->seq, 2U);
}

TEST_F(HomeTest, an_answer_that_sends_again_finds_a_home_in_order) {
  Answered<SendResult> second;
  auto made = request(World::group(9), "ann", "m1");
  made.done = [&](base::Result<SendResult> result) {
    EXPECT_TRUE(result.has_error());
    send(World::group(9), "ann", "m2", &second);
  };
  world_.home[0]->send(std::move(made));
  world_.settle();
  EXPECT_TRUE(second.refused(Errc::not_found));
  EXPECT_EQ(world_.home[0]->loaded_count(), 0U);
}

TEST_F(HomeTest, a_read_that_comes_back_to_a_home_that_is_gone_is_dropped) {
  Answered<SendResult> answered;
  send(group_, "ann", "m1", &answered);
  world_.store.look();
  world_.home.clear();
  world_.store.answer();
  world_.reactors[0]->run();
  EXPECT_EQ(answered.times, 0);
}

class SmallHomeTest : public HomeTest {
 protected:
  SmallHomeTest() : HomeTest({.loaded_max = 2, .waiting_max = 10, .members_max = 5}) {}
};

TEST_F(SmallHomeTest, the_conversations_used_least_lately_are_forgotten) {
  for (std::uint8_t n = 2; n <= 4; ++n)
    world_.make_group(World::group(n), {"ann"});
  for (std::uint8_t n = 2; n <= 4; ++n) {
    send(World::group(n), "ann", "m1");
    world_.settle();
  }
  EXPECT_EQ(world_.home[0]->loaded_count(), 2U);
  send(World::group(4), "ann", "m2");
  EXPECT_EQ(world_.store.reads_waiting(), 0U);
  send(World::group(2), "ann", "m2");
  EXPECT_EQ(world_.store.reads_waiting(), 1U);
  world_.settle();
  EXPECT_EQ(world_.head(World::group(2)), 2U);
}

TEST_F(SmallHomeTest, members_in_memory_are_bounded_over_all_conversations) {
  world_.make_group(World::group(2), {"a", "b", "c", "d"});
  send(group_, "ann", "m1");
  world_.settle();
  EXPECT_EQ(world_.home[0]->loaded_count(), 1U);
  send(World::group(2), "a", "m1");
  world_.settle();
  EXPECT_EQ(world_.home[0]->loaded_count(), 1U);
  EXPECT_EQ(world_.head(World::group(2)), 1U);
}

}  // namespace
}  // namespace kith::conversations
