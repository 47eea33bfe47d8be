#pragma once

#include "base/limits.hpp"
#include "ports/store_fixture_test.hpp"

#include <thread>

// Queues, threads, the end and the beginning; applications and keys.
namespace kith::ports::contract {

namespace limits = base::limits;

// A script that waits at a gate, and tells that it has come there.
inline Script held_at(Gate& gate, Gate& arrived) {
  return {[&] {
            arrived.open();
            EXPECT_TRUE(gate.wait());
            return LockStep{};
          },
          [] { return CommitStep{}; }};
}

inline Script empty_transaction() {
  return {[] { return LockStep{}; }, [] { return CommitStep{}; }};
}

TEST_P(StoreContract, what_waits_while_a_transaction_runs_becomes_one_batch_in_order) {
  Gate gate;
  Gate arrived;
  const auto first = submit(held_at(gate, arrived));
  ASSERT_TRUE(arrived.wait());
  std::vector<int> order;
  std::vector<std::shared_ptr<Outcome>> waiting;
  for (int i = 0; i < 20; ++i) {
    Script script = empty_transaction();
    script[0] = [&order, i] {
      order.push_back(i);
      return LockStep{};
    };
    waiting.push_back(submit(std::move(script)));
  }
  gate.open();
  ASSERT_TRUE(waiting.back()->finished.wait());
  EXPECT_EQ(first->batch, 1U);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(waiting[static_cast<std::size_t>(i)]->batch, 20U);
    EXPECT_EQ(order.at(static_cast<std::size_t>(i)), i);
  }
}

TEST_P(StoreContract, what_no_transaction_has_taken_can_be_taken_back) {
  Gate gate;
  Gate arrived;
  const auto running = submit(held_at(gate, arrived));
  ASSERT_TRUE(arrived.wait());
  submit(empty_transaction());
  submit(empty_transaction());
  EXPECT_TRUE(store_->withdraw(0, base::Instant{0}).empty());  // nothing is older than that
  EXPECT_EQ(store_->withdraw(0, base::Instant{1}).size(), 2U);
  EXPECT_TRUE(store_->withdraw(0, base::Instant{1}).empty());
  const auto last = submit(empty_transaction());
  gate.open();
  ASSERT_TRUE(last->finished.wait());
  EXPECT_EQ(last->batch, 1U);
}

TEST_P(StoreContract, a_batch_is_bounded_in_entries_and_in_bytes) {
  Gate gate;
  Gate arrived;
  submit(held_at(gate, arrived));
  ASSERT_TRUE(arrived.wait());
  std::vector<std::shared_ptr<Outcome>> large;
  for (int i = 0; i < 5; ++i)
    large.push_back(submit(empty_transaction(), limits::batch_bytes_max / 2));
  std::vector<std::shared_ptr<Outcome>> small;
  for (std::size_t i = 0; i < limits::batch_entries_max + 10; ++i)
    small.push_back(submit(empty_transaction(), 1));
  gate.open();
  ASSERT_TRUE(small.back()->finished.wait());
  EXPECT_EQ(large[0]->batch, 2U);
  EXPECT_EQ(large[2]->batch, 2U);
  EXPECT_EQ(large[4]->batch, limits::batch_entries_max);
  EXPECT_EQ(small.back()->batch, 11U);
}

TEST_P(StoreContract, what_nobody_waits_for_delays_no_answer_by_more_than_a_slice) {
  Gate gate;
  Gate arrived;
  submit(held_at(gate, arrived));
  ASSERT_TRUE(arrived.wait());
  std::vector<std::shared_ptr<Outcome>> background;
  for (int i = 0; i < 6; ++i)
    background.push_back(submit(empty_transaction(), 100, limits::cursor_slice / 2));
  const auto awaited = submit(empty_transaction());
  gate.open();
  ASSERT_TRUE(background.back()->finished.wait());
  ASSERT_TRUE(awaited->finished.wait());
  EXPECT_EQ(awaited->batch, 3U);  // it came last and is in the first batch, with one slice
  EXPECT_EQ(background[1]->batch, 3U);
  EXPECT_EQ(background[2]->batch, 2U);
  EXPECT_EQ(background[5]->batch, 2U);
}

TEST_P(StoreContract, a_full_lane_refuses_and_leaves_the_entry_untouched) {
  Gate gate;
  Gate arrived;
  submit(held_at(gate, arrived));
  ASSERT_TRUE(arrived.wait());
  for (std::size_t i = 0; i < 4; ++i)
    submit(empty_transaction(), limits::lane_queue_bytes_max / 4);
  auto outcome = std::make_shared<Outcome>();
  std::unique_ptr<LaneEntry> entry = std::make_unique<ScriptEntry>(empty_transaction(), outcome, 1);
  const auto refused = store_->submit(0, entry);
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code, base::Errc::overloaded);
  ASSERT_NE(entry, nullptr);
  gate.open();
  store_->drain();
  EXPECT_EQ(outcome->batch, 0U);
}

TEST_P(StoreContract, a_lane_full_of_entries_refuses_the_next) {
  Gate gate;
  Gate arrived;
  submit(held_at(gate, arrived));
  ASSERT_TRUE(arrived.wait());
  auto outcome = std::make_shared<Outcome>();
  std::unique_ptr<LaneEntry> entry;
  for (std::size_t i = 0; i < limits::lane_queue_entries_max; ++i) {
    entry = std::make_unique<ScriptEntry>(Script{}, outcome, 0);
    ASSERT_TRUE(store_->submit(0, entry).has_value());
  }
  entry = std::make_unique<ScriptEntry>(Script{}, outcome, 0);
  EXPECT_EQ(store_->submit(0, entry).error().code, base::Errc::overloaded);
  gate.open();
  store_->drain();
}

