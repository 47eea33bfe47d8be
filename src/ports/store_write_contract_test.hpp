#pragma once

#include "ports/store_fixture_test.hpp"

// Transactions: what a step answers and what stands after it.
namespace kith::ports::contract {

TEST_P(StoreContract, a_lock_tells_which_conversations_there_are_with_their_counters) {
  make_group(key(1), group(1), {member("ann")}, 3);
  const auto results = run({key(1), key(2)}, {});
  const auto& found = std::get<Locked>(results.at(0)).found;
  ASSERT_EQ(found.size(), 2U);
  ASSERT_TRUE(found[0].has_value());
  EXPECT_EQ(found[0]->cid, cid(1));
  EXPECT_EQ(found[0]->title, "group 1");
  EXPECT_EQ(found[0]->kind, domain::Kind::group);
  EXPECT_EQ(found[0]->last_seq, 3U);
  EXPECT_EQ(found[0]->last_no, 3U);
  EXPECT_EQ(found[0]->members, 1U);
  EXPECT_FALSE(found[1].has_value());
}

TEST_P(StoreContract, counters_follow_the_log_over_several_transactions) {
  make_group(key(1), group(1), {member("ann")});
  EXPECT_EQ(locked(key(1))->last_seq, 0U);
  WriteStep step;
  step.events = {{key(1), message(1, 1, "ann", "a")}, {key(1), removal(2, 1, "ann", "bob")}};
  write(step);
  EXPECT_EQ(locked(key(1))->last_seq, 2U);
  EXPECT_EQ(locked(key(1))->last_no, 1U);
  reopen();
  EXPECT_EQ(locked(key(1))->last_seq, 2U);
  EXPECT_EQ(locked(key(1))->last_no, 1U);
}

TEST_P(StoreContract, a_write_is_seen_by_readers_after_its_commit_only) {
  make_group(key(1), group(1), {member("ann")});
  std::size_t before = 99;
  WriteStep step;
  step.events = {{key(1), message(1, 1, "ann", "a")}};
  const auto results = run_script({[] { return LockStep{{key(1)}}; },
                                   [&] { return step; },
                                   [&]() -> Step {
                                     before = page({key(1), 0, 10, 10}).size();
                                     return CommitStep{};
                                   }});
  EXPECT_TRUE(std::holds_alternative<Committed>(results.back()));
  EXPECT_EQ(before, 0U);
  EXPECT_EQ(page({key(1), 0, 10, 10}).size(), 1U);
}

TEST_P(StoreContract, a_rollback_leaves_nothing_not_even_counters) {
  make_group(key(1), group(1), {member("ann")}, 1);
  WriteStep step;
  step.conversations = {{key(2), group(2)}};
  step.events = {{key(1), message(2, 2, "carl", "b")}, {key(2), message(1, 1, "carl", "c")}};
  step.updates = {{key(1), 9, 9}};
  step.members = {{key(1), member("carl")}, {key(2), member("carl")}};
  step.users = {{user_key("dora"), "Dora", ""}};
  const auto results = run({key(1), key(2)}, {step}, RollbackStep{});
  ASSERT_TRUE(std::holds_alternative<Written>(results.at(1)));
  ASSERT_TRUE(std::holds_alternative<RolledBack>(results.at(2)));
  EXPECT_EQ(locked(key(1))->last_seq, 1U);
  EXPECT_EQ(locked(key(1))->access_rev, 0U);
  EXPECT_FALSE(locked(key(2)).has_value());
  EXPECT_FALSE(find_for(key(1), "carl").has_value());
  // The same again stands: nothing of the first attempt is believed to be there.
  write(step);
  EXPECT_EQ(locked(key(1))->last_seq, 2U);
  EXPECT_TRUE(find_for(key(2), "carl").has_value());
}

TEST_P(StoreContract, a_retry_is_found_by_conversation_sender_and_client_id_together) {
  make_group(key(1), group(1), {member("ann")}, 1);
  make_group(key(2), group(2), {member("bob")}, 1);
  const auto found = look_up<Looked>(LookStep{{{key(1), user("ann"), client_id("m1")},
                                               {key(1), user("bob"), client_id("m1")},
                                               {key(1), user("ann"), client_id("m2")},
                                               {key(2), user("bob"), client_id("m1")},
                                               {key(2), user("ann"), client_id("m1")},
                                               {key(3), user("ann"), client_id("m1")},
                                               {key(1), user("nobody"), client_id("m1")}}})
                         .found;
  ASSERT_EQ(found.size(), 7U);
  ASSERT_TRUE(found[0].has_value());
  EXPECT_EQ(found[0]->seq, 1U);
  EXPECT_EQ(found[0]->no, 1U);
  EXPECT_EQ(found[0]->ts.ms, 1'001);
  EXPECT_EQ(found[0]->body, message(1, 1, "ann", "m1").body);
  EXPECT_TRUE(found[3].has_value());
  for (const std::size_t missing : {1, 2, 4, 5, 6})
    EXPECT_FALSE(found[missing].has_value()) << missing;
}

TEST_P(StoreContract, client_ids_are_compared_byte_by_byte) {
  make_group(key(1), group(1), {member("ann")});
  const std::vector<std::string> ids{"X", "x", "X ", " X", "1", "01", "1.0", "é", "e\u0301", "😀"};
  WriteStep step;
  for (std::size_t i = 0; i < ids.size(); ++i)
    step.events.push_back({key(1), message(i + 1, i + 1, "ann", ids[i])});
  write(step);
  LookStep look;
  for (const auto& id : ids)
    look.keys.push_back({key(1), user("ann"), client_id(id)});
  for (const char* other : {"x ", "É", "1.00", ""})
    look.keys.push_back({key(1), user("ann"), client_id(other)});
  const auto found = look_up<Looked>(look).found;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ASSERT_TRUE(found.at(i).has_value()) << ids[i];
    EXPECT_EQ(found[i]->seq, i + 1) << ids[i];
  }
  for (std::size_t i = ids.size(); i < found.size(); ++i)
    EXPECT_FALSE(found[i].has_value()) << i;
}

TEST_P(StoreContract, users_are_compared_byte_by_byte) {
  make_group(key(1), group(1), {member("Ann"), member("ann"), member("ann ")});
  const auto found =
      look_up<MembersFound>(MembersStep{{{key(1), user("Ann")}, {key(1), user("ANN")}}}).found;
  EXPECT_EQ(found.at(0)->user, user("Ann"));
  EXPECT_FALSE(found.at(1).has_value());
}

TEST_P(StoreContract, ids_made_by_the_server_are_kept_and_never_found_as_a_retry) {
  make_group(key(1), group(1), {member("ann")});
  WriteStep step;
  step.events = {{key(1), message(1, 1, "ann", "same"), true},
                 {key(1), message(2, 2, "ann", "same"), true},
                 {key(1), message(3, 3, "ann", "same"), false}};
  write(step);
  const auto found = look_up<Looked>(LookStep{{{key(1), user("ann"), client_id("same")}}}).found;
  ASSERT_TRUE(found.at(0).has_value());
  EXPECT_EQ(found[0]->seq, 3U);
  for (const LogEvent& event : page({key(1), 0, 9, 9}))
    EXPECT_EQ(event.client_id, client_id("same"));
}

TEST_P(StoreContract, a_client_id_used_twice_by_one_sender_is_refused) {
  make_group(key(1), group(1), {member("ann")}, 1);
  WriteStep step;
  step.events = {{key(1), message(2, 2, "ann", "fresh")}, {key(1), message(3, 3, "ann", "m1")}};
  const auto results = run({key(1)}, {step});
  const auto* failure = std::get_if<StepFailed>(&results.at(1));
  ASSERT_NE(failure, nullptr);
  EXPECT_FALSE(failure->again);
  EXPECT_TRUE(std::holds_alternative<RolledBack>(results.back()));
  EXPECT_EQ(locked(key(1))->last_seq, 1U);
}

TEST_P(StoreContract, a_place_of_the_log_is_taken_once) {
  make_group(key(1), group(1), {member("ann")}, 2);
  WriteStep step;
  step.events = {{key(1), message(2, 2, "ann", "other")}};
  EXPECT_TRUE(std::holds_alternative<StepFailed>(run({key(1)}, {step}).at(1)));
  EXPECT_EQ(page({key(1), 0, 9, 9}).at(1).client_id, client_id("m2"));
}

TEST_P(StoreContract, the_last_place_of_a_log_can_be_taken_and_none_beyond_it) {
  make_group(key(1), group(1), {member("ann")});
  make_group(key(2), group(2), {member("ann")}, 1);
  WriteStep last;
  last.events = {{key(1), message(base::seq_max, 1, "ann", "last")}};
  write(last);
  EXPECT_EQ(locked(key(1))->last_seq, base::seq_max);
  EXPECT_EQ(locked(key(2))->last_seq, 1U);
  EXPECT_EQ(seqs({key(1), 0, base::seq_wire_max, 9}), std::vector<Seq>{base::seq_max});
  WriteStep beyond;
  beyond.events = {{key(2), message(2, 2, "ann", "fine")},
                   {key(1), message(base::seq_max + 1, 2, "ann", "beyond")}};
  const auto results = run({key(1), key(2)}, {beyond});
  const auto* failure = std::get_if<StepFailed>(&results.at(1));
  ASSERT_NE(failure, nullptr);
  EXPECT_FALSE(failure->again);
  EXPECT_EQ(locked(key(2))->last_seq, 1U);
}

TEST_P(StoreContract, a_write_to_a_conversation_that_is_not_there_is_refused) {
  WriteStep step;
  step.events = {{key(1), message(1, 1, "ann", "a")}};
  EXPECT_TRUE(std::holds_alternative<StepFailed>(run({key(1)}, {step}).at(1)));
}

TEST_P(StoreContract, the_count_at_a_place_is_that_of_the_last_event_at_or_below_it) {
  make_group(key(1), group(1), {member("ann")}, 2);
  WriteStep step;
  step.events = {{key(1), removal(3, 2, "ann", "bob")}, {key(1), message(4, 3, "ann", "z")}};
  write(step);
  const auto counts = look_up<Counted>(CountStep{{{key(1), 0},
                                                  {key(1), 1},
                                                  {key(1), 3},
                                                  {key(1), 4},
                                                  {key(1), 99},
                                                  {key(1), base::seq_wire_max},
                                                  {key(2), 5}}})
                          .found;
  EXPECT_EQ(counts, (std::vector<No>{0, 1, 2, 3, 3, 3, 0}));
}

TEST_P(StoreContract, an_external_id_names_one_conversation_of_its_application) {
  auto row = group(1);
  row.external_id = "order 7";
  make_group(key(1), row, {member("ann")});
  make_group(key(3), group(3), {member("ann")});
  make_group(key(4), group(4), {member("ann")});  // none is not a name
  const auto app = key(1).app;
  const auto other = key(1, 2).app;
  const auto found =
      look_up<ExternalFound>(
          ExternalStep{{{app, "order 7"}, {app, "Order 7"}, {other, "order 7"}, {app, ""}}})
          .found;
  EXPECT_EQ(found, (std::vector<std::optional<domain::Cid>>{cid(1), {}, {}, {}}));
  EXPECT_EQ(find_external({app, "order 7"}), cid(1));
  EXPECT_EQ(find_external({app, "order 8"}), std::nullopt);
  WriteStep again;
  again.conversations = {{key(2), row}};
  const auto results = run({key(2)}, {again});
  ASSERT_TRUE(std::holds_alternative<StepFailed>(results.at(1)));
  EXPECT_EQ(std::get<StepFailed>(results.at(1)).fault.code, base::Errc::conflict);
}

TEST_P(StoreContract, the_successor_is_the_oldest_admin_else_the_oldest_member) {
  auto early = member("early");
  early.joined_at = {500};
  auto gone = member("gone", domain::Role::admin);
  gone.joined_at = {100};
  gone.until_seq = 2;
  auto young = member("young", domain::Role::admin);
  young.joined_at = {3'000};
  auto old = member("old", domain::Role::admin);
  old.joined_at = {2'000};
  auto later = member("aaa", domain::Role::admin);
  later.joined_at = {2'000};
  later.from_seq = 5;
  make_group(
      key(1), group(1), {member("own", domain::Role::owner), early, gone, young, old, later});
  const auto next = look_up<SuccessorFound>(SuccessorStep{key(1), user("own")}).found;
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->user, user("old"));
  EXPECT_EQ(next->role, domain::Role::admin);

  make_group(key(2),
             group(2),
             {member("own", domain::Role::owner), member("mod", domain::Role::moderator), early});
  EXPECT_EQ(look_up<SuccessorFound>(SuccessorStep{key(2), user("own")}).found->user, user("early"));
  make_group(key(3), group(3), {member("own", domain::Role::owner), gone});
  EXPECT_FALSE(look_up<SuccessorFound>(SuccessorStep{key(3), user("own")}).found.has_value());
  EXPECT_FALSE(look_up<SuccessorFound>(SuccessorStep{key(9), user("own")}).found.has_value());
}

TEST_P(StoreContract, members_are_found_former_ones_too_and_a_write_replaces_the_row) {
  make_group(key(1), group(1), {member("ann", domain::Role::owner), member("bob")}, 1);
  auto bob = member("bob", domain::Role::admin);
  bob.from_seq = 2;
  bob.until_seq = 7;
  bob.read_seq = 6;
  bob.read_no = 5;
  bob.joined_at = {77};
  WriteStep step;
  step.members = {{key(1), bob}};
  write(step);
  const auto found = look_up<MembersFound>(MembersStep{{{key(1), user("ann")},
                                                        {key(1), user("bob")},
                                                        {key(1), user("eve")},
                                                        {key(2), user("ann")}}})
                         .found;
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0]->role, domain::Role::owner);
  ASSERT_TRUE(found[1].has_value());
  EXPECT_EQ(found[1]->role, domain::Role::admin);
  EXPECT_EQ(found[1]->from_seq, 2U);
  EXPECT_EQ(found[1]->until_seq, 7U);
  EXPECT_EQ(found[1]->read_seq, 6U);
  EXPECT_EQ(found[1]->read_no, 5U);
  EXPECT_EQ(found[1]->joined_at.ms, 77);
  EXPECT_FALSE(found[2].has_value());
  EXPECT_FALSE(found[3].has_value());
}

TEST_P(StoreContract, reading_marks_only_rise_and_only_for_active_members) {
  auto gone = member("gone");
  gone.until_seq = 2;
  make_group(key(1), group(1), {member("ann"), gone}, 5);
  const auto mark = [&](std::string_view who, Seq seq, No no) {
    WriteStep step;
    step.reads = {{key(1), user(who), seq, no}};
    write(step);
    return std::pair{find_for(key(1), who)->member.read_seq, find_for(key(1), who)->member.read_no};
  };
  EXPECT_EQ(mark("ann", 3, 3), (std::pair<Seq, No>{3, 3}));
  EXPECT_EQ(mark("ann", 2, 2), (std::pair<Seq, No>{3, 3}));
  EXPECT_EQ(mark("ann", 4, 1), (std::pair<Seq, No>{4, 3}));
  EXPECT_EQ(mark("gone", 4, 4), (std::pair<Seq, No>{0, 0}));
  WriteStep stranger;
  stranger.reads = {{key(1), user("nobody"), 1, 1}};
  write(stranger);
  EXPECT_FALSE(find_for(key(1), "nobody").has_value());
}

TEST_P(StoreContract, an_update_changes_what_a_lock_and_a_reader_see) {
  make_group(key(1), group(1), {member("ann")}, 1);
  WriteStep step;
  step.updates = {{key(1), 4, 12}};
  write(step);
  EXPECT_EQ(locked(key(1))->access_rev, 4U);
  EXPECT_EQ(locked(key(1))->members, 12U);
  EXPECT_EQ(load(key(1))->conversation.access_rev, 4U);
  EXPECT_EQ(load(key(1))->conversation.members, 12U);
  EXPECT_EQ(locked(key(1))->last_seq, 1U);
}

TEST_P(StoreContract, another_title_and_custom_data_are_seen_by_a_lock_and_a_reader) {
  make_group(key(1), group(1), {member("ann")}, 1);
  locked(key(1));
  WriteStep step;
  step.updates = {{key(1), 1, 1, Naming{"Crew", R"({"a":1})"}}};
  write(step);
  EXPECT_EQ(locked(key(1))->title, "Crew");
  EXPECT_EQ(locked(key(1))->custom, R"({"a":1})");
  EXPECT_EQ(load(key(1))->conversation.title, "Crew");
  EXPECT_EQ(load(key(1))->conversation.custom, R"({"a":1})");
  step.updates = {{key(1), 2, 1}};
  write(step);
  EXPECT_EQ(locked(key(1))->title, "Crew");
  EXPECT_EQ(locked(key(1))->last_seq, 1U);
}

TEST_P(StoreContract, cursors_only_rise_and_are_kept_by_device) {
  make_group(key(1), group(1), {member("ann")}, 9);
  const auto put = [&](std::string_view device, Seq seq) {
    WriteStep step;
    step.cursors = {{key(1), user("ann"), domain::DeviceId{std::string{device}}, seq}};
    write(step);
  };
  const auto seen = [&](std::string_view device) {
    const auto rows = memberships(user_key("ann"), device);
    return std::pair{rows.at(0).device_cursor, rows.at(0).default_cursor};
  };
  using Cursors = std::pair<std::optional<Seq>, std::optional<Seq>>;
  EXPECT_EQ(seen("phone"), (Cursors{{}, {}}));
  put("phone", 5);
  put("phone", 3);
  EXPECT_EQ(seen("phone"), (Cursors{5, {}}));
  put("", 2);
  put("phone", 6);
  EXPECT_EQ(seen("phone"), (Cursors{6, 2}));
  EXPECT_EQ(seen("Phone"), (Cursors{{}, 2}));
  EXPECT_EQ(seen(""), (Cursors{{}, 2}));
}

}  // namespace kith::ports::contract
