#include "front/sid.hpp"

#include "front/router.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace kith::front {
namespace {

TEST(Sid, carries_its_reactor_and_is_safe_in_a_url) {
  base::SeededRandom random(7);
  for (const std::size_t reactor : {0UL, 1UL, 63UL, 0xffffUL}) {
    const Sid sid = Sid::make(random, reactor);
    EXPECT_EQ(sid.reactor_index(), reactor);
    const auto parsed = Sid::parse(sid.view());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, sid);
    EXPECT_EQ(parsed->reactor_index(), reactor);
    EXPECT_EQ(sid.view().find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                           "0123456789-_"),
              std::string_view::npos);
  }
}

TEST(Sid, is_different_every_time) {
  base::SeededRandom random(7);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i)
    EXPECT_TRUE(seen.emplace(Sid::make(random, 0).view()).second);
}

TEST(Sid, what_is_not_of_our_making_names_nothing) {
  for (const auto* text : {"",
                           "abc",
                           "__proto__",
                           "AAAAAAAAAAAAAAAAAAAAAAA",
                           "AAAAAAAAAAAAAAAAAAAAAAAAA",
                           "AAAAAAAAAAAAAAAAAAAAAAA+",
                           "AAAAAAAAAAAAAAAAAAAAAAA="})
    EXPECT_FALSE(Sid::parse(text)) << text;
}

struct Named final : Handler {
  void handle(std::unique_ptr<Exchange>) override {}
};

TEST(Router, exact_paths_win_over_trees_and_long_trees_over_short_ones) {
  Named otherwise;
  Named exact;
  Named tree;
  Named longer;
  Router router(otherwise);
  router.add_tree("/v1/", tree);
  router.add_tree("/v1/metrics/", longer);
  router.add_path("/v1/health", exact);
  EXPECT_EQ(&router.find("/v1/health"), &exact);
  EXPECT_EQ(&router.find("/v1/health/x"), &tree);
  EXPECT_EQ(&router.find("/v1/metrics/x"), &longer);
  EXPECT_EQ(&router.find("/v1"), &otherwise);
  EXPECT_EQ(&router.find(""), &otherwise);
}

}  // namespace
}  // namespace kith::front
