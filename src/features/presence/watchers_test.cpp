#include "features/presence/watchers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
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
  w.want(1, who(7));
  w.want(2, who(7));
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
  w.want(1, who(7));
  w.note(who(7), {Status::online, {}});
  EXPECT_TRUE(w.drop(1, who(7).own_log));
  EXPECT_FALSE(w.pending());
  EXPECT_EQ(w.watched(), 0U);
  EXPECT_FALSE(w.allow(1, who(7).own_log));
}

TEST(Watchers, the_last_one_to_go_is_named) {
  Watchers w;
  w.want(1, who(7));
  w.want(1, who(8));
  w.want(2, who(7));
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
  w.want(1, who(7));
  w.want(1, who(7));
  w.allow(1, who(7).own_log);
  w.note(who(7), {Status::away, {}});
  EXPECT_EQ(w.take(100).at(0).sessions.size(), 1U);
  EXPECT_TRUE(w.drop(1, who(7).own_log));
}

TEST(Watchers, of_a_user_only_the_newest_is_told) {
  Watchers w;
  w.want(1, who(7));
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
    w.want(1, who(n));
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
  EXPECT_TRUE(w.take(0).empty());
  EXPECT_EQ(w.take(9).size(), 2U);
}

TEST(Watchers, a_user_whom_many_watch_is_told_them_in_parts) {
  Watchers w;
  for (std::uint64_t session = 5; session > 0; --session) {
    w.want(session, who(7));
    if (session != 2) w.allow(session, who(7).own_log);
  }
  w.note(who(7), {Status::online, {}});
  using Sessions = std::vector<std::uint64_t>;
  EXPECT_EQ(w.take(3).at(0).sessions, (Sessions{1, 3, 4}));
  // Changed again: first those who have not heard of the last one, then the others.
  w.note(who(7), {Status::busy, {}});
  const auto next = w.take(3);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].shown.status, Status::busy);
  EXPECT_EQ(next[0].sessions, (Sessions{5, 1, 3}));
  w.end(4);
  w.want(6, who(7));  // he was answered with the newest
  EXPECT_TRUE(w.take(3).empty());
  EXPECT_FALSE(w.pending());
}

TEST(Watchers, who_is_watched_by_many_does_not_keep_others_waiting) {
  Watchers w;
  for (std::uint64_t session = 1; session <= 9; ++session) {
    w.want(session, who(7));
    w.allow(session, who(7).own_log);
  }
  w.want(1, who(8));
  w.allow(1, who(8).own_log);
  w.note(who(7), {Status::online, {}});
  w.note(who(8), {Status::online, {}});
  std::size_t most = 0;
  std::size_t told = 0;
  for (int slice = 0; slice < 5; ++slice) {
    std::size_t now = 0;
    for (const auto& delivery : w.take(2)) {
      now += delivery.sessions.size();
      EXPECT_TRUE(delivery.user.str() != "u8" || slice < 2);
    }
    most = std::max(most, now);
    told += now;
  }
  EXPECT_EQ(most, 2U);
  EXPECT_EQ(told, 10U);
  EXPECT_FALSE(w.pending());
}

std::vector<std::string> names(const Watchers::Doubt& doubt) {
  std::vector<std::string> names;
  for (const auto& one : doubt.whom)
    names.push_back(one.user.str());
  return names;
}

using Names = std::vector<std::string>;

TEST(Watchers, what_is_doubted_is_taken_once_connection_by_connection_some_at_a_time) {
  Watchers w;
  for (std::uint8_t n = 1; n <= 3; ++n)
    w.want(1, who(n));
  w.want(2, who(3));
  w.want(3, who(3));
  w.doubt(1);
  w.doubt(who(3).own_log);
  w.doubt(who(9).own_log);
  w.doubt(7);
  w.end(3);
  const auto first = w.take_doubt(2);
  EXPECT_EQ(first.session, 1U);
  EXPECT_EQ(names(first), (Names{"u1", "u2"}));
  const auto other = w.take_doubt(2);
  EXPECT_EQ(other.session, 2U);
  EXPECT_EQ(names(other), (Names{"u3"}));
  EXPECT_EQ(names(w.take_doubt(2)), (Names{"u3"}));
  EXPECT_TRUE(w.take_doubt(2).whom.empty());
  w.doubt(1, who(2).own_log);
  EXPECT_TRUE(w.doubts(1, who(2).own_log));
  EXPECT_FALSE(w.doubts(1, who(1).own_log));
  w.drop(1, who(2).own_log);
  EXPECT_TRUE(w.take_doubt(2).whom.empty());
}

TEST(Watchers, who_is_doubted_again_and_again_does_not_keep_others_waiting) {
  Watchers w;
  for (std::uint64_t session = 1; session <= 2; ++session)
    w.want(session, who(7));
  w.doubt(2);
  std::vector<std::uint64_t> taken;
  for (int round = 0; round < 2; ++round) {
    w.doubt(1);
    taken.push_back(w.take_doubt(9).session);
  }
  EXPECT_EQ(taken, (std::vector<std::uint64_t>{1, 2}));
}

}  // namespace
}  // namespace kith::features::presence
