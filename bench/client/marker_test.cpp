#include "client/marker.hpp"

#include <gtest/gtest.h>

namespace kith::bench {
namespace {

constexpr std::uint32_t run = 0xdeadbeef;
constexpr Mark mark{1'234'567'890'123, 77, 4'000'000'000U};

std::string message_with(std::string_view text) {
  return "{\"cid\":\"c_1\",\"text\":\"" + std::string(text) + "\",\"seq\":1}]";
}

std::string text_of(const Marker& marker, const Mark& what, std::size_t length = 64) {
  std::string text;
  marker.append_text(text, what, length);
  return text;
}

TEST(Marks, are_found_again_in_a_message) {
  const Marker marker(run);
  std::size_t hint = 0;
  EXPECT_EQ(marker.find_text(message_with(text_of(marker, mark)), hint), mark);
}

TEST(Marks, fill_the_length_that_was_asked_for_with_plain_text) {
  const Marker marker(run);
  for (const std::size_t length : {text_mark_bytes, std::size_t{48}, std::size_t{1000}}) {
    const std::string text = text_of(marker, mark, length);
    EXPECT_EQ(text.size(), length);
    EXPECT_EQ(text.find_first_of("\"\\"), std::string::npos);
  }
}

TEST(Marks, are_found_where_they_stood_last_and_where_they_did_not) {
  const Marker marker(run);
  const std::string text = text_of(marker, mark);
  std::size_t hint = 0;
  ASSERT_TRUE(marker.find_text(message_with(text), hint));
  const std::size_t first = hint;
  EXPECT_EQ(marker.find_text(message_with(text), hint), mark);
  EXPECT_EQ(hint, first);
  EXPECT_EQ(marker.find_text("{\"text\":\"" + text + "\"}", hint), mark) << "another order of keys";
  EXPECT_NE(hint, first);
  EXPECT_EQ(marker.find_text("", hint), std::nullopt);
}

TEST(Marks, of_another_run_or_cut_off_are_not_seen) {
  const Marker marker(run);
  const Marker other(run + 1);
  std::size_t hint = 0;
  EXPECT_EQ(marker.find_text(message_with(text_of(other, mark)), hint), std::nullopt);
  const std::string text = text_of(marker, mark, text_mark_bytes);
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_EQ(marker.find_text(std::string_view{text}.substr(0, size), hint), std::nullopt);
}

TEST(Marks, that_were_tampered_with_are_not_seen) {
  const Marker marker(run);
  std::string text = text_of(marker, mark, text_mark_bytes);
  text[20] = 'G';
  std::size_t hint = 0;
  EXPECT_EQ(marker.find_text(text, hint), std::nullopt);
}

TEST(Marks, of_a_tick_are_bytes) {
  const Marker marker(run);
  std::string bytes;
  marker.append_binary(bytes, mark, 48);
  EXPECT_EQ(bytes.size(), 48U);
  EXPECT_EQ(marker.read_binary(bytes), mark);
  EXPECT_EQ(Marker(run + 1).read_binary(bytes), std::nullopt);
  EXPECT_EQ(marker.read_binary(bytes.substr(0, binary_mark_bytes - 1)), std::nullopt);
}

}  // namespace
}  // namespace kith::bench
