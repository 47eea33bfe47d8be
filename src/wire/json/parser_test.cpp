#include "wire/json/parser.hpp"

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "wire/json/repair.hpp"
#include "wire/json/writer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

namespace kith::wire::json {
namespace {

using base::Errc;

std::string raw(Value value) {
  std::string out;
  append_raw(out, value);
  return out;
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + "1" + std::string(depth, ']');
}

TEST(JsonParser, RefusesWhatIsNotJson) {
  Parser parser;
  for (const std::string_view text : {"",
                                      " ",
                                      "nul",
                                      "[1,]",
                                      "{\"a\"}",
                                      "[1]2",
                                      "[1",
                                      "\"",
                                      "'a'",
                                      "01",
                                      "+1",
                                      "NaN",
                                      "1e400",
                                      "-1e400",
                                      "{a:1}",
                                      "[\"\n\"]",
                                      "\"\\u12\"",
                                      "\"\\x\"",
                                      "\xef\xbb\xbf[]",
                                      "\"\xed\xa0\x80\"",
                                      "\"\xff\"",
                                      "\"\xc0\x80\"",
                                      "[\"\\ud800\",]",
                                      "-"}) {
    const auto value = parser.parse(text);
    ASSERT_TRUE(value.has_error()) << text;
    EXPECT_EQ(value.error().code, Errc::validation_failed) << text;
  }
}

TEST(JsonParser, GoesOnAfterAnError) {
  Parser parser;
  EXPECT_TRUE(parser.parse("[").has_error());
  EXPECT_EQ(raw(parser.parse("[1]").value()), "[1]");
}

TEST(JsonParser, TakesNestingUpToTheLimit) {
  Parser parser;
  const auto depth = base::limits::json_depth_max;
  EXPECT_EQ(raw(parser.parse(nested(depth)).value()), nested(depth));
  EXPECT_EQ(parser.parse(nested(depth + 1)).error().code, Errc::too_large);
  std::string objects;
  for (std::size_t i = 0; i < depth; ++i)
    objects += "{\"a\":";
  objects += "1" + std::string(depth, '}');
  EXPECT_TRUE(parser.parse(objects).has_value());
  EXPECT_EQ(parser.parse("[" + objects + "]").error().code, Errc::too_large);
}

TEST(JsonParser, RefusesAHundredThousandNestedArrays) {
  Parser parser;
  EXPECT_EQ(parser.parse(nested(100'000)).error().code, Errc::too_large);
  EXPECT_TRUE(parser.parse(std::string(100'000, '[')).has_error());
  EXPECT_EQ(parser.parse(std::string(100'000, '[') + std::string(100'000, ']')).error().code,
            Errc::too_large);
}

TEST(JsonParser, RefusesTextAboveItsCapacity) {
  Parser parser{{.capacity_bytes_max = 100, .kept_bytes = 10}};
  EXPECT_TRUE(parser.parse("\"" + std::string(98, 'a') + "\"").has_value());
  EXPECT_EQ(parser.parse("\"" + std::string(99, 'a') + "\"").error().code, Errc::too_large);
}

TEST(JsonParser, ReadsSmallTextsAfterLargeOnesAndTheOtherWayRound) {
  Parser parser{{.capacity_bytes_max = 1 << 20, .kept_bytes = 4096}};
  for (const std::size_t size : {10U, 100'000U, 20U, 5'000U, 900'000U, 0U, 4'096U, 4'097U}) {
    const std::string text = "\"" + std::string(size, 'x') + "\"";
    EXPECT_EQ(parser.parse(text).value().as_string()->size(), size);
  }
  parser.trim();
  EXPECT_EQ(parser.parse("1").value().as_int(), 1);
}

TEST(JsonParser, ReadsTextThatEndsAtTheEndOfItsMemory) {
  Parser parser;
  const std::string text = "[1234567,\"abc\"]";
  const auto exact = std::make_unique<char[]>(text.size());
  text.copy(exact.get(), text.size());
  EXPECT_EQ(raw(parser.parse({exact.get(), text.size()}).value()), text);
}

TEST(JsonParser, CountsTheItemsOfALargeArray) {
  Parser parser;
  std::string text = "[0";
  for (int i = 1; i < 100'000; ++i)
    text += ",0";
  text += "]";
  EXPECT_EQ(parser.parse(text).value().size(), 100'000U);
}

TEST(JsonParser, CanBeMoved) {
  Parser first;
  const Value value = first.parse("[1,2]").value();
  const Parser second = std::move(first);
  EXPECT_EQ(raw(value), "[1,2]");
}

TEST(JsonParser, ReadsHalfASurrogatePairAsTheReplacementCharacter) {
  Parser parser;
  const auto text = [&](std::string_view json) {
    return std::string{*parser.parse(json).value().as_string()};
  };
  EXPECT_EQ(text(R"("\ud800")"), "\ufffd");
  EXPECT_EQ(text(R"("a\udc00b")"), "a\ufffdb");
  EXPECT_EQ(text(R"("\ud83d\ud83d\ude00\ude00")"), "\ufffd\U0001F600\ufffd");
  EXPECT_EQ(text(R"("\uD83Dx\n\\ud800")"), "\ufffdx\n\\ud800");
  EXPECT_EQ(text(R"("\ud800\u0041")"), "\ufffdA");
  EXPECT_EQ(parser.parse(R"({"\ud800":1})").value().find("\ufffd")->as_int(), 1);
}

TEST(JsonParser, ReadsIntegersAbove64BitsAsDoubles) {
  Parser parser;
  EXPECT_EQ(parser.parse("100000000000000000000").value().as_double(), 1e20);
  EXPECT_EQ(parser.parse("18446744073709551616").value().as_double(), 18446744073709551616.0);
  EXPECT_EQ(parser.parse("-9223372036854775809").value().as_double(), -9223372036854775809.0);
  EXPECT_EQ(
      raw(parser.parse(R"({"a":100000000000000000000,"b":"100000000000000000000","c":[1.5,-2]})")
              .value()),
      R"({"a":1e+20,"b":"100000000000000000000","c":[1.5,-2]})");
  EXPECT_TRUE(parser.parse("0100000000000000000000").has_error());
  EXPECT_TRUE(parser.parse(std::string(400, '9')).has_error());
}

TEST(JsonRepair, LeavesAGoodTextAsItIs) {
  std::string out;
  const std::string text = R"({"a":"\ud83d\ude00\"","b":[-1,1.5e3,18446744073709551615]})";
  EXPECT_FALSE(repair(text, out));
  EXPECT_EQ(out, text);
}

TEST(JsonRepair, StopsAtTheEndOfBrokenText) {
  std::string out;
  for (const std::string_view text :
       {"\"\\", "\"\\u", "\"\\u12", "-", "\"", "\"\\ud83", "\"\\ud83d\\u", "\"\\u+123\""}) {
    EXPECT_FALSE(repair(text, out) && !text.starts_with("\"\\ud83d")) << text;
    EXPECT_LE(out.size(), text.size());
  }
}

TEST(JsonProperty, RandomBytesNeverCrashAndWhatIsReadIsUtf8) {
  Parser parser;
  EXPECT_TRUE(rc::check([&](const std::string& bytes) {
    const auto value = parser.parse(bytes);
    if (value) RC_ASSERT(base::is_utf8(raw(*value)));
  }));
}

TEST(JsonProperty, RandomJsonCharactersReadTheSameAfterWritingThem) {
  Parser parser;
  const auto pieces = rc::gen::element<std::string>("[",
                                                    "]",
                                                    "{",
                                                    "}",
                                                    ",",
                                                    ":",
                                                    "\"",
                                                    "\\u",
                                                    "d83d",
                                                    "dc00",
                                                    "\\ud83d",
                                                    "\"a\":",
                                                    "1",
                                                    "-",
                                                    ".5",
                                                    "e9",
                                                    "0",
                                                    "99999999999999999999",
                                                    "null",
                                                    "true",
                                                    " ",
                                                    "\"x\"",
                                                    "[1,",
                                                    "]",
                                                    "\\n");
  EXPECT_TRUE(rc::check([&] {
    std::string text;
    for (const auto& piece : *rc::gen::container<std::vector<std::string>>(pieces))
      text += piece;
    const auto value = parser.parse(text);
    if (value.has_error()) return;
    const std::string once = raw(*value);
    const auto again = parser.parse(once);
    RC_ASSERT(again.has_value());
    RC_ASSERT(raw(*again) == once);
  }));
}

TEST(JsonProperty, AStringOfAnyEscapesIsReadOrHasABrokenEscape) {
  Parser parser;
  EXPECT_TRUE(rc::check([&](const std::vector<std::uint16_t>& units) {
    std::string text = "\"";
    for (const std::uint16_t unit : units) {
      constexpr std::string_view hex = "0123456789abcdef";
      text += "\\u";
      for (int shift = 12; shift >= 0; shift -= 4)
        text += hex[unit >> shift & 15];
    }
    text += "\"";
    RC_ASSERT(parser.parse(text).has_value());
  }));
}

}  // namespace
}  // namespace kith::wire::json
