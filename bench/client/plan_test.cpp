#include "client/layers.hpp"
#include "client/room.hpp"
#include "client/schedule.hpp"
#include "client/stage.hpp"

#include <gtest/gtest.h>

#include <set>

namespace kith::bench {
namespace {

TEST(Schedule, things_are_due_evenly_from_the_beginning) {
  Schedule schedule(2'000, 1'000'000'000);
  EXPECT_EQ(schedule.due_ns(), 1'000'000'000);
  for (int i = 0; i < 2'000; ++i)
    schedule.next();
  EXPECT_EQ(schedule.due_ns(), 2'000'000'000);
  EXPECT_EQ(schedule.count(), 2'000U);
}

TEST(Schedule, a_rate_that_does_not_divide_a_second_does_not_drift) {
  Schedule schedule(7, 0);
  for (int i = 0; i < 7'000; ++i)
    schedule.next();
  EXPECT_NEAR(static_cast<double>(schedule.due_ns()), 1e12, 1e3);
}

TEST(Schedule, nobody_sleeps_until_the_moment_something_is_due) {
  Schedule calm(2'000, 1'000);
  EXPECT_LE(calm.sleep_ns(1'000), 0);
  calm.next();
  EXPECT_EQ(calm.due_ns(), 501'000);
  EXPECT_EQ(calm.sleep_ns(101'000), 400'000 - Schedule::awake_before_ns);
  EXPECT_LE(calm.sleep_ns(450'000), 0);
}

TEST(Schedule, who_would_be_awake_all_the_time_sleeps_as_long_as_he_can) {
  Schedule busy(20'000, 0);
  busy.next();
  EXPECT_EQ(busy.sleep_ns(0), 50'000);
  EXPECT_EQ(busy.sleep_ns(40'000), 10'000);
}

TEST(Share, all_things_are_given_to_some_thread_and_none_twice) {
  for (const unsigned threads : {1U, 2U, 3U, 7U}) {
    std::uint32_t next = 0;
    for (unsigned thread = 0; thread < threads; ++thread) {
      const Share share = Share::of(20, thread, threads);
      EXPECT_EQ(share.first, next);
      next += share.count;
    }
    EXPECT_EQ(next, 20U);
  }
}

TEST(Share, of_fewer_things_than_threads_some_get_none) {
  EXPECT_EQ(Share::of(2, 0, 4).count, 1U);
  EXPECT_EQ(Share::of(2, 3, 4).count, 0U);
}

TEST(TickOrder, goes_room_by_room_or_takes_one_of_each_room_after_the_other) {
  EXPECT_EQ(tick_order(5, 2, false), (std::vector<std::uint32_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(tick_order(5, 2, true), (std::vector<std::uint32_t>{0, 2, 4, 1, 3}));
  EXPECT_TRUE(tick_order(0, 8, true).empty());
}

class LayersOf : public testing::TestWithParam<std::pair<std::uint32_t, std::uint32_t>> {};

TEST_P(LayersOf, put_every_user_in_exactly_one_group_of_each_layer) {
  const auto [count, size] = GetParam();
  const Crowd crowd{"t", 40, count, size};
  for (std::uint32_t layer = 0; layer < 7; ++layer) {
    std::multiset<std::uint32_t> seen;
    for (std::uint32_t group = 0; group < groups_of_layer(crowd); ++group) {
      const auto members = layer_members(crowd, layer, group);
      EXPECT_LE(members.size(), size);
      seen.insert(members.begin(), members.end());
    }
    EXPECT_EQ(seen.size(), count);
    EXPECT_EQ(std::set<std::uint32_t>(seen.begin(), seen.end()).size(), count);
  }
}

INSTANTIATE_TEST_SUITE_P(Crowds,
                         LayersOf,
                         testing::Values(std::pair{100U, 10U},
                                         std::pair{101U, 10U},
                                         std::pair{5U, 10U},
                                         std::pair{1U, 2U},
                                         std::pair{10'000U, 100U}));

TEST(Layers, differ_from_each_other) {
  const Crowd crowd{"t", 0, 1'000, 100};
  EXPECT_NE(layer_members(crowd, 0, 0), layer_members(crowd, 1, 0));
  EXPECT_NE(layer_members(crowd, 0, 0), layer_members(crowd, 2, 0));
}

TEST(Layers, become_groups_of_users_by_name) {
  const auto groups = make_layers({"t-", 40, 4, 2}, 0, 2);
  ASSERT_EQ(groups.size(), 4U);
  EXPECT_EQ(groups[0].members, (std::vector<std::string>{"t-u40", "t-u41"}));
  std::set<std::string> names;
  for (const Group& group : groups)
    names.insert(group.external_id);
  EXPECT_EQ(names.size(), 4U);
  EXPECT_TRUE(make_layers({"t-", 0, 0, 2}, 0, 2).empty());
}

TEST(GroupBody, names_the_first_members_behind_the_owner) {
  EXPECT_EQ(group_body({"g1", {"a", "b", "c"}}, 2),
            R"({"kind":"group","external_id":"g1","members":["b","c"]})");
  EXPECT_EQ(group_body({"g1", {"a"}}, 0), R"({"kind":"group","external_id":"g1","members":[]})");
}

}  // namespace
}  // namespace kith::bench
