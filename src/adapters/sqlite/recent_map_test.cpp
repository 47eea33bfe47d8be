#include "adapters/sqlite/recent_map.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <memory>
#include <string>

namespace kith::adapters::sqlite {

namespace {

base::UserId name(int n) {
  return base::UserId{std::to_string(n)};
}

TEST(RecentMap, never_holds_more_than_its_bound_and_keeps_the_last_half) {
  RecentMap<base::UserId, int> map(10, 1'000'000);
  for (int n = 0; n < 1'000; ++n) {
    map.insert(name(n), n, 8);
    EXPECT_LE(map.size(), 10U);
    for (int back = 0; back < 5 && back <= n; ++back) {
      const int* value = map.find(name(n - back));
      ASSERT_NE(value, nullptr) << n << " " << back;
      EXPECT_EQ(*value, n - back);
    }
  }
}

TEST(RecentMap, what_is_used_stays_and_the_rest_goes) {
  RecentMap<base::UserId, int> map(10, 1'000'000);
  map.insert(name(-1), -1, 8);
  for (int n = 0; n < 100; ++n) {
    map.insert(name(n), n, 8);
    ASSERT_NE(map.find(name(-1)), nullptr);
  }
  EXPECT_EQ(map.find(name(0)), nullptr);
}

TEST(RecentMap, large_values_leave_earlier) {
  RecentMap<base::UserId, std::string> map(1'000, 1'000);
  for (int n = 0; n < 100; ++n)
    map.insert(name(n), std::string(400, 'x'), 400);
  EXPECT_LE(map.size(), 4U);
  EXPECT_NE(map.find(name(99)), nullptr);
}

TEST(RecentMap, a_value_can_be_replaced_and_erased) {
  RecentMap<base::UserId, std::unique_ptr<int>> map(4, 1'000);
  map.insert(name(1), std::make_unique<int>(1), 8);
  for (int n = 2; n < 4; ++n)
    map.insert(name(n), std::make_unique<int>(n), 8);  // 1 is in the old half now
  map.insert(name(1), std::make_unique<int>(7), 8);
  EXPECT_EQ(**map.find(name(1)), 7);
  map.erase(name(1));
  EXPECT_EQ(map.find(name(1)), nullptr);
}

TEST(RecentMap, what_is_given_back_can_be_put_again) {
  RecentMap<base::UserId, int> map(4, 1'000);
  for (int n = 0; n < 4; ++n)
    map.insert(name(n), n, 8);
  map.clear();
  EXPECT_EQ(map.size(), 0U);
  EXPECT_EQ(map.find(name(3)), nullptr);
  map.insert(name(3), 7, 8);
  EXPECT_EQ(*map.find(name(3)), 7);
}

RC_GTEST_PROP(RecentMap, what_it_finds_is_what_was_put_last, ()) {
  RecentMap<base::UserId, int> map(6, 100);
  std::map<int, int> truth;
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 12), rc::gen::inRange(0, 30)));
  for (const auto& [key, value] : steps) {
    if (value == 0) {
      map.erase(name(key));
      truth.erase(key);
    } else {
      map.insert(name(key), value, static_cast<std::size_t>(value));
      truth[key] = value;
    }
    for (int k = 0; k < 12; ++k)
      if (const int* found = map.find(name(k))) RC_ASSERT(truth.at(k) == *found);
    RC_ASSERT(map.size() <= 6U);
  }
}

}  // namespace

}  // namespace kith::adapters::sqlite
