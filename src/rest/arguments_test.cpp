#include "rest/arguments.hpp"

#include "wire/json/parser.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

namespace kith::rest {
namespace {

using wire::json::Writer;

std::string conversation(std::string_view element) {
  std::string members;
  Writer json{members};
  return add_conversation(json, element).has_error() ? "refused" : members;
}

std::string query(std::string_view text) {
  constexpr std::array fields{QueryField{"limit", true}, QueryField{"next"}};
  std::string members;
  Writer json{members};
  return add_query(json, text, fields).has_error() ? "refused" : members;
}

TEST(RestArguments, a_path_names_a_conversation_in_three_ways) {
  EXPECT_EQ(conversation("c_x"), R"("cid":"c_x")");
  EXPECT_EQ(conversation("ext:a b"), R"("external_id":"a b")");
  EXPECT_EQ(conversation("to:ann"), R"("to":"ann")");
  EXPECT_EQ(conversation("ext:"), R"("external_id":"")");
  EXPECT_EQ(conversation("EXT:x"), R"("cid":"EXT:x")");
  EXPECT_EQ(conversation("\xff"), "refused");
  EXPECT_EQ(conversation("ext:\xc3"), "refused");
}

TEST(RestArguments, a_query_gives_what_the_route_takes_the_last_of_each_name) {
  EXPECT_EQ(query(""), "");
  EXPECT_EQ(query("limit=5"), R"("limit":5)");
  EXPECT_EQ(query("x=1&limit=5&limit=6&next=a+b%22"), R"("limit":6,"next":"a b\"")");
  EXPECT_EQ(query("next="), R"("next":"")");
  EXPECT_EQ(query("next=%ff"), "refused");
}

TEST(RestArguments, a_number_that_is_none_goes_on_as_text) {
  for (const char* text : {"-1", "1.5", "007", "1e3", "x", "", "1}", "99999999999999999999"})
    EXPECT_EQ(query(std::string{"limit="} + text), "\"limit\":\"" + std::string{text} + '"');
  EXPECT_EQ(query("limit=0"), R"("limit":0)");
  EXPECT_EQ(query("limit=9007199254740993"), R"("limit":9007199254740993)");
}

TEST(RestArguments, all_of_one_name_make_a_list_where_the_route_takes_one) {
  constexpr std::array fields{QueryField{"user", false, "users"}};
  const auto list = [&](std::string_view text) {
    std::string members;
    Writer json{members};
    return add_query(json, text, fields).has_error() ? "refused" : members;
  };
  EXPECT_EQ(list("user=ann&x=1&user=b%22"), R"("users":["ann","b\""])");
  EXPECT_EQ(list("user="), R"("users":[""])");
  EXPECT_EQ(list("users=ann"), "");
  EXPECT_EQ(list("user=ann&user=%ff"), "refused");
}

TEST(RestArguments, too_many_names_are_refused) {
  std::string text = "limit=1";
  for (int i = 0; i < 200; ++i)
    text += "&a=1";
  EXPECT_EQ(query(text), "refused");
}

TEST(RestArguments, members_come_last_in_the_object_of_a_body) {
  EXPECT_EQ(*join("", ""), "{}");
  EXPECT_EQ(*join(" \n", R"("a":1)"), R"({"a":1})");
  EXPECT_EQ(*join("{}", R"("a":1)"), R"({"a":1})");
  EXPECT_EQ(*join("\t{ \n } ", R"("a":1)"), R"({"a":1})");
  EXPECT_EQ(*join(R"({"a":0 } )", R"("a":1)"), R"({"a":0,"a":1})");
  EXPECT_EQ(*join(R"({"a":0})", ""), R"({"a":0})");
  for (const char* body : {"[]", "7", "{", "}", "x{}", "{}x", "null"})
    EXPECT_TRUE(join(body, "").has_error()) << body;
}

// Whatever the body, the path wins: a body can not hide what is joined to it.
RC_GTEST_PROP(RestArgumentsProperty, what_is_joined_is_what_is_found, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("{", "}", "\"", "\\", ":", ",", "\"cid\"", "1", "[", "]", " "));
  std::string body = "{";
  for (const auto& piece : pieces)
    body += piece;
  body += '}';
  const auto text = join(body, R"("cid":"path")");
  RC_ASSERT(text.has_value());
  wire::json::Parser parser;
  const auto value = parser.parse(*text);
  if (value.has_error()) return;
  RC_ASSERT(value->is_object());
  RC_ASSERT(value->find("cid")->as_string() == "path");
}

}  // namespace
}  // namespace kith::rest
