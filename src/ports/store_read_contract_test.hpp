#pragma once

#include "ports/store_fixture_test.hpp"

// Reads: each from one snapshot, each bounded by what the asking user may see.
namespace kith::ports::contract {

TEST_P(StoreContract, load_gives_a_conversation_with_its_active_members) {
  auto row = group(1, 5'000);
  row.custom = "{\"a\":1}";
  row.external_id = "x";
  row.access_rev = 3;
  auto gone = member("gone");
  gone.until_seq = 2;
  make_group(key(1), row, {member("ann", domain::Role::owner), gone, member("bob")}, 2);
  const auto loaded = load(key(1));
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->conversation.cid, cid(1));
  EXPECT_EQ(loaded->conversation.custom, "{\"a\":1}");
  EXPECT_EQ(loaded->conversation.external_id, "x");
  EXPECT_EQ(loaded->conversation.access_rev, 3U);
  EXPECT_EQ(loaded->conversation.created_at.ms, 5'000);
  EXPECT_EQ(loaded->conversation.last_seq, 2U);
  EXPECT_EQ(loaded->conversation.last_no, 2U);
  ASSERT_EQ(loaded->members.size(), 2U);
  EXPECT_EQ(loaded->members[0].role, domain::Role::owner);
  EXPECT_EQ(loaded->members[1].user, user("bob"));
  EXPECT_FALSE(load(key(2)).has_value());
}

TEST_P(StoreContract, heads_are_those_of_the_conversations_asked_for_and_nought_where_nothing_is) {
  make_group(key(1), group(1), {member("ann")}, 3);
  make_group(key(2), group(2), {member("ann")});
  EXPECT_EQ(heads({key(9), key(1), key(2), key(1)}), (std::vector<Seq>{0, 3, 0, 3}));
  EXPECT_EQ(heads({}), std::vector<Seq>{});
}

TEST_P(StoreContract, a_send_is_found_by_its_sender_and_client_id_in_its_conversation_alone) {
  make_group(key(1), group(1), {member("ann"), member("bob")});
  make_group(key(2), group(2), {member("ann")});
  WriteStep step;
  step.events = {{key(1), message(1, 1, "ann", "a")}, {key(1), message(2, 2, "bob", "b")}};
  write(step);
  const auto found = find_send({key(1), user("bob"), client_id("b")});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->seq, 2U);
  EXPECT_EQ(found->no, 2U);
  EXPECT_EQ(found->ts.ms, message(2, 2, "bob", "b").ts.ms);
  EXPECT_EQ(found->body, message(2, 2, "bob", "b").body);
  EXPECT_FALSE(find_send({key(1), user("ann"), client_id("b")}).has_value());
  EXPECT_FALSE(find_send({key(2), user("bob"), client_id("b")}).has_value());
  EXPECT_FALSE(find_send({key(9), user("bob"), client_id("b")}).has_value());
  EXPECT_FALSE(find_send({key(1), user("nobody"), client_id("b")}).has_value());
}

TEST_P(StoreContract, what_is_stored_is_never_said_to_be_unsent) {
  make_group(key(1), group(1), {member("ann"), member("bob")});
  for (Seq seq = 1; seq <= 200; ++seq) {
    WriteStep step;
    step.events = {{key(1), message(seq, seq, "ann", "m" + std::to_string(seq))}};
    write(step);
    for (Seq at = 1; at <= seq; ++at)
      EXPECT_FALSE(store_->never_sent(key(1), user("ann"), client_id("m" + std::to_string(at))));
  }
}

TEST_P(StoreContract, a_page_gives_events_as_they_were_written) {
  make_group(key(1), group(1), {member("ann")});
  auto added = removal(2, 1, "ann", "bob");
  added.kind = domain::EventKind::member_added;
  added.role = domain::Role::admin;
  LogEvent own;
  own.seq = 3;
  own.no = 1;
  own.kind = domain::EventKind::conversation_added;
  own.target = cid(9);
  own.ts = {5};
  auto binary = message(4, 2, "bob", "id");
  binary.body = std::string{"\x01\0\xff", 3};
  WriteStep step;
  step.events = {
      {key(1), message(1, 1, "ann", "a")}, {key(1), added}, {key(1), own}, {key(1), binary}};
  write(step);
  const auto events = page({key(1), 0, 4, 10});
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[0].seq, 1U);
  EXPECT_EQ(events[0].no, 1U);
  EXPECT_EQ(events[0].kind, domain::EventKind::message);
  EXPECT_EQ(events[0].actor, user("ann"));
  EXPECT_EQ(events[0].client_id, client_id("a"));
  EXPECT_EQ(events[0].ts.ms, 1'001);
  EXPECT_EQ(events[0].body, message(1, 1, "ann", "a").body);
  EXPECT_EQ(events[1].kind, domain::EventKind::member_added);
  EXPECT_EQ(events[1].subject, user("bob"));
  EXPECT_EQ(events[1].role, domain::Role::admin);
  EXPECT_TRUE(events[1].client_id.empty());
  EXPECT_EQ(events[2].target, cid(9));
  EXPECT_TRUE(events[2].actor.empty());
  EXPECT_EQ(events[3].body, binary.body);
}

TEST_P(StoreContract, a_page_is_the_first_or_the_newest_part_of_its_range) {
  make_group(key(1), group(1), {member("ann")}, 9);
  make_group(key(2), group(2), {member("ann")}, 9);
  EXPECT_EQ(seqs({key(1), 2, 6, 10}), (std::vector<Seq>{3, 4, 5, 6}));
  EXPECT_EQ(seqs({key(1), 2, 6, 3}), (std::vector<Seq>{3, 4, 5}));
  EXPECT_EQ(seqs({key(1), 2, 6, 3, true}), (std::vector<Seq>{4, 5, 6}));
  EXPECT_EQ(seqs({key(1), 0, base::seq_wire_max, 2, true}), (std::vector<Seq>{8, 9}));
  EXPECT_TRUE(seqs({key(1), 6, 6, 10}).empty());
  EXPECT_TRUE(seqs({key(1), 7, 6, 10}).empty());
  EXPECT_TRUE(seqs({key(1), 9, 99, 10}).empty());
  EXPECT_TRUE(seqs({key(1), base::seq_wire_max - 1, base::seq_wire_max, 10}).empty());
  EXPECT_TRUE(seqs({key(1), 0, 9, 0}).empty());
  EXPECT_TRUE(seqs({key(3), 0, 9, 10}).empty());
}

TEST_P(StoreContract, a_page_ends_with_the_event_that_brings_it_to_its_bytes) {
  make_group(key(1), group(1), {member("ann")});
  WriteStep step;
  for (Seq seq = 1; seq <= 6; ++seq) {
    auto event = message(seq, seq, "ann", "b" + std::to_string(seq));
    event.body = std::string(100, 'x');
    step.events.push_back({key(1), std::move(event)});
  }
  write(std::move(step));
  PageQuery query{.conversation = key(1), .to = 6, .limit = 10};
  for (const auto& [bytes, count] : {std::pair{1U, 1U}, {100U, 1U}, {101U, 2U}, {600U, 6U}}) {
    query.bytes_max = bytes;
    query.newest = false;
    EXPECT_EQ(page(query).size(), count) << bytes;
    EXPECT_EQ(page(query).front().seq, 1U);
    query.newest = true;
    EXPECT_EQ(page(query).size(), count) << bytes;
    EXPECT_EQ(page(query).back().seq, 6U);
  }
}

TEST_P(StoreContract, a_page_of_messages_only_passes_over_other_events) {
  make_group(key(1), group(1), {member("ann")}, 2);
  WriteStep step;
  step.events = {{key(1), removal(3, 2, "ann", "bob")},
                 {key(1), message(4, 3, "ann", "d")},
                 {key(1), removal(5, 3, "ann", "carl")}};
  write(step);
  PageQuery query{key(1), 0, 9, 2, false, true};
  EXPECT_EQ(seqs(query), (std::vector<Seq>{1, 2}));
  query.newest = true;
  EXPECT_EQ(seqs(query), (std::vector<Seq>{2, 4}));
}

TEST_P(StoreContract, memberships_come_newest_first_with_heads_and_with_the_own_log) {
  make_group(key(1), group(1, 100), {member("ann")}, 1);
  make_group(key(2), group(2, 9'000), {member("ann"), member("bob")});
  auto since = member("ann");
  since.from_seq = 2;
  make_group(key(3), group(3, 50), {member("bob"), since}, 4);
  auto gone = member("ann");
  gone.until_seq = 1;
  make_group(key(4), group(4), {gone}, 1);
  auto own = group(5);
  own.kind = domain::Kind::user_log;
  make_group(key(5), own, {member("ann")}, 3);
  const auto rows = memberships(user_key("ann"));
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].cid, cid(2));
  EXPECT_EQ(rows[0].head, 0U);
  EXPECT_EQ(rows[0].active_at.ms, 9'000);
  EXPECT_EQ(rows[1].cid, cid(3));
  EXPECT_EQ(rows[1].head, 4U);
  EXPECT_EQ(rows[1].from_seq, 2U);
  EXPECT_EQ(rows[1].active_at.ms, 1'004);
  EXPECT_EQ(rows[2].cid, cid(5));
  EXPECT_EQ(rows[2].kind, domain::Kind::user_log);
  EXPECT_EQ(rows[2].head, 3U);
  EXPECT_EQ(rows[3].cid, cid(1));
  EXPECT_TRUE(memberships(user_key("nobody")).empty());
  EXPECT_TRUE(memberships(user_key("ann", 2)).empty());
}

TEST_P(StoreContract, memberships_of_some_conversations_may_name_the_own_log) {
  make_group(key(1), group(1), {member("ann")}, 1);
  make_group(key(2), group(2), {member("ann")}, 3);
  make_group(key(3), group(3), {member("bob")}, 1);
  auto gone = member("ann");
  gone.until_seq = 1;
  make_group(key(4), group(4), {gone}, 1);
  auto own = group(5);
  own.kind = domain::Kind::user_log;
  make_group(key(5), own, {member("ann")}, 2);
  WriteStep step;
  step.cursors = {{key(2), user("ann"), domain::DeviceId{"phone"}, 2},
                  {key(2), user("ann"), domain::DeviceId{}, 1}};
  write(step);
  const auto rows =
      memberships_of(user_key("ann"), {cid(1), cid(5), cid(2), cid(3), cid(4), cid(1)}, "phone");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].cid, cid(2));
  EXPECT_EQ(rows[0].head, 3U);
  EXPECT_EQ(rows[0].device_cursor, 2U);
  EXPECT_EQ(rows[0].default_cursor, 1U);
  EXPECT_EQ(rows[1].cid, cid(5));
  EXPECT_EQ(rows[1].kind, domain::Kind::user_log);
  EXPECT_EQ(rows[2].cid, cid(1));
  EXPECT_FALSE(rows[2].device_cursor.has_value());
  EXPECT_TRUE(memberships_of(user_key("nobody"), {cid(1)}).empty());
}

TEST_P(StoreContract, a_list_is_by_activity_and_goes_on_below_its_last_row) {
  for (std::uint8_t n = 1; n <= 5; ++n)
    make_group(key(n), group(n, 100), {member("ann")}, n == 3 ? 3 : 1);
  make_group(key(6), group(6, 100), {member("ann")});
  std::vector<domain::Cid> seen;
  ListQuery query{user_key("ann"), 2, {}};
  for (;;) {
    const auto rows = list(query);
    for (const auto& row : rows)
      seen.push_back(row.conversation.cid);
    if (rows.size() < query.limit) break;
    query.before = {rows.back().active_at, rows.back().conversation.cid};
  }
  EXPECT_EQ(seen, (std::vector<domain::Cid>{cid(3), cid(5), cid(4), cid(2), cid(1), cid(6)}));
  EXPECT_TRUE(list({user_key("nobody"), 10, {}}).empty());
  EXPECT_TRUE(list({user_key("ann"), 0, {}}).empty());
}

TEST_P(StoreContract, a_listed_conversation_has_the_members_row_the_last_message_and_counts) {
  auto ann = member("ann", domain::Role::admin);
  ann.read_seq = 1;
  ann.read_no = 1;
  make_group(key(1), group(1), {member("bob"), ann}, 3);
  WriteStep step;
  step.events = {{key(1), removal(4, 3, "ann", "carl")}};
  write(step);
  const auto rows = list({user_key("ann"), 10, {}});
  ASSERT_EQ(rows.size(), 1U);
  const ListedConversation& row = rows[0];
  EXPECT_EQ(row.conversation.title, "group 1");
  EXPECT_EQ(row.conversation.last_seq, 4U);
  EXPECT_EQ(row.conversation.last_no, 3U);
  EXPECT_EQ(row.conversation.members, 2U);
  EXPECT_EQ(row.member.user, user("ann"));
  EXPECT_EQ(row.member.role, domain::Role::admin);
  EXPECT_EQ(row.member.read_no, 1U);
  ASSERT_TRUE(row.last_message.has_value());
  EXPECT_EQ(row.last_message->seq, 3U);
  EXPECT_EQ(row.last_message->actor, user("bob"));
  EXPECT_EQ(row.last_message->client_id, client_id("m3"));
  EXPECT_EQ(row.last_message->body, message(3, 3, "bob", "m3").body);
  EXPECT_TRUE(row.users.empty());
  EXPECT_EQ(row.active_at.ms, 1'004);
}

TEST_P(StoreContract, the_last_message_lies_within_what_the_member_may_see) {
  auto late = member("late");
  late.from_seq = 4;
  make_group(key(1), group(1), {member("bob"), late}, 3);
  EXPECT_FALSE(list({user_key("late"), 10, {}}).at(0).last_message.has_value());
  EXPECT_FALSE(find_for(key(1), "late")->last_message.has_value());
  WriteStep step;
  step.events = {{key(1), message(4, 4, "bob", "new")}};
  write(step);
  EXPECT_EQ(list({user_key("late"), 10, {}}).at(0).last_message->seq, 4U);
  EXPECT_EQ(find_for(key(1), "late")->last_message->seq, 4U);
}

TEST_P(StoreContract, a_former_member_finds_the_conversation_as_it_was_at_his_end) {
  auto gone = member("gone");
  gone.until_seq = 3;
  make_group(key(1), group(1), {member("ann"), gone}, 2);
  WriteStep step;
  step.events = {{key(1), removal(3, 2, "ann", "gone")}, {key(1), message(4, 3, "ann", "later")}};
  write(step);
  const auto row = find_for(key(1), "gone");
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->member.until_seq, 3U);
  EXPECT_EQ(row->conversation.last_seq, 3U);
  EXPECT_EQ(row->conversation.last_no, 2U);
  EXPECT_EQ(row->last_message->seq, 2U);
  EXPECT_EQ(row->active_at.ms, 1'003);
  EXPECT_EQ(find_for(key(1), "ann")->last_message->seq, 4U);
  EXPECT_TRUE(list({user_key("gone"), 10, {}}).empty());
  EXPECT_FALSE(find_for(key(1), "stranger").has_value());
  EXPECT_FALSE(find_for(key(2), "ann").has_value());
}

TEST_P(StoreContract, a_direct_conversation_is_listed_with_its_two_users) {
  auto direct = group(1);
  direct.kind = domain::Kind::direct;
  make_group(key(1), direct, {member("zoe"), member("bob")}, 1);
  auto alone = group(2);
  alone.kind = domain::Kind::direct;
  make_group(key(2), alone, {member("sam")}, 1);
  const std::vector<UserId> both{user("bob"), user("zoe")};
  EXPECT_EQ(list({user_key("zoe"), 10, {}}).at(0).users, both);
  EXPECT_EQ(find_for(key(1), "bob")->users, both);
  EXPECT_EQ(find_for(key(2), "sam")->users, std::vector<UserId>{user("sam")});
}

TEST_P(StoreContract, members_come_in_pages_by_user_id_former_ones_left_out) {
  auto gone = member("carl");
  gone.until_seq = 1;
  make_group(
      key(1), group(1), {member("dora"), member("ann"), gone, member("Zed"), member("\xc3\xa9va")});
  using Names = std::vector<std::string>;
  EXPECT_EQ(members(key(1), 10), (Names{"Zed", "ann", "dora", "\xc3\xa9va"}));
  EXPECT_EQ(members(key(1), 2), (Names{"Zed", "ann"}));
  EXPECT_EQ(members(key(1), 2, "ann"), (Names{"dora", "\xc3\xa9va"}));
  EXPECT_EQ(members(key(1), 2, "b"), (Names{"dora", "\xc3\xa9va"}));
  EXPECT_TRUE(members(key(1), 2, "\xc3\xa9va").empty());
  EXPECT_TRUE(members(key(2), 2).empty());
}

TEST_P(StoreContract, unread_in_all_is_the_sum_over_active_memberships_without_the_own_log) {
  auto ann = member("ann");
  ann.read_seq = ann.read_no = 1;
  make_group(key(1), group(1), {member("bob"), ann}, 4);
  make_group(key(2), group(2), {member("bob"), member("ann")}, 2);
  make_group(key(3), group(3), {member("ann")});
  auto gone = member("ann");
  gone.until_seq = 3;
  make_group(key(4), group(4), {member("bob"), gone}, 3);
  auto own = group(5);
  own.kind = domain::Kind::user_log;
  make_group(key(5), own, {member("ann")}, 6);
  EXPECT_EQ(unread_total(user_key("ann")), 5U);
  EXPECT_EQ(unread_total(user_key("nobody")), 0U);
  WriteStep step;
  step.reads = {{key(1), user("ann"), 4, 4}};
  write(step);
  EXPECT_EQ(unread_total(user_key("ann")), 2U);
}

TEST_P(StoreContract, users_are_shown_to_those_who_share_an_active_conversation) {
  auto gone = member("gone");
  gone.until_seq = 1;
  make_group(key(1), group(1), {member("ann"), member("bob"), gone}, 1);
  make_group(key(2), group(2), {member("carl"), member("bob")}, 1);
  WriteStep step;
  step.users = {{user_key("ann"), "Ann", ""},
                {user_key("bob"), "Bob", "http://b"},
                {user_key("carl"), "Carl", ""},
                {user_key("gone"), "Gone", ""}};
  write(step);
  const auto rows = users(user_key("ann"),
                          {user("bob"), user("ann"), user("carl"), user("gone"), user("nobody")});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].user, user("bob"));
  EXPECT_EQ(rows[0].name, "Bob");
  EXPECT_EQ(rows[0].avatar, "http://b");
  EXPECT_EQ(rows[1].name, "Ann");
  EXPECT_EQ(users(user_key("bob"), {user("carl"), user("ann")}).size(), 2U);
  EXPECT_TRUE(users(user_key("gone"), {user("ann")}).empty());
  EXPECT_TRUE(users(user_key("nobody"), {user("ann"), user("nobody")}).empty());
}

