#include "base/encoding.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <string>

namespace kith::base {
namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values)
    out += static_cast<char>(value);
  return out;
}

TEST(Base64, gives_the_vectors_of_rfc_4648) {
  EXPECT_EQ(base64_encode(""), "");
  EXPECT_EQ(base64_encode("f"), "Zg==");
  EXPECT_EQ(base64_encode("fo"), "Zm8=");
  EXPECT_EQ(base64_encode("foo"), "Zm9v");
  EXPECT_EQ(base64_encode("foob"), "Zm9vYg==");
  EXPECT_EQ(base64_encode("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");
}

TEST(Base64, the_two_alphabets_differ_in_two_characters_and_the_padding) {
  const auto raw = bytes({0xfb, 0xff, 0xfe, 0xff});
  EXPECT_EQ(base64_encode(raw), "+//+/w==");
  EXPECT_EQ(base64url_encode(raw), "-__-_w");
  EXPECT_FALSE(base64_decode("-__-_w==").has_value());
  EXPECT_FALSE(base64url_decode("+//+_w").has_value());
}

TEST(Base64, padding_is_required_and_only_at_the_end) {
  for (const char* text :
       {"Zg", "Zg=", "Zg===", "=Zg=", "Z===", "====", "Zg==Zg==", "Zm=v", "Zm9v="})
    EXPECT_FALSE(base64_decode(text).has_value()) << text;
  EXPECT_EQ(base64_decode(""), "");
}

TEST(Base64, the_url_form_takes_no_padding_and_no_rest_of_one_character) {
  for (const char* text : {"Zg==", "Zg=", "Z", "Zm9vY"})
    EXPECT_FALSE(base64url_decode(text).has_value()) << text;
  EXPECT_EQ(base64url_decode("Zg"), "f");
  EXPECT_EQ(base64url_decode(""), "");
}

TEST(Base64, bits_left_over_must_be_zero_so_that_a_name_has_one_form) {
  EXPECT_FALSE(base64_decode("Zh==").has_value());
  EXPECT_FALSE(base64_decode("Zm9=").has_value());
  EXPECT_FALSE(base64url_decode("Zh").has_value());
  EXPECT_FALSE(base64url_decode("Zm9").has_value());
}

TEST(Base64, white_space_nul_and_high_bytes_are_refused) {
  for (const auto& text : {std::string{"Zg ="},
                           std::string{"Zm\n="},
                           std::string{"Z\0==", 4},
                           bytes({'Z', 0xc3, '=', '='})})
    EXPECT_FALSE(base64_decode(text).has_value());
}

TEST(Base64, whatever_is_encoded_reads_back) {
  EXPECT_TRUE(rc::check([](const std::string& raw) {
    RC_ASSERT(base64_decode(base64_encode(raw)) == raw);
    RC_ASSERT(base64url_decode(base64url_encode(raw)) == raw);
  }));
}

TEST(Base64, whatever_reads_at_all_is_encoded_to_the_same_text) {
  EXPECT_TRUE(rc::check([] {
    const auto text =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string{"AZaz09-_+/="}));
    if (const auto raw = base64_decode(text)) RC_ASSERT(base64_encode(*raw) == text);
    if (const auto raw = base64url_decode(text)) RC_ASSERT(base64url_encode(*raw) == text);
  }));
}

TEST(Base64, appending_leaves_what_is_there) {
  std::string out = "x";
  append_base64(out, "f");
  append_base64url(out, "f");
  EXPECT_EQ(out, "xZg==Zg");
}

TEST(Base64, what_is_written_into_a_place_ends_where_it_says) {
  for (const auto& raw :
       {bytes({}), bytes({1}), bytes({1, 2}), bytes({1, 2, 3}), bytes({9, 8, 7, 6})}) {
    std::string out(10, 'x');
    const char* end = write_base64url(out.data(), raw);
    EXPECT_EQ(out.substr(0, static_cast<std::size_t>(end - out.data())), base64url_encode(raw));
    EXPECT_EQ(*end, 'x');
  }
}

TEST(Hex, is_lower_case_and_two_digits_a_byte) {
  EXPECT_EQ(hex_encode(bytes({0, 1, 0x0f, 0xa0, 0xff})), "00010fa0ff");
  EXPECT_EQ(hex_encode(""), "");
}

TEST(Utf8, takes_every_length_at_its_edges) {
  for (const auto& text : {bytes({0x00}),
                           bytes({0x7f}),
                           bytes({0xc2, 0x80}),
                           bytes({0xdf, 0xbf}),
                           bytes({0xe0, 0xa0, 0x80}),
                           bytes({0xed, 0x9f, 0xbf}),
                           bytes({0xee, 0x80, 0x80}),
                           bytes({0xef, 0xbf, 0xbf}),
                           bytes({0xf0, 0x90, 0x80, 0x80}),
                           bytes({0xf4, 0x8f, 0xbf, 0xbf})})
    EXPECT_TRUE(is_utf8(text)) << hex_encode(text);
}

TEST(Utf8, refuses_overlong_forms_surrogates_and_what_lies_beyond) {
  for (const auto& text : {bytes({0x80}),
                           bytes({0xbf}),
                           bytes({0xc0, 0x80}),
                           bytes({0xc1, 0xbf}),
                           bytes({0xe0, 0x9f, 0xbf}),
                           bytes({0xed, 0xa0, 0x80}),
                           bytes({0xed, 0xbf, 0xbf}),
                           bytes({0xf0, 0x8f, 0xbf, 0xbf}),
                           bytes({0xf4, 0x90, 0x80, 0x80}),
                           bytes({0xf5, 0x80, 0x80, 0x80}),
                           bytes({0xff})})
    EXPECT_FALSE(is_utf8(text)) << hex_encode(text);
}

TEST(Utf8, refuses_a_sequence_that_is_cut_or_broken) {
  const auto whole = bytes({0xf0, 0x9f, 0x98, 0x80});
  EXPECT_TRUE(is_utf8(whole));
  for (std::size_t length = 1; length < whole.size(); ++length) {
    EXPECT_FALSE(is_utf8(whole.substr(0, length)));
    auto broken = whole;
    broken[length] = 'a';
    EXPECT_FALSE(is_utf8(broken));
  }
}

TEST(Utf8, is_checked_wherever_a_bad_byte_stands_in_long_text) {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string text(40, 'a');
    EXPECT_TRUE(is_utf8(text));
    text[at] = static_cast<char>(0xff);
    EXPECT_FALSE(is_utf8(text)) << at;
  }
}

TEST(Utf8, lengths_are_code_points_and_javascript_units) {
  const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  EXPECT_EQ(utf8_length(text), 4U);
  EXPECT_EQ(utf16_length(text), 5U);
  EXPECT_EQ(utf8_length(""), 0U);
  EXPECT_EQ(utf16_length(""), 0U);
}

}  // namespace
}  // namespace kith::base
