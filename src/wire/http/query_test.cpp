#include "wire/http/query.hpp"

#include "base/limits.hpp"
#include "wire/http/percent.hpp"

#include <gtest/gtest.h>

namespace kith::wire::http {
namespace {

std::optional<std::string_view> found(const std::optional<Query>& query, std::string_view name) {
  return query.value().find(name);
}

TEST(Query, OfAHandshakeIsReadByName) {
  const auto query = Query::parse("EIO=4&transport=polling&t=OyZ1");
  EXPECT_EQ(found(query, "EIO"), "4");
  EXPECT_EQ(found(query, "transport"), "polling");
  EXPECT_EQ(found(query, "t"), "OyZ1");
  EXPECT_EQ(found(query, "sid"), std::nullopt);
  EXPECT_EQ(found(query, "eio"), std::nullopt);
}

TEST(Query, TheLastDuplicateWinsAndAllAreKeptInOrder) {
  const auto query = Query::parse("a=1&b=2&a=3");
  EXPECT_EQ(found(query, "a"), "3");
  const std::vector<QueryPair> all{{"a", "1"}, {"b", "2"}, {"a", "3"}};
  EXPECT_EQ(query.value().pairs(), all);
}

TEST(Query, DecodesPercentAndPlusInNamesAndValues) {
  const auto query = Query::parse("to%6Ben=a%20b+c%2Bd%26e%3Df&%C3%A4=%e2%82%ac");
  EXPECT_EQ(found(query, "token"), "a b c+d&e=f");
  EXPECT_EQ(found(query, "\xc3\xa4"), "\xe2\x82\xac");
}

TEST(Query, KeepsABrokenPercentAsItIs) {
  const auto query = Query::parse("a=%&b=%4&c=%zz&d=100%25&e=%%41");
  EXPECT_EQ(found(query, "a"), "%");
  EXPECT_EQ(found(query, "b"), "%4");
  EXPECT_EQ(found(query, "c"), "%zz");
  EXPECT_EQ(found(query, "d"), "100%");
  EXPECT_EQ(found(query, "e"), "%A");
}

TEST(Query, AcceptsEmptyNamesValuesAndPieces) {
  EXPECT_TRUE(Query::parse("").value().pairs().empty());
  EXPECT_TRUE(Query::parse("&&&").value().pairs().empty());
  const auto query = Query::parse("&flag&=nameless&a==b&");
  EXPECT_EQ(found(query, "flag"), "");
  EXPECT_EQ(found(query, ""), "nameless");
  EXPECT_EQ(found(query, "a"), "=b");
  EXPECT_EQ(query.value().pairs().size(), 3U);
}

TEST(Query, NamesOfBuiltInsAreOrdinaryNames) {
  const auto query = Query::parse("__proto__=1&constructor=2");
  EXPECT_EQ(found(query, "__proto__"), "1");
  EXPECT_EQ(found(query, "constructor"), "2");
  EXPECT_EQ(found(query, "toString"), std::nullopt);
}

TEST(Query, TakesAsManyPairsAsTheLimitAndNoMore) {
  std::string text;
  for (std::size_t i = 0; i < base::limits::http_query_pairs_max; ++i)
    text += "k=v&";
  EXPECT_EQ(Query::parse(text).value().pairs().size(), base::limits::http_query_pairs_max);
  EXPECT_FALSE(Query::parse(text + "k=v").has_value());
}

TEST(PercentDecode, IsStrictForPaths) {
  EXPECT_EQ(percent_decode("/a%20b%2Fc+d").value(), "/a b/c+d");
  EXPECT_EQ(percent_decode("").value(), "");
  EXPECT_FALSE(percent_decode("/a%").has_value());
  EXPECT_FALSE(percent_decode("/a%2").has_value());
  EXPECT_FALSE(percent_decode("/a%g0").has_value());
  EXPECT_FALSE(percent_decode("/a%00").has_value());
  EXPECT_EQ(percent_decode("%fF").value(), "\xff");
}

TEST(FormDecode, GivesNulBytesAsData) {
  EXPECT_EQ(form_decode("a%00b"), (std::string{"a\0b", 3}));
}

}  // namespace
}  // namespace kith::wire::http
