#include "front/revocations.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>

namespace kith::front {
namespace {

constexpr base::AppId shop{1};
constexpr base::AppId game{2};

base::UserKey key(base::AppId app, std::string name) {
  return {app, base::UserId{std::move(name)}};
}

Identity token(base::AppId app, std::string name, std::int64_t issued_ms) {
  Identity identity;
  identity.app = app;
  identity.user = base::UserId{std::move(name)};
  identity.issued_at = {issued_ms};
  identity.expires_at = {1'000'000};
  return identity;
}

TEST(Revocations, refuse_what_was_issued_until_then_and_nothing_else) {
  Revocations revocations;
  EXPECT_TRUE(revocations.check(token(shop, "ann", 0)).has_value());
  revocations.note(key(shop, "ann"), {5'000});
  const auto refused = revocations.check(token(shop, "ann", 4'999));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code, base::Errc::unauthenticated);
  EXPECT_TRUE(revocations.check(token(shop, "ann", 5'000)).has_error());
  EXPECT_TRUE(revocations.check(token(shop, "ann", 5'001)).has_value());
  EXPECT_TRUE(revocations.check(token(shop, "bob", 4'999)).has_value());
  EXPECT_TRUE(revocations.check(token(game, "ann", 4'999)).has_value());
}

// A token of whole seconds may have been issued before or after, within that second.
TEST(Revocations, refuse_a_token_of_the_same_whole_second) {
  Revocations revocations;
  revocations.note(key(shop, "ann"), {5'400});
  EXPECT_TRUE(revocations.check(token(shop, "ann", 5'000)).has_error());
  EXPECT_TRUE(revocations.check(token(shop, "ann", 6'000)).has_value());
}

TEST(Revocations, refuse_a_token_that_does_not_say_when_it_was_issued) {
  Revocations revocations;
  revocations.note(key(shop, "ann"), {5'000});
  EXPECT_TRUE(revocations.check(token(shop, "ann", 0)).has_error());
  EXPECT_TRUE(revocations.check(token(shop, "bob", 0)).has_value());
}

TEST(Revocations, concern_tokens_only) {
  Revocations revocations;
  revocations.note(key(shop, "ann"), {5'000});
  auto believed = token(shop, "ann", 0);
  believed.expires_at = {};
  EXPECT_TRUE(revocations.check(believed).has_value());
}

TEST(Revocations, only_rise) {
  Revocations revocations;
  revocations.note(key(shop, "ann"), {5'000});
  revocations.note(key(shop, "ann"), {4'000});
  EXPECT_EQ(revocations.revoked_at(shop, base::UserId{"ann"}).ms, 5'000);
  revocations.note(key(shop, "ann"), {6'000});
  EXPECT_EQ(revocations.revoked_at(shop, base::UserId{"ann"}).ms, 6'000);
}

TEST(Revocations, beyond_their_bound_the_older_half_gives_way_to_a_time_for_all) {
  Revocations revocations{4};
  for (int i = 1; i <= 5; ++i)
    revocations.note(key(shop, "u" + std::to_string(i)), {i * 1'000});
  EXPECT_EQ(revocations.users(), 3U);
  EXPECT_TRUE(revocations.check(token(shop, "u1", 1'000)).has_error());
  EXPECT_TRUE(revocations.check(token(shop, "stranger", 2'000)).has_error());
  EXPECT_TRUE(revocations.check(token(shop, "stranger", 2'001)).has_value());
  EXPECT_TRUE(revocations.check(token(shop, "u5", 5'000)).has_error());
  EXPECT_TRUE(revocations.check(token(game, "stranger", 1)).has_value());
}

// As they come from the database when the server starts: the newest first, one more than the bound.
TEST(Revocations, are_bounded_in_whichever_order_they_come) {
  Revocations revocations{4};
  for (int i = 5; i >= 1; --i)
    revocations.note(key(shop, "u" + std::to_string(i)), {i * 1'000});
  EXPECT_LE(revocations.users(), 4U);
  for (int i = 1; i <= 5; ++i)
    EXPECT_TRUE(revocations.check(token(shop, "u" + std::to_string(i), i * 1'000)).has_error());
}

RC_GTEST_PROP(Revocations, what_was_called_back_is_refused_and_memory_is_bounded, ()) {
  const auto bound = *rc::gen::inRange<std::size_t>(1, 9);
  Revocations revocations{bound};
  std::map<std::string, std::int64_t> noted;
  const auto notes = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 20), rc::gen::inRange(1, 1'000)));
  for (const auto& [user, at] : notes) {
    const auto name = std::to_string(user);
    noted[name] = std::max<std::int64_t>(noted[name], at);
    revocations.note(key(shop, name), {at});
    RC_ASSERT(revocations.users() <= bound);
    for (const auto& [who, when] : noted)
      RC_ASSERT(revocations.check(token(shop, who, when)).has_error());
  }
}

}  // namespace
}  // namespace kith::front
