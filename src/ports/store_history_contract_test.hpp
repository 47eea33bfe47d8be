#pragma once

#include "ports/store_fixture_test.hpp"

// Messages as one user may see them, handed out one by one.
namespace kith::ports::contract {

TEST_P(StoreContract, messages_come_as_they_were_written_and_other_events_not_at_all) {
  make_group(key(1), group(1), {member("ann"), member("bob")});
  auto binary = message(3, 2, "bob", "id");
  binary.body = std::string{"\x01\0\xff", 3};
  WriteStep step;
  step.events = {{key(1), message(1, 1, "ann", "a")},
                 {key(1), removal(2, 1, "ann", "carl")},
                 {key(1), binary},
                 {key(1), message(4, 3, "ann", "s_1"), true}};
  write(step);
  const auto found = history({key(1), user("bob"), 0, base::seq_wire_max});
  ASSERT_EQ(found->seqs(), (std::vector<Seq>{1, 3, 4}));
  EXPECT_EQ(found->range, std::pair(Seq{1}, Seq{4}));
  EXPECT_EQ(found->messages[0].actor, user("ann"));
  EXPECT_EQ(found->messages[0].client_id, client_id("a"));
  EXPECT_EQ(found->messages[0].ts.ms, 1'001);
  EXPECT_EQ(found->messages[0].body, message(1, 1, "ann", "a").body);
  EXPECT_EQ(found->messages[1].actor, user("bob"));
  EXPECT_EQ(found->messages[1].no, 2U);
  EXPECT_EQ(found->messages[1].body, binary.body);
  EXPECT_EQ(found->messages[2].client_id, client_id("s_1"));
}

TEST_P(StoreContract, messages_come_from_either_end_of_a_range_until_there_are_enough) {
  make_group(key(1), group(1), {member("ann")}, 9);
  make_group(key(2), group(2), {member("ann")}, 9);
  EXPECT_EQ(history({key(1), user("ann"), 2, 6})->seqs(), (std::vector<Seq>{3, 4, 5, 6}));
  EXPECT_EQ(history({key(1), user("ann"), 2, 6}, 2)->seqs(), (std::vector<Seq>{3, 4}));
  EXPECT_EQ(history({key(1), user("ann"), 2, 6, true})->seqs(), (std::vector<Seq>{6, 5, 4, 3}));
  EXPECT_EQ(history({key(1), user("ann"), 0, base::seq_wire_max, true}, 2)->seqs(),
            (std::vector<Seq>{9, 8}));
  EXPECT_EQ(history({key(1), user("ann"), 7, base::seq_wire_max})->seqs(),
            (std::vector<Seq>{8, 9}));
  for (const auto& [after, to] : {std::pair<Seq, Seq>{6, 6}, {7, 6}, {9, 99}, {0, 0}}) {
    EXPECT_TRUE(history({key(1), user("ann"), after, to})->seqs().empty());
    EXPECT_TRUE(history({key(1), user("ann"), after, to, true})->seqs().empty());
  }
}

TEST_P(StoreContract, a_member_sees_from_his_joining_to_his_end) {
  auto late = member("late");
  late.from_seq = 4;
  auto gone = member("gone");
  gone.until_seq = 3;
  make_group(key(1), group(1), {member("ann"), late, gone}, 2);
  WriteStep step;
  step.events = {{key(1), removal(3, 2, "ann", "gone")},
                 {key(1), message(4, 3, "ann", "x")},
                 {key(1), message(5, 4, "ann", "y")}};
  write(step);
  EXPECT_EQ(history({key(1), user("late"), 0, 99})->seqs(), (std::vector<Seq>{4, 5}));
  EXPECT_EQ(history({key(1), user("gone"), 0, 99})->seqs(), (std::vector<Seq>{1, 2}));
  EXPECT_EQ(history({key(1), user("gone"), 0, 99, true})->seqs(), (std::vector<Seq>{2, 1}));
  EXPECT_EQ(history({key(1), user("late"), 0, 99})->range, std::pair(Seq{4}, Seq{5}));
  EXPECT_EQ(history({key(1), user("gone"), 0, 99})->range, std::pair(Seq{1}, Seq{3}));
}

TEST_P(StoreContract, who_never_was_in_it_is_told_so_and_an_empty_log_is_empty) {
  make_group(key(1), group(1), {member("ann")});
  EXPECT_EQ(history({key(1), user("eve"), 0, 9}), nullptr);
  EXPECT_EQ(history({key(2), user("ann"), 0, 9}), nullptr);
  EXPECT_EQ(history({key(1, 2), user("ann"), 0, 9}), nullptr);
  const auto empty = history({key(1), user("ann"), 0, 9});
  EXPECT_EQ(empty->range, std::pair(Seq{1}, Seq{0}));
  EXPECT_TRUE(empty->messages.empty());
}

}  // namespace kith::ports::contract
