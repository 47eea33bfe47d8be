#include "delivery/session_fixture_test.hpp"

// What a session is known to have received.
namespace kith::delivery {
namespace {

namespace limits = base::limits;

TEST_F(SessionTest, only_what_was_handed_out_before_its_probe_is_proved) {
  const auto ann = world_.connect("ann", {.device = "phone"});
  world_.write(group_, "bob", 1);
  ann->probe();
  world_.write(group_, "bob", 1);
  ann->read_all();
  pass(limits::cursor_write_interval_ms);
  EXPECT_EQ(cursor("ann", "phone"), 1U);
  ann->probe();
  ann->read_all();
  pass(limits::cursor_write_interval_ms);
  EXPECT_EQ(cursor("ann", "phone"), 2U);
}

TEST_F(SessionTest, what_was_handed_out_is_asked_about_within_a_second_and_once) {
  const auto ann = world_.connect("ann", {.device = "phone"});
  ann->proves = true;
  pass(limits::probe_interval_ms);  // what came with the connect
  ann->read_all();
  const auto before = ann->asked_to_prove;
  pass(10 * limits::probe_interval_ms);
  EXPECT_EQ(ann->asked_to_prove, before);  // nothing to prove
  world_.write(group_, "bob", 5);
  pass(limits::probe_interval_ms);
  EXPECT_EQ(ann->asked_to_prove, before + 1);
  EXPECT_EQ(cursor("ann", "phone"), 0U);
  ann->read_all();
  pass(limits::cursor_write_interval_ms);
  EXPECT_EQ(cursor("ann", "phone"), 5U);
  pass(10 * limits::probe_interval_ms);
  EXPECT_EQ(ann->asked_to_prove, before + 1);
}

TEST_F(SessionTest, who_is_busy_all_the_time_is_asked_once_a_second) {
  const auto ann = world_.connect("ann");
  ann->proves = true;
  constexpr int seconds = 5;
  for (int i = 0; i < 10 * seconds; ++i) {
    world_.write(group_, "bob", 3);
    ann->read_all();
    pass(limits::probe_interval_ms / 10);
  }
  EXPECT_GE(ann->asked_to_prove, seconds - 1);
  EXPECT_LE(ann->asked_to_prove, seconds + 1);
}

TEST_F(SessionTest, who_does_not_read_is_not_asked_until_he_does) {
  const auto ann = world_.connect("ann");
  ann->proves = true;
  flood(group_, 10, 12'000);
  pass(3 * limits::probe_interval_ms);
  EXPECT_EQ(ann->asked_to_prove, 0);
  ann->read_all();
  pass(limits::probe_interval_ms);
  EXPECT_EQ(ann->asked_to_prove, 1);
}

TEST_F(SessionTest, what_a_question_could_not_ask_about_is_asked_again) {
  const auto ann = world_.connect("ann");  // an earlier answer is due: asking does nothing
  world_.write(group_, "bob", 1);
  pass(3 * limits::probe_interval_ms);
  EXPECT_GE(ann->asked_to_prove, 3);
  ann->proves = true;
  pass(limits::probe_interval_ms);
  ann->read_all();
  pass(limits::cursor_write_interval_ms);
  EXPECT_EQ(cursor("ann"), 1U);
}

TEST_F(SessionTest, a_later_proof_covers_the_earlier_ones) {
  const auto ann = world_.connect("ann");
  for (std::uint64_t number = 1; number <= 20; ++number) {
    world_.write(group_, "bob", 1);
    ann->session->on_checkpoint(number);
  }
  ann->session->on_proved(20);
  pass(limits::cursor_write_interval_ms);
  EXPECT_EQ(cursor("ann"), 20U);
}

TEST_F(SessionTest, a_proof_of_something_forgotten_or_never_asked_moves_nothing) {
  const auto ann = world_.connect("ann");
  world_.write(group_, "bob", 1);
  ann->session->on_proved(99);
  pass(limits::cursor_write_interval_ms);
  EXPECT_EQ(cursor("ann"), 0U);
}

TEST_F(SessionTest, sending_alone_moves_the_cursor_too) {
  const auto ann = world_.connect("ann");
  world_.send(ann, group_, "a1");
  ann->probe();
  ann->read_all();
  pass(limits::cursor_write_interval_ms);
  EXPECT_EQ(cursor("ann"), 1U);
}

TEST_F(SessionTest, a_client_may_say_what_it_received_but_never_more_than_it_was_given) {
  const auto ann = world_.connect("ann");
  world_.write(group_, "bob", 3);
  EXPECT_TRUE(ann->session->received(group_.cid, 2));
  pass(limits::cursor_write_interval_ms);
  EXPECT_EQ(cursor("ann"), 2U);
  EXPECT_TRUE(ann->session->received(group_.cid, base::seq_wire_max));
  EXPECT_TRUE(ann->session->received(group_.cid, 1));
  pass(limits::cursor_write_interval_ms);
  EXPECT_EQ(cursor("ann"), 3U);
  EXPECT_FALSE(ann->session->received(DeliveryWorld::group(9).cid, 1));
}

TEST_F(SessionTest, places_of_a_conversation_that_was_left_are_forgotten_with_it) {
  const auto bob = world_.connect("bob");
  world_.write(group_, "ann", 2);
  bob->probe();
  world_.submit(world_.remove_entry(group_, "bob", "ann"));
  world_.settle();
  bob->read_all();
  pass(limits::cursor_write_interval_ms);
  EXPECT_EQ(cursor("bob"), 0U);
}

TEST_F(SessionTest, a_place_that_is_used_again_owes_nothing_to_the_conversation_before) {
  const auto bob = world_.connect("bob");
  world_.write(group_, "ann", 2);
  bob->probe();
  world_.submit(world_.remove_entry(group_, "bob", "ann"));
  world_.settle();
  const auto other = DeliveryWorld::group(2);
  world_.make_group(other, {"ann", "bob"});
  world_.write(other, "ann", 5);
  const auto proved = [&] { return bob->session->received(other.cid, 0).value(); };
  bob->session->on_proved(1);  // that was asked in the first
  EXPECT_EQ(proved(), 0U);
  bob->probe();
  bob->read_all();
  EXPECT_EQ(proved(), 5U);
}

TEST_F(SessionTest, who_leaves_some_of_many_conversations_keeps_his_places_in_the_others) {
  const auto bob = world_.connect("bob");
  std::vector<ConversationKey> groups;
  for (std::uint8_t i = 10; i < 20; ++i) {
    groups.push_back(DeliveryWorld::group(i));
    world_.make_group(groups.back(), {"ann", "bob"});
    world_.write(groups.back(), "ann", i);
  }
  for (std::size_t i = 0; i < groups.size(); i += 2)
    world_.submit(world_.remove_entry(groups[i], "bob", "ann"));
  world_.settle();
  world_.make_group(DeliveryWorld::group(3), {"ann", "bob"});
  world_.write(DeliveryWorld::group(3), "ann", 1);
  bob->probe();
  bob->read_all();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto proved = bob->session->received(groups[i].cid, 0);
    EXPECT_EQ(proved, i % 2 == 0 ? std::nullopt : std::optional<Seq>{10 + i});
  }
  EXPECT_EQ(bob->session->received(DeliveryWorld::group(3).cid, 0), 1U);
}

}  // namespace
}  // namespace kith::delivery
