#include "wire/http/etag.hpp"

#include <gtest/gtest.h>

namespace kith::wire::http {
namespace {

TEST(ETag, MatchesItselfStrongOrWeakOnEitherSide) {
  EXPECT_TRUE(etag_matches("\"4.8.4\"", "\"4.8.4\""));
  EXPECT_TRUE(etag_matches("W/\"4.8.4\"", "\"4.8.4\""));
  EXPECT_TRUE(etag_matches("\"4.8.4\"", "W/\"4.8.4\""));
  EXPECT_FALSE(etag_matches("\"4.8.3\"", "\"4.8.4\""));
  EXPECT_FALSE(etag_matches("\"4.8.40\"", "\"4.8.4\""));
}

TEST(ETag, IsFoundInAList) {
  EXPECT_TRUE(etag_matches("\"a\", W/\"b\" ,\"c\"", "\"b\""));
  EXPECT_TRUE(etag_matches(" \"a\",,\t\"c\" ", "\"c\""));
  EXPECT_TRUE(etag_matches("\"a,b\", \"c\"", "\"a,b\""));
  EXPECT_FALSE(etag_matches("\"a,b\", \"c\"", "\"b\""));
}

TEST(ETag, AStarMatchesAll) {
  EXPECT_TRUE(etag_matches("*", "\"x\""));
  EXPECT_TRUE(etag_matches(" * ", "\"x\""));
  EXPECT_FALSE(etag_matches("\"*\"", "\"x\""));
}

TEST(ETag, AMalformedFieldMatchesNothing) {
  EXPECT_FALSE(etag_matches("", "\"x\""));
  EXPECT_FALSE(etag_matches("x", "\"x\""));
  EXPECT_FALSE(etag_matches("\"x", "\"x\""));
  EXPECT_FALSE(etag_matches("w/\"x\"", "\"x\""));
  EXPECT_FALSE(etag_matches("\"a\" \"x\"", "\"x\""));
}

}  // namespace
}  // namespace kith::wire::http
