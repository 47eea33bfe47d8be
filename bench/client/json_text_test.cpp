#include "client/json_text.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace kith::bench {
namespace {

TEST(JsonText, quotes_what_needs_it) {
  EXPECT_EQ(json_quoted("plain"), "\"plain\"");
  EXPECT_EQ(json_quoted("a\"b\\c\n"), R"("a\"b\\c\u000a")");
}

TEST(JsonText, writes_numbers_briefly) {
  EXPECT_EQ(json_number(3), "3");
  EXPECT_EQ(json_number(-12), "-12");
  EXPECT_EQ(json_number(0.125), "0.125");
  EXPECT_EQ(json_number(123456789.0), "123456789");
  EXPECT_EQ(json_number(1.0 / 3), "0.333333");
  EXPECT_EQ(json_number(NAN), "null");
  EXPECT_EQ(json_number(INFINITY), "null");
}

TEST(JsonText, an_object_is_written_member_by_member) {
  JsonObject inner;
  EXPECT_TRUE(inner.empty());
  inner.count("n", 18'446'744'073'709'551'615U);
  JsonObject object;
  object.text("a", "x").number("b", 1.5).raw("c", std::move(inner).take());
  EXPECT_FALSE(object.empty());
  EXPECT_EQ(std::move(object).take(), R"({"a":"x","b":1.5,"c":{"n":18446744073709551615}})");
  EXPECT_EQ(JsonObject{}.take(), "{}");
}

}  // namespace
}  // namespace kith::bench