TEST_P(StoreContract, what_a_user_write_leaves_empty_stays) {
  WriteStep step;
  step.users = {{user_key("ann"), "Ann", "http://a"}};
  write(step);
  step.users = {{user_key("ann"), "", ""}, {user_key("ann"), "Anna", ""}};
  write(step);
  const auto rows = users(user_key("ann"), {user("ann")});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].name, "Anna");
  EXPECT_EQ(rows[0].avatar, "http://a");
}

TEST_P(StoreContract, when_a_user_was_last_seen_only_rises) {
  WriteStep step;
  step.users = {{user_key("ann"), "Ann", "", {500}}};
  write(step);
  step.users = {{user_key("ann"), "", "", {700}}, {user_key("ann"), "", "", {600}}};
  write(step);
  step.users = {{user_key("ann"), "Anna", "", {}}, {user_key("ann"), "", "", {650}}};
  write(step);
  const auto rows = users(user_key("ann"), {user("ann")});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].name, "Anna");
  EXPECT_EQ(rows[0].last_seen.ms, 700);
}

TEST_P(StoreContract, applications_never_meet) {
  auto row = group(1);
  row.external_id = "order";
  make_group(key(1, 1), row, {member("ann"), member("bob")}, 2);
  auto other = group(1, 7'000);
  other.title = "elsewhere";
  other.external_id = "order";
  make_group(key(1, 2), other, {member("ann"), member("carl")}, 1);
  WriteStep step;
  step.users = {{user_key("ann", 1), "Ann One", ""}, {user_key("ann", 2), "Ann Two", ""}};
  step.cursors = {{key(1, 1), user("ann"), domain::DeviceId{"d"}, 2}};
  write(step);
  EXPECT_EQ(locked(key(1, 1))->last_seq, 2U);
  EXPECT_EQ(locked(key(1, 2))->last_seq, 1U);
  EXPECT_FALSE(locked(key(1, 3)).has_value());
  EXPECT_EQ(load(key(1, 2))->conversation.title, "elsewhere");
  EXPECT_EQ(page({key(1, 2), 0, 9, 9}).size(), 1U);
  EXPECT_EQ(unread_total(user_key("ann", 1)), 2U);
  EXPECT_EQ(unread_total(user_key("ann", 2)), 1U);
  EXPECT_EQ(memberships(user_key("ann", 1), "d").at(0).device_cursor, 2U);
  EXPECT_FALSE(memberships(user_key("ann", 2), "d").at(0).device_cursor.has_value());
  EXPECT_EQ(list({user_key("ann", 2), 9, {}}).at(0).conversation.title, "elsewhere");
  EXPECT_FALSE(find_for(key(1, 2), "bob").has_value());
  EXPECT_EQ(users(user_key("ann", 2), {user("ann"), user("bob"), user("carl")}).size(), 2U);
  EXPECT_EQ(users(user_key("ann", 2), {user("ann")}).at(0).name, "Ann Two");
  const auto retry = look_up<Looked>(LookStep{
      {{key(1, 2), user("ann"), client_id("m1")}, {key(1, 2), user("ann"), client_id("m2")}}});
  EXPECT_TRUE(retry.found.at(0).has_value());
  EXPECT_FALSE(retry.found.at(1).has_value());
}

}  // namespace kith::ports::contract
