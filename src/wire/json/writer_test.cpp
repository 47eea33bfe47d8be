#include "wire/json/writer.hpp"

#include "wire/json/parser.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstring>
#include <limits>
#include <string>

namespace kith::wire::json {
namespace {

TEST(JsonWriter, SetsTheCommas) {
  std::string out;
  Writer w{out};
  w.begin_object().field("a", 1).field("b", "x").key("c").begin_array();
  w.begin_array()
      .end_array()
      .begin_object()
      .end_object()
      .integer(2)
      .null()
      .boolean(false)
      .end_array();
  w.field("d", true).end_object();
  EXPECT_EQ(out, R"({"a":1,"b":"x","c":[[],{},2,null,false],"d":true})");
}

TEST(JsonWriter, TakesEveryTypeOfField) {
  std::string out;
  const std::string owned = "owned";
  Writer{out}
      .begin_object()
      .field("s", owned)
      .field("v", std::string_view{"view"})
      .field("l", "literal")
      .field("i", -3)
      .field("u", std::numeric_limits<std::uint64_t>::max())
      .field("d", 0.5)
      .field("t", true)
      .end_object();
  EXPECT_EQ(
      out,
      R"({"s":"owned","v":"view","l":"literal","i":-3,"u":18446744073709551615,"d":0.5,"t":true})");
}

TEST(JsonWriter, AppendsBehindWhatIsThere) {
  std::string out = "42";
  Writer{out}.begin_array().string("x").end_array();
  EXPECT_EQ(out, R"(42["x"])");
}

TEST(JsonWriter, SplicesJsonMadeBefore) {
  std::string out;
  Writer{out}.begin_array().integer(1).raw(R"({"a":1},2)").raw("").integer(3).end_array();
  EXPECT_EQ(out, R"([1,{"a":1},2,3])");
}

TEST(JsonWriter, WritesAValueThatWasParsed) {
  Parser parser;
  const Value value = parser.parse(R"( {"a" : [1, 2]} )").value();
  std::string out;
  Writer{out}.begin_array().value(value).value(*value.find("a")).end_array();
  EXPECT_EQ(out, R"([{"a":[1,2]},[1,2]])");
}

TEST(JsonWriter, EscapesNamesThatDoNotStandInTheCode) {
  std::string out;
  const std::string name = "a\"b";
  Writer{out}.begin_object().field(std::string_view{name}, 1).end_object();
  EXPECT_EQ(out, R"({"a\"b":1})");
}

TEST(JsonWriter, WritesNamesThatStandInTheCodeAsTheyAre) {
  std::string out;
  Writer{out}
      .begin_object()
      .field("a", 1)
      .field("b", "x\"")
      .field("c", true)
      .field("d", 0.5)
      .end_object();
  EXPECT_EQ(out, R"({"a":1,"b":"x\"","c":true,"d":0.5})");
}

TEST(JsonWriter, PutsQuotesAroundWhatNeedsNoEscaping) {
  std::string out;
  Writer json{out};
  json.begin_array().quoted<3>([](char* to) { std::memcpy(to, "one", 3); });
  json.quoted<4>([](char* to) { std::memcpy(to, "four", 4); }).end_array();
  EXPECT_EQ(out, R"(["one","four"])");
}

TEST(JsonWriter, EscapesWhatMustBeAndNothingElse) {
  std::string all;
  for (int c = 0; c < 0x80; ++c)
    all.push_back(static_cast<char>(c));
  std::string out;
  append_string(out, all);
  EXPECT_EQ(
      out,
      R"("\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f)"
      R"(\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f)"
      R"( !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~)"
      "\x7f\"");
}

TEST(JsonWriter, FindsAnEscapeAtEveryPlaceOfALongText) {
  for (const char c : {'"', '\\', '\x1f', '\0'}) {
    for (std::size_t at = 0; at < 40; ++at) {
      std::string text(40, '\xc3');
      for (std::size_t i = 1; i < text.size(); i += 2)
        text[i] = '\xa9';
      text[at] = c;
      std::string expected = "\"" + text.substr(0, at);
      expected += c == '"' ? "\\\"" : c == '\\' ? "\\\\" : c == '\0' ? "\\u0000" : "\\u001f";
      expected += text.substr(at + 1) + "\"";
      std::string out;
      append_string(out, text);
      EXPECT_EQ(out, expected) << at;
    }
  }
}

TEST(JsonWriter, LeavesOtherBytesAlone) {
  std::string text;
  for (int c = 0x20; c < 0x100; ++c)
    if (c != '"' && c != '\\') text.push_back(static_cast<char>(c));
  std::string out;
  append_string(out, text);
  EXPECT_EQ(out, "\"" + text + "\"");
}

TEST(JsonWriter, WritesWhatIsNoNumberAsNull) {
  std::string out;
  append_number(out, std::numeric_limits<double>::infinity());
  append_number(out, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(out, "nullnull");
}

TEST(JsonWriter, GivesLargeWholeDoublesAnExponent) {
  std::string out;
  append_number(out, 9007199254740991.0);
  out += ' ';
  append_number(out, 9007199254740992.0);
  out += ' ';
  append_number(out, 123456789012345680000.0);
  EXPECT_EQ(out, "9007199254740991 9.007199254740992e+15 1.2345678901234568e+20");
}

TEST(JsonWriter, WritesTheExtremesOfIntegers) {
  std::string out;
  append_integer(out, std::numeric_limits<std::int64_t>::min());
  out += ' ';
  append_integer(out, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(out, "-9223372036854775808 18446744073709551615");
}

}  // namespace
}  // namespace kith::wire::json
