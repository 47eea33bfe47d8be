#include "wire/json/value.hpp"

#include "wire/json/parser.hpp"
#include "wire/json/writer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>
#include <string>
#include <vector>

namespace kith::wire::json {
namespace {

std::string raw(Value value) {
  std::string out;
  append_raw(out, value);
  return out;
}

class JsonValue : public testing::Test {
 protected:
  Value parse(std::string_view text) {
    auto result = parser_.parse(text);
    EXPECT_TRUE(result.has_value()) << text;
    return result ? *result : Value{};
  }

  std::string canonical(std::string_view text) { return raw(parse(text)); }

  Parser parser_;
};

TEST_F(JsonValue, ADefaultOneIsNullAndAnswersNothing) {
  const Value nothing;
  EXPECT_TRUE(nothing.is_null());
  EXPECT_EQ(nothing.kind(), Kind::null);
  EXPECT_FALSE(nothing.as_bool());
  EXPECT_FALSE(nothing.as_string());
  EXPECT_FALSE(nothing.as_int());
  EXPECT_FALSE(nothing.as_uint());
  EXPECT_FALSE(nothing.as_double());
  EXPECT_FALSE(nothing.find("x"));
  EXPECT_EQ(nothing.size(), 0U);
  EXPECT_TRUE(nothing.items().empty());
  EXPECT_TRUE(nothing.items().front().is_null());
  EXPECT_TRUE(nothing.items().rest().empty());
  EXPECT_FALSE(contains_nul(nothing));
  EXPECT_EQ(raw(nothing), "null");
}

TEST_F(JsonValue, KnowsItsKind) {
  std::vector<Kind> kinds;
  for (const Value v :
       parse(R"([null,true,false,1,-1,18446744073709551615,1.5,"s",[],{}])").items())
    kinds.push_back(v.kind());
  EXPECT_EQ(kinds,
            (std::vector{Kind::null,
                         Kind::boolean,
                         Kind::boolean,
                         Kind::integer,
                         Kind::integer,
                         Kind::integer,
                         Kind::number,
                         Kind::string,
                         Kind::array,
                         Kind::object}));
}

TEST_F(JsonValue, ReadsIntegersAndWholeDoublesBelow2To53) {
  EXPECT_EQ(parse("5").as_int(), 5);
  EXPECT_EQ(parse("-5").as_int(), -5);
  EXPECT_EQ(parse("5.0").as_int(), 5);
  EXPECT_EQ(parse("1e3").as_int(), 1000);
  EXPECT_EQ(parse("9007199254740991.0").as_int(), 9007199254740991);
  EXPECT_FALSE(parse("9007199254740992.0").as_int());
  EXPECT_EQ(parse("9007199254740992").as_int(), 9007199254740992);
  EXPECT_FALSE(parse("5.5").as_int());
  EXPECT_FALSE(parse("1e300").as_int());
  EXPECT_FALSE(parse("18446744073709551615").as_int());
  EXPECT_FALSE(parse("\"5\"").as_int());
  EXPECT_FALSE(parse("true").as_int());
}

TEST_F(JsonValue, ReadsUnsignedIntegersUpTo64Bits) {
  EXPECT_EQ(parse("18446744073709551615").as_uint(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parse("0").as_uint(), 0U);
  EXPECT_EQ(parse("7.0").as_uint(), 7U);
  EXPECT_FALSE(parse("-1").as_uint());
}

TEST_F(JsonValue, ReadsEveryNumberAsADouble) {
  EXPECT_EQ(parse("5").as_double(), 5.0);
  EXPECT_EQ(parse("-2.25").as_double(), -2.25);
  EXPECT_EQ(parse("18446744073709551615").as_double(), 18446744073709551615.0);
  EXPECT_FALSE(parse("\"5\"").as_double());
}

TEST_F(JsonValue, FindsTheLastMemberOfAName) {
  const Value object = parse(R"({"a":1,"b":{"a":9},"a":2,"__proto__":3,"":4})");
  EXPECT_EQ(object.find("a")->as_int(), 2);
  EXPECT_EQ(object.find("b")->find("a")->as_int(), 9);
  EXPECT_EQ(object.find("__proto__")->as_int(), 3);
  EXPECT_EQ(object.find("")->as_int(), 4);
  EXPECT_FALSE(object.find("c"));
  EXPECT_EQ(object.size(), 5U);
  EXPECT_FALSE(parse(R"(["a"])").find("a"));
}

TEST_F(JsonValue, FindsANameThatWasEscaped) {
  EXPECT_EQ(parse(R"({"\u0063id":1})").find("cid")->as_int(), 1);
}

TEST_F(JsonValue, IteratesMembersInTheirOrder) {
  std::string seen;
  for (const auto [name, value] : parse(R"({"z":[1,[2]],"a":{"b":1.5},"m":"x"})").members())
    seen += std::string{name} + "=" + raw(value) + ";";
  EXPECT_EQ(seen, R"(z=[1,[2]];a={"b":1.5};m="x";)");
}

TEST_F(JsonValue, IteratesItemsOfEveryKindAndSkipsNestedOnes) {
  const Value array = parse(R"([[1,2,[3]],-1,1.5,"s",{"a":[4]},null])");
  std::string seen;
  for (const Value item : array.items())
    seen += raw(item) + ";";
  EXPECT_EQ(seen, R"([1,2,[3]];-1;1.5;"s";{"a":[4]};null;)");
  EXPECT_EQ(array.size(), 6U);
  EXPECT_EQ(array.items().size(), 6U);
}

TEST_F(JsonValue, GivesTheItemsAfterTheFirst) {
  const Items items = parse(R"([["name"],1,2])").items();
  EXPECT_EQ(raw(items.front()), R"(["name"])");
  ASSERT_EQ(items.rest().size(), 2U);
  EXPECT_EQ(items.rest().front().as_int(), 1);
  EXPECT_EQ(items.rest().rest().front().as_int(), 2);
  EXPECT_TRUE(items.rest().rest().rest().empty());
}

TEST_F(JsonValue, FindsNulInStringsAndNamesAtAnyDepth) {
  EXPECT_TRUE(contains_nul(parse(R"("a\u0000b")")));
  EXPECT_TRUE(contains_nul(parse(R"([1,1.5,[{"x":["\u0000"]}]])")));
  EXPECT_TRUE(contains_nul(parse(R"({"a\u0000":1})")));
  EXPECT_FALSE(contains_nul(parse(R"([0,"",{"a":"b"},1.5,-3])")));
}

TEST_F(JsonValue, LooksForNulInItselfOnly) {
  const Value array = parse(R"([["clean",1],"\u0000"])");
  EXPECT_FALSE(contains_nul(array.items().front()));
  EXPECT_TRUE(contains_nul(array));
}

TEST_F(JsonValue, WritesNumberWordsThatLookLikeTagsWithoutConfusion) {
  // The second tape word of this integer has the tag of a string in its top byte.
  EXPECT_FALSE(contains_nul(parse("[2449958197289549824,1]")));
}

TEST_F(JsonValue, WritesCompactJson) {
  EXPECT_EQ(canonical(" { \"b\" : [ 1 , 2.50 ] ,\n\"a\":null , \"b\":true } "),
            R"({"b":[1,2.5],"a":null,"b":true})");
  EXPECT_EQ(canonical("[]"), "[]");
  EXPECT_EQ(canonical("{}"), "{}");
  EXPECT_EQ(canonical(R"([[],{},[{}]])"), R"([[],{},[{}]])");
}

TEST_F(JsonValue, NormalisesEscapes) {
  EXPECT_EQ(canonical(R"("\u0041\/\u00e9\ud83d\ude00\u000a\u0001\"\\")"),
            "\"A/\u00e9\U0001F600\\n\\u0001\\\"\\\\\"");
}

TEST_F(JsonValue, KeepsTheValueOfNumbers) {
  EXPECT_EQ(canonical("[9223372036854775807,-9223372036854775808,18446744073709551615]"),
            "[9223372036854775807,-9223372036854775808,18446744073709551615]");
  EXPECT_EQ(canonical("[0.1,1.0,1e3,1E-7,1e22,1e300,5e-324]"),
            "[0.1,1,1000,1e-07,1e+22,1e+300,5e-324]");
  EXPECT_EQ(canonical("[-0,-0.0]"), "[0,-0.0]");
}

rc::Gen<std::string> text_gen() {
  return rc::gen::map(rc::gen::container<std::vector<char32_t>>(
                          rc::gen::oneOf(rc::gen::inRange<char32_t>(0, 0x80),
                                         rc::gen::inRange<char32_t>(0x80, 0x800),
                                         rc::gen::inRange<char32_t>(0xe000, 0x10000),
                                         rc::gen::inRange<char32_t>(0x10000, 0x110000))),
                      [](const std::vector<char32_t>& points) {
                        std::string out;
                        for (const char32_t c : points) {
                          const auto push = [&](char32_t byte) {
                            out.push_back(static_cast<char>(byte));
                          };
                          if (c < 0x80) {
                            push(c);
                          } else if (c < 0x800) {
                            push(0xc0 | c >> 6);
                            push(0x80 | (c & 63));
                          } else if (c < 0x10000) {
                            push(0xe0 | c >> 12);
                            push(0x80 | (c >> 6 & 63));
                            push(0x80 | (c & 63));
                          } else {
                            push(0xf0 | c >> 18);
                            push(0x80 | (c >> 12 & 63));
                            push(0x80 | (c >> 6 & 63));
                            push(0x80 | (c & 63));
                          }
                        }
                        return out;
                      });
}

// Writes some document and remembers what was asked for.
void write_any(Writer& writer, int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 8 : 6)) {
    case 0:
      writer.null();
      break;
    case 1:
      writer.boolean(*rc::gen::arbitrary<bool>());
      break;
    case 2:
      writer.integer(*rc::gen::arbitrary<std::int64_t>());
      break;
    case 3:
      writer.integer(*rc::gen::arbitrary<std::uint64_t>());
      break;
    case 4:
      writer.number(*rc::gen::arbitrary<double>());
      break;
    case 5:
      writer.string(*text_gen());
      break;
    case 6: {
      writer.begin_array();
      for (int n = *rc::gen::inRange(0, 4); n > 0; --n)
        write_any(writer, depth - 1);
      writer.end_array();
      break;
    }
    default: {
      writer.begin_object();
      for (int n = *rc::gen::inRange(0, 4); n > 0; --n) {
        writer.key(*text_gen());
        write_any(writer, depth - 1);
      }
      writer.end_object();
    }
  }
}

TEST(JsonProperty, WhatTheWriterWroteIsReadAndWrittenAgainByteForByte) {
  Parser parser;
  EXPECT_TRUE(rc::check([&] {
    std::string out;
    Writer writer{out};
    write_any(writer, 5);
    const auto value = parser.parse(out);
    RC_ASSERT(value.has_value());
    RC_ASSERT(raw(*value) == out);
  }));
}

TEST(JsonProperty, StringsComeBackAsTheyWere) {
  Parser parser;
  EXPECT_TRUE(rc::check([&] {
    const std::string text = *text_gen();
    std::string out;
    append_string(out, text);
    const auto value = parser.parse(out);
    RC_ASSERT(value.has_value());
    RC_ASSERT(value->as_string() == std::string_view{text});
    RC_ASSERT(contains_nul(*value) == (text.find('\0') != std::string::npos));
  }));
}

TEST(JsonProperty, NumbersComeBackAsTheyWere) {
  Parser parser;
  EXPECT_TRUE(rc::check([&](std::int64_t integer, std::uint64_t natural, double number) {
    std::string out;
    Writer{out}.begin_array().integer(integer).integer(natural).number(number).end_array();
    const auto value = parser.parse(out);
    RC_ASSERT(value.has_value());
    const Items items = value->items();
    RC_ASSERT(items.front().as_int() == integer);
    RC_ASSERT(items.rest().front().as_uint() == natural);
    RC_ASSERT(items.rest().rest().front().as_double() == number);
  }));
}

}  // namespace
}  // namespace kith::wire::json
