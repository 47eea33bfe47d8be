#include "features/presence/watchers.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kith::features::presence {
namespace {

Who who(std::uint8_t n) {
  Who one{{static_cast<base::AppId>(1), {}}, base::UserId{"u" + std::to_string(n)}};
  one.own_log.cid.bytes = {n};
  return one;
}

TEST(Watchers, only_those_who_were_allowed_are_told) {
  Watchers w;
  w.want(1, who(7).own_log);
  w.want(2, who(7).own_log);
  EXPECT_TRUE(w.allow(2, who(7).own_log));
  w.note(who(7), {Status::online, {}});
  const auto taken = w.take(100);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].user.str(), "u7");
  EXPECT_EQ(taken[0].sessions, std::vector<std::uint64_t>{2});
  EXPECT_FALSE(w.pending());
}

TEST(Watchers, what_nobody_watches_is_not_kept) {
  Watchers w;
  w.note(who(7), {Status::online, {}});
  EXPECT_FALSE(w.pending());
  w.want(1, who(7).own_log);
  w.note(who(7), {Status::online, {}});
  EXPECT_TRUE(w.drop(1, who(7).own_log));
  EXPECT_FALSE(w.pending());
  EXPECT_EQ(w.watched(), 0U);
  EXPECT_FALSE(w.allow(1, who(7).own_log));
}

TEST(Watchers, the_last_one_to_go_is_named) {
  Watchers w;
  w.want(1, who(7).own_log);
  w.want(1, who(8).own_log);
  w.want(2, who(7).own_log);
  EXPECT_EQ(w.watched_by(1), 2U);
  EXPECT_TRUE(w.watches(1, who(8).own_log));
  EXPECT_FALSE(w.drop(3, who(7).own_log));
  EXPECT_EQ(w.end(1), std::vector{who(8).own_log});
  EXPECT_EQ(w.end(2), std::vector{who(7).own_log});
  EXPECT_TRUE(w.end(2).empty());
  EXPECT_EQ(w.watched_by(1), 0U);
}

TEST(Watchers, asking_twice_is_watching_once) {
  Watchers w;
  w.want(1, who(7).own_log);
  w.want(1, who(7).own_log);
  w.allow(1, who(7).own_log);
  w.note(who(7), {Status::away, {}});
  EXPECT_EQ(w.take(100).at(0).sessions.size(), 1U);
  EXPECT_TRUE(w.drop(1, who(7).own_log));
}

TEST(Watchers, of_a_user_only_the_newest_is_told) {
  Watchers w;
  w.want(1, who(7).own_log);
  w.allow(1, who(7).own_log);
  w.note(who(7), {Status::away, {}});
  w.note(who(7), {Status::busy, {}});
  const auto taken = w.take(100);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].shown.status, Status::busy);
}

TEST(Watchers, a_budget_is_kept_and_everybody_has_his_turn) {
  Watchers w;
  for (std::uint8_t n = 1; n <= 4; ++n) {
    w.want(1, who(n).own_log);
    w.allow(1, who(n).own_log);
    w.note(who(n), {Status::online, {}});
  }
  EXPECT_EQ(w.take(2).size(), 2U);
  // The first two change again and again: the others are not pushed back.
  w.note(who(1), {Status::away, {}});
  w.note(who(2), {Status::away, {}});
  const auto next = w.take(2);
  ASSERT_EQ(next.size(), 2U);
  EXPECT_EQ(next[0].user.str(), "u3");
  EXPECT_EQ(next[1].user.str(), "u4");
  EXPECT_EQ(w.take(0).size(), 1U);  // never stuck
  EXPECT_EQ(w.take(9).size(), 1U);
}

}  // namespace
}  // namespace kith::features::presence
