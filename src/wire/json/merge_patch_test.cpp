#include "wire/json/merge_patch.hpp"

#include "wire/json/parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace kith::wire::json {
namespace {

std::string merge(std::string_view target, std::string_view patch) {
  Parser of_target;
  Parser of_patch;
  std::string out;
  append_merged(out, *of_target.parse(target), *of_patch.parse(patch));
  return out;
}

// The examples of RFC 7396, appendix A.
TEST(MergePatch, gives_what_the_standard_says) {
  EXPECT_EQ(merge(R"({"a":"b"})", R"({"a":"c"})"), R"({"a":"c"})");
  EXPECT_EQ(merge(R"({"a":"b"})", R"({"b":"c"})"), R"({"a":"b","b":"c"})");
  EXPECT_EQ(merge(R"({"a":"b"})", R"({"a":null})"), R"({})");
  EXPECT_EQ(merge(R"({"a":"b","b":"c"})", R"({"a":null})"), R"({"b":"c"})");
  EXPECT_EQ(merge(R"({"a":["b"]})", R"({"a":"c"})"), R"({"a":"c"})");
  EXPECT_EQ(merge(R"({"a":"c"})", R"({"a":["b"]})"), R"({"a":["b"]})");
  EXPECT_EQ(merge(R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})"), R"({"a":{"b":"d"}})");
  EXPECT_EQ(merge(R"({"a":[{"b":"c"}]})", R"({"a":[1]})"), R"({"a":[1]})");
  EXPECT_EQ(merge(R"(["a","b"])", R"(["c","d"])"), R"(["c","d"])");
  EXPECT_EQ(merge(R"({"a":"b"})", R"(["c"])"), R"(["c"])");
  EXPECT_EQ(merge(R"({"a":"foo"})", "null"), "null");
  EXPECT_EQ(merge(R"({"a":"foo"})", R"("bar")"), R"("bar")");
  EXPECT_EQ(merge(R"({"e":null})", R"({"a":1})"), R"({"e":null,"a":1})");
  EXPECT_EQ(merge(R"([1,2])", R"({"a":"b","c":null})"), R"({"a":"b"})");
  EXPECT_EQ(merge(R"({})", R"({"a":{"bb":{"ccc":null}}})"), R"({"a":{"bb":{}}})");
}

TEST(MergePatch, of_a_name_that_comes_twice_the_last_counts) {
  EXPECT_EQ(merge(R"({"a":1,"a":2,"b":3})", R"({})"), R"({"a":2,"b":3})");
  EXPECT_EQ(merge(R"({"a":1})", R"({"a":2,"a":3,"b":4,"b":null})"), R"({"a":3})");
}

TEST(MergePatch, names_are_escaped_and_numbers_keep_their_value) {
  EXPECT_EQ(merge(R"({"a\"b":9007199254740993})", R"({"c\n":1.5})"),
            R"({"a\"b":9007199254740993,"c\n":1.5})");
}

}  // namespace
}  // namespace kith::wire::json
