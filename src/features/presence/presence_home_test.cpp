#include "features/presence/presence_home.hpp"

#include "base/limits.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kith::features::presence {
namespace {

using namespace std::chrono_literals;

class Home : public ::testing::Test {
 protected:
  static Who who(const std::string& name) {
    Who one{{static_cast<base::AppId>(1), {}}, base::UserId{name}};
    one.own_log.cid.bytes = {static_cast<std::uint8_t>(name[0])};
    return one;
  }

  void pass(base::Duration time) {
    at.now = at.now + time;
    at.wall.ms += std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  }

  // What those who watch are told by now: "ann online", "ann offline 7".
  std::vector<std::string> told() {
    std::vector<std::string> lines;
    auto due = home.take_due(at);
    for (const auto& change : due.changes)
      lines.push_back(change.who.user.str() + " " + text(change.shown));
    for (auto& [whom, when] : due.leaves)
      stored.push_back(whom.user.str() + " " + std::to_string(when.ms));
    return lines;
  }

  static std::string text(const Presence& shown) {
    auto line = std::string{to_text(shown.status)};
    if (shown.last_seen.ms != 0) line += " " + std::to_string(shown.last_seen.ms);
    return line;
  }

  using Lines = std::vector<std::string>;

  PresenceHome home;
  Moment at{base::Instant{} + 1h, {1'000'000}};
  Lines stored;
  Who ann = who("ann");
};

TEST_F(Home, who_watches_is_answered_and_told_of_changes) {
  EXPECT_EQ(text(home.watch(ann, 0, 0, at)), "offline");
  home.on_connected(ann.own_log, 1, at);
  EXPECT_EQ(told(), (Lines{"ann online"}));
  EXPECT_EQ(told(), Lines{});
  EXPECT_EQ(text(home.watch(ann, 1, 1, at)), "online");
}

TEST_F(Home, who_comes_back_within_five_seconds_was_never_gone) {
  home.watch(ann, 0, 1, at);
  home.on_connected(ann.own_log, 0, at);
  home.on_ended(ann, 0, at);
  pass(4'900ms);
  EXPECT_EQ(told(), Lines{});
  EXPECT_EQ(text(home.look(ann, 0)), "online");
  home.on_connected(ann.own_log, 2, at);
  pass(1min);
  EXPECT_EQ(told(), Lines{});
  EXPECT_EQ(stored, Lines{});
}

TEST_F(Home, who_stays_away_is_offline_since_he_left) {
  home.watch(ann, 0, 1, at);
  home.on_connected(ann.own_log, 0, at);
  home.on_ended(ann, 0, at);
  EXPECT_EQ(home.next_due(), at.now + 5s);
  pass(5s);
  EXPECT_EQ(told(), (Lines{"ann offline 1000000"}));
  EXPECT_EQ(stored, (Lines{"ann 1000000"}));
}

TEST_F(Home, that_somebody_left_is_stored_though_nobody_watches_and_nothing_is_kept) {
  home.on_ended(ann, 0, at);
  pass(5s);
  EXPECT_EQ(told(), Lines{});
  EXPECT_EQ(stored, (Lines{"ann 1000000"}));
  EXPECT_EQ(home.noted(), 0U);
  home.on_ended(ann, 1, at);  // another device is there
  EXPECT_EQ(home.noted(), 0U);
}

TEST_F(Home, who_is_simply_there_costs_nothing) {
  home.on_connected(ann.own_log, 1, at);
  EXPECT_EQ(home.noted(), 0U);
  home.watch(ann, 0, 1, at);
  home.unwatch(ann.own_log, 0, at);
  EXPECT_EQ(home.noted(), 0U);
  home.choose(ann, Status::online, 1, at);
  EXPECT_EQ(home.noted(), 0U);
}

TEST_F(Home, changes_of_one_user_are_told_once_a_second_the_newest_alone) {
  home.watch(ann, 0, 1, at);
  home.choose(ann, Status::busy, 1, at);
  EXPECT_EQ(told(), (Lines{"ann busy"}));
  home.choose(ann, Status::online, 1, at);
  home.choose(ann, Status::offline, 1, at);
  home.choose(ann, Status::online, 1, at);
  pass(900ms);
  EXPECT_EQ(told(), Lines{});
  pass(100ms);
  EXPECT_EQ(told(), (Lines{"ann online"}));
  home.choose(ann, Status::busy, 1, at);
  home.choose(ann, Status::online, 1, at);
  pass(10s);
  EXPECT_EQ(told(), Lines{});  // as it was
}

TEST_F(Home, the_invisible_look_as_if_they_had_left_when_they_hid) {
  home.watch(ann, 0, 1, at);
  home.choose(ann, Status::offline, 1, at);
  EXPECT_EQ(told(), (Lines{"ann offline 1000000"}));
  pass(1min);
  home.on_connected(ann.own_log, 0, at);
  home.on_ended(ann, 0, at);
  pass(5s);
  EXPECT_EQ(told(), Lines{});
  EXPECT_EQ(stored, (Lines{"ann 1000000"}));
  home.on_connected(ann.own_log, 1, at);  // the next time he is visible
  EXPECT_EQ(told(), (Lines{"ann online"}));
}

TEST_F(Home, invisible_is_remembered_while_nobody_watches) {
  home.choose(ann, Status::offline, 1, at);
  told();
  EXPECT_EQ(text(home.look(ann, 1)), "offline 1000000");
  EXPECT_EQ(text(home.watch(ann, 0, 1, at)), "offline 1000000");
}

TEST_F(Home, he_is_away_when_all_his_connections_are) {
  home.watch(ann, 0, 0b11, at);
  home.set_away(ann, 0, true, 0b11, at);
  EXPECT_EQ(told(), Lines{});
  home.set_away(ann, 1, true, 0b11, at);
  EXPECT_EQ(told(), (Lines{"ann away"}));
  pass(1s);
  home.set_away(ann, 0, false, 0b11, at);
  EXPECT_EQ(told(), (Lines{"ann online"}));
  pass(1s);
  home.on_connected(ann.own_log, 0b10, at);  // the one that was not away has gone
  EXPECT_EQ(told(), (Lines{"ann away"}));
}

TEST_F(Home, busy_is_said_for_all_devices_until_the_last_has_gone) {
  home.watch(ann, 0, 0b11, at);
  home.choose(ann, Status::busy, 0b11, at);
  home.set_away(ann, 0, true, 0b11, at);
  EXPECT_EQ(told(), (Lines{"ann busy"}));
  pass(1s);
  home.on_connected(ann.own_log, 0b10, at);
  EXPECT_EQ(told(), Lines{});
  home.on_connected(ann.own_log, 0, at);
  home.on_ended(ann, 0, at);
  pass(5s);
  EXPECT_EQ(told().size(), 1U);
  home.on_connected(ann.own_log, 1, at);
  pass(1s);
  EXPECT_EQ(told(), (Lines{"ann online"}));
}

TEST_F(Home, before_the_end_everybody_who_is_leaving_is_stored) {
  const auto bob = who("bob");
  home.on_ended(ann, 0, at);
  home.watch(bob, 0, 1, at);
  auto due = home.take_all(at);
  ASSERT_EQ(due.leaves.size(), 1U);
  EXPECT_EQ(due.leaves[0].first.user.str(), "ann");
  EXPECT_EQ(text(home.look(bob, 1)), "online");
}

TEST(Status, is_read_and_written) {
  for (const auto status : {Status::offline, Status::online, Status::away, Status::busy})
    EXPECT_EQ(parse_status(to_text(status)), status);
  EXPECT_EQ(parse_status("Online"), std::nullopt);
  EXPECT_EQ(parse_status(""), std::nullopt);
}

}  // namespace
}  // namespace kith::features::presence