TEST_P(StoreContract, drain_ends_what_waits_and_refuses_the_rest) {
  make_group(key(1), group(1), {member("ann")});
  Gate gate;
  Gate arrived;
  submit(held_at(gate, arrived));
  ASSERT_TRUE(arrived.wait());
  const auto waiting = submit({[] { return LockStep{{key(1)}}; },
                               [] {
                                 WriteStep step;
                                 step.events = {{key(1), message(1, 1, "ann", "a")}};
                                 return step;
                               },
                               [] { return CommitStep{}; }});
  gate.open();
  store_->drain();
  EXPECT_TRUE(std::holds_alternative<Committed>(waiting->results.back()));
  auto outcome = std::make_shared<Outcome>();
  std::unique_ptr<LaneEntry> entry = std::make_unique<ScriptEntry>(empty_transaction(), outcome);
  EXPECT_EQ(store_->submit(0, entry).error().code, base::Errc::draining);
  EXPECT_NE(entry, nullptr);
  EXPECT_EQ(page({key(1), 0, 9, 9}).size(), 1U);  // reading goes on
  store_->drain();
  reopen();
  EXPECT_EQ(page({key(1), 0, 9, 9}).size(), 1U);
}

TEST_P(StoreContract, a_store_that_is_destroyed_destroys_what_waits) {
  Gate gate;
  Gate arrived;
  submit(held_at(gate, arrived));
  ASSERT_TRUE(arrived.wait());
  const auto waiting = submit(empty_transaction());
  ASSERT_EQ(waiting.use_count(), 2);
  std::thread destroyer([&] { store_.reset(); });
  gate.open();
  destroyer.join();
  EXPECT_EQ(waiting.use_count(), 1);
}

TEST_P(StoreContract, everything_is_there_when_opened_again) {
  const auto meta_before = store_->meta();
  EXPECT_FALSE(meta_before.epoch.empty());
  EXPECT_NE(meta_before.id_key, base::Key16{});
  auto row = group(1);
  row.external_id = "x";
  row.custom = "{\"k\":[1]}";
  make_group(key(1), row, {member("ann", domain::Role::owner), member("bob")}, 3);
  WriteStep step;
  step.cursors = {{key(1), user("ann"), domain::DeviceId{"d"}, 2}};
  step.users = {{user_key("bob"), "Bob", ""}};
  write(step);
  reopen();
  EXPECT_EQ(store_->meta().epoch, meta_before.epoch);
  EXPECT_EQ(store_->meta().id_key, meta_before.id_key);
  EXPECT_EQ(page({key(1), 0, 9, 9}).size(), 3U);
  EXPECT_EQ(load(key(1))->members.size(), 2U);
  EXPECT_EQ(load(key(1))->conversation.custom, "{\"k\":[1]}");
  EXPECT_EQ(find_external({key(1).app, "x"}), cid(1));
  EXPECT_EQ(memberships(user_key("ann"), "d").at(0).device_cursor, 2U);
  EXPECT_EQ(users(user_key("ann"), {user("bob")}).at(0).name, "Bob");
  const auto retry = look_up<Looked>(LookStep{{{key(1), user("ann"), client_id("m2")}}});
  EXPECT_EQ(retry.found.at(0)->seq, 2U);
}

TEST_P(StoreContract, applications_and_keys_are_kept) {
  EXPECT_TRUE(store_->directory()->apps.empty());
  const auto one = store_->create_app("one");
  const auto two = store_->create_app("two");
  ASSERT_TRUE(one.has_value());
  ASSERT_TRUE(two.has_value());
  EXPECT_NE(one->id, two->id);
  EXPECT_EQ(store_->create_app("one").error().code, base::Errc::conflict);
  const std::string secret{"\x00\xff\x01", 3};
  EXPECT_TRUE(store_->add_key({one->id, "k1", KeyKind::signing, secret, {5}, {}}).has_value());
  EXPECT_TRUE(store_->add_key({two->id, "k1", KeyKind::server, "hash", {6}, {}}).has_value());
  EXPECT_EQ(store_->add_key({one->id, "k1", KeyKind::server, "h", {7}, {}}).error().code,
            base::Errc::conflict);
  EXPECT_EQ(store_->add_key({domain::AppId{999}, "k", KeyKind::server, "h", {7}, {}}).error().code,
            base::Errc::not_found);
  EXPECT_TRUE(store_->retire_key(two->id, "k1").has_value());
  EXPECT_EQ(store_->retire_key(two->id, "k2").error().code, base::Errc::not_found);
  reopen();
  const auto directory = store_->directory();
  ASSERT_TRUE(directory.has_value());
  ASSERT_EQ(directory->apps.size(), 2U);
  EXPECT_EQ(directory->apps[0].name, "one");
  ASSERT_EQ(directory->keys.size(), 2U);
  EXPECT_EQ(directory->keys[0].app, one->id);
  EXPECT_EQ(directory->keys[0].kind, KeyKind::signing);
  EXPECT_EQ(directory->keys[0].secret, secret);
  EXPECT_EQ(directory->keys[0].created_at.ms, 5);
  EXPECT_EQ(directory->keys[0].retired_at.ms, 0);
  EXPECT_NE(directory->keys[1].retired_at.ms, 0);
}

}  // namespace kith::ports::contract
