#include "features/rooms/room_home.hpp"

#include "base/limits.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>

namespace kith::features::rooms {
namespace {

using base::RoomKey;
using base::RoomName;
using base::UserId;

RoomKey room(const std::string& name, std::uint32_t app = 1) {
  return {static_cast<base::AppId>(app), RoomName{name}};
}

std::vector<std::string> names(const std::vector<UserId>& users) {
  std::vector<std::string> found;
  for (const auto& user : users)
    found.push_back(user.str());
  return found;
}

using Names = std::vector<std::string>;

TEST(RoomHome, the_first_session_of_a_user_is_news_and_the_second_is_not) {
  RoomHome home;
  EXPECT_TRUE(home.join(room("r"), UserId{"ann"}, 0)->first_of_user);
  EXPECT_FALSE(home.join(room("r"), UserId{"ann"}, 1)->first_of_user);
  EXPECT_TRUE(home.join(room("r"), UserId{"bob"}, 0)->first_of_user);
}

TEST(RoomHome, the_roster_has_every_user_once_in_byte_order) {
  RoomHome home;
  ASSERT_TRUE(home.join(room("r"), UserId{"bob"}, 0).has_value());
  ASSERT_TRUE(home.join(room("r"), UserId{"ann"}, 0).has_value());
  ASSERT_TRUE(home.join(room("r"), UserId{"Zoe"}, 0).has_value());
  EXPECT_EQ(names(home.join(room("r"), UserId{"ann"}, 1)->roster), (Names{"Zoe", "ann", "bob"}));
}

TEST(RoomHome, a_user_has_left_when_his_last_session_has) {
  RoomHome home;
  ASSERT_TRUE(home.join(room("r"), UserId{"ann"}, 0).has_value());
  ASSERT_TRUE(home.join(room("r"), UserId{"ann"}, 1).has_value());
  EXPECT_FALSE(home.leave(room("r"), UserId{"ann"}, 0));
  EXPECT_TRUE(home.leave(room("r"), UserId{"ann"}, 1));
}

TEST(RoomHome, the_listeners_are_the_reactors_with_a_session_in_it) {
  RoomHome home;
  EXPECT_EQ(home.listeners(room("r")), 0U);
  ASSERT_TRUE(home.join(room("r"), UserId{"ann"}, 0).has_value());
  ASSERT_TRUE(home.join(room("r"), UserId{"bob"}, 63).has_value());
  EXPECT_EQ(home.listeners(room("r")), 1U | (std::uint64_t{1} << 63));
  home.leave(room("r"), UserId{"ann"}, 0);
  EXPECT_EQ(home.listeners(room("r")), std::uint64_t{1} << 63);
}

TEST(RoomHome, a_room_that_all_have_left_is_forgotten) {
  RoomHome home;
  ASSERT_TRUE(home.join(room("r"), UserId{"ann"}, 0).has_value());
  EXPECT_EQ(home.rooms(), 1U);
  home.leave(room("r"), UserId{"ann"}, 0);
  EXPECT_EQ(home.rooms(), 0U);
}

TEST(RoomHome, rooms_of_one_name_in_two_applications_are_strangers) {
  RoomHome home;
  ASSERT_TRUE(home.join(room("r", 1), UserId{"ann"}, 0).has_value());
  EXPECT_EQ(names(home.join(room("r", 2), UserId{"bob"}, 0)->roster), (Names{"bob"}));
  EXPECT_EQ(home.rooms(), 2U);
}

TEST(RoomHome, a_full_room_takes_nobody_new_but_every_session_of_who_is_in_it) {
  RoomHome home;
  for (std::size_t i = 1; i < base::limits::room_members_max; ++i)
    ASSERT_TRUE(home.join(room("r"), UserId{"u" + std::to_string(i)}, 0).has_value());
  ASSERT_TRUE(home.join(room("r"), UserId{"last"}, 0).has_value());
  EXPECT_EQ(home.join(room("r"), UserId{"late"}, 0).error().code, base::Errc::quota_exceeded);
  EXPECT_EQ(home.join(room("r"), UserId{"last"}, 1)->total, base::limits::room_members_max);
  home.leave(room("r"), UserId{"u1"}, 0);
  EXPECT_TRUE(home.join(room("r"), UserId{"late"}, 0).has_value());
}

TEST(RoomHome, the_roster_of_a_large_room_is_cut_and_always_has_the_one_who_joins) {
  RoomHome home;
  for (std::size_t i = 0; i < base::limits::room_roster_max; ++i)
    ASSERT_TRUE(home.join(room("r"), UserId{"m" + std::to_string(i)}, 0).has_value());
  const auto last = home.join(room("r"), UserId{"zoe"}, 0);
  EXPECT_EQ(last->roster.size(), base::limits::room_roster_max);
  EXPECT_EQ(last->roster.back(), UserId{"zoe"});
  EXPECT_EQ(last->total, base::limits::room_roster_max + 1);
  const auto first = home.join(room("r"), UserId{"ann"}, 0);
  EXPECT_EQ(first->roster.size(), base::limits::room_roster_max);
  EXPECT_EQ(first->roster.front(), UserId{"ann"});
  EXPECT_TRUE(std::is_sorted(first->roster.begin(), first->roster.end()));
}

TEST(RoomHome, whoever_joins_and_leaves_it_knows_what_a_plain_count_knows) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<std::uint8_t, std::uint8_t>>& joins) {
    RoomHome home;
    std::multiset<std::string> users;
    std::multiset<std::size_t> listeners;
    std::vector<std::pair<UserId, std::size_t>> in;
    for (const auto& [who, where] : joins) {
      if (where % 3 == 0 && !in.empty()) {  // somebody leaves instead
        const auto [user, listener] = in[who % in.size()];
        in.erase(in.begin() + who % static_cast<std::ptrdiff_t>(in.size()));
        users.erase(users.find(user.str()));
        listeners.erase(listeners.find(listener));
        RC_ASSERT(home.leave(room("r"), user, listener) == (users.count(user.str()) == 0));
      } else {
        const UserId user{"u" + std::to_string(who % 5)};
        const std::size_t listener = where % 4;
        const bool first = users.count(user.str()) == 0;
        const auto joined = home.join(room("r"), user, listener);
        users.insert(user.str());
        listeners.insert(listener);
        in.emplace_back(user, listener);
        RC_ASSERT(joined->first_of_user == first);
        RC_ASSERT(joined->total == joined->roster.size());
        RC_ASSERT(joined->roster.size() ==
                  std::set<std::string>(users.begin(), users.end()).size());
      }
      std::uint64_t bits = 0;
      for (const auto listener : listeners)
        bits |= std::uint64_t{1} << listener;
      RC_ASSERT(home.listeners(room("r")) == bits);
      RC_ASSERT(home.rooms() == (in.empty() ? 0U : 1U));
    }
  }));
}

}  // namespace
}  // namespace kith::features::rooms
