#include "wire/http/tokens.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kith::wire::http {
namespace {

TEST(Tokens, AreLettersDigitsAndFifteenSigns) {
  std::size_t count = 0;
  for (int c = 0; c < 256; ++c)
    count += is_token_char(static_cast<char>(c)) ? 1 : 0;
  EXPECT_EQ(count, 26U + 26U + 10U + 15U);
  EXPECT_TRUE(is_token("Sec-WebSocket-Key"));
  EXPECT_FALSE(is_token(""));
  EXPECT_FALSE(is_token("two words"));
  EXPECT_FALSE(is_token("colon:"));
  EXPECT_FALSE(is_token("caf\xc3\xa9"));
  EXPECT_FALSE(is_token(std::string_view{"a\0b", 3}));
}

TEST(Tokens, CompareWithoutCaseForAsciiOnly) {
  EXPECT_TRUE(equal_ignoring_case("Keep-Alive", "kEEP-aLIVE"));
  EXPECT_FALSE(equal_ignoring_case("close", "closed"));
  EXPECT_FALSE(equal_ignoring_case("[", "{"));
  EXPECT_FALSE(equal_ignoring_case("\xc3\x84", "\xc3\xa4"));
}

TEST(Tokens, TrimTakesBlanksAndTabsOnly) {
  EXPECT_EQ(trim(" \t a b \t"), "a b");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim("\r\na"), "\r\na");
}

TEST(Tokens, AreFoundInAListWithoutRegardToCaseAndBlanks) {
  EXPECT_TRUE(has_token("keep-alive, Upgrade", "upgrade"));
  EXPECT_TRUE(has_token("Upgrade", "upgrade"));
  EXPECT_TRUE(has_token(",, upgrade\t,", "UPGRADE"));
  EXPECT_FALSE(has_token("upgraded, up grade", "upgrade"));
  EXPECT_FALSE(has_token("", "upgrade"));
  EXPECT_FALSE(has_token("a;b", "b"));
}

}  // namespace
}  // namespace kith::wire::http
