#include "client/frames.hpp"

#include <gtest/gtest.h>

namespace kith::bench {
namespace {

constexpr std::uint32_t mask = 0x3d21fa37;
constexpr std::size_t payload_max = 1 << 20;

// What a server would read: the mask taken off, the bit cleared.
std::string unmasked(std::string_view frame) {
  std::string plain{frame.substr(0, 2)};
  plain[1] = static_cast<char>(plain[1] & 0x7f);
  const std::size_t extra = plain[1] == 126 ? 2 : plain[1] == 127 ? 8 : 0;
  plain += frame.substr(2, extra);
  const std::string_view key = frame.substr(2 + extra, 4);
  const std::string_view body = frame.substr(6 + extra);
  for (std::size_t i = 0; i < body.size(); ++i)
    plain += static_cast<char>(body[i] ^ key[i % 4]);
  return plain;
}

std::string payload_of(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    text[i] = static_cast<char>(i * 7 + i / 251);
  return text;
}

class FrameOfLength : public testing::TestWithParam<std::size_t> {};

TEST_P(FrameOfLength, comes_out_as_it_went_in) {
  const std::string payload = payload_of(GetParam());
  std::string out = "before";
  append_frame(out, Opcode::binary, payload, mask);
  const std::string frame = out.substr(6);
  EXPECT_NE(static_cast<unsigned char>(frame[1]) & 0x80, 0);
  if (payload.size() > 8) {
    EXPECT_EQ(frame.find(payload), std::string::npos) << "it is masked";
  }
  const std::string plain = unmasked(frame);
  const std::string with_next = plain + "next";
  Frame read;
  ASSERT_EQ(next_frame(with_next, payload_max, read), FrameState::complete);
  EXPECT_EQ(read.payload, payload);
  EXPECT_EQ(read.opcode, Opcode::binary);
  EXPECT_TRUE(read.last);
  EXPECT_EQ(read.size, plain.size());
}

TEST_P(FrameOfLength, is_partial_until_its_last_byte_is_there) {
  std::string out;
  append_frame(out, Opcode::text, payload_of(GetParam()), mask);
  const std::string plain = unmasked(out);
  Frame read;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{2}, plain.size() / 2, plain.size() - 1}) {
    if (size < plain.size()) {
      EXPECT_EQ(next_frame(std::string_view{plain}.substr(0, size), payload_max, read),
                FrameState::partial)
          << size;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Lengths,
    FrameOfLength,
    testing::Values(0, 1, 7, 8, 9, 124, 125, 126, 127, 65'534, 65'535, 65'536, 70'001));

TEST(Frames, the_length_is_written_in_the_shortest_form) {
  const auto header_bytes = [](std::size_t payload) {
    std::string out;
    append_frame(out, Opcode::text, std::string(payload, 'x'), mask);
    return out.size() - payload;
  };
  EXPECT_EQ(header_bytes(125), 6U);
  EXPECT_EQ(header_bytes(126), 8U);
  EXPECT_EQ(header_bytes(65'535), 8U);
  EXPECT_EQ(header_bytes(65'536), 14U);
}

TEST(Frames, what_breaks_the_rules_is_bad) {
  Frame frame;
  EXPECT_EQ(next_frame("\xc1\x01x", payload_max, frame), FrameState::bad) << "a reserved bit";
  EXPECT_EQ(next_frame("\x81\x81kkkkx", payload_max, frame), FrameState::bad)
      << "a server does not mask";
  EXPECT_EQ(next_frame(std::string_view{"\x81\x7e\x01\x00", 4}, 255, frame), FrameState::bad)
      << "too long";
}

TEST(Frames, a_length_above_what_is_allowed_is_bad_before_its_bytes_have_come) {
  Frame frame;
  const std::string_view huge{"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 10};
  EXPECT_EQ(next_frame(huge, payload_max, frame), FrameState::bad);
}

TEST(Frames, a_fragment_says_that_it_is_not_the_last) {
  Frame frame;
  ASSERT_EQ(next_frame(std::string_view{"\x01\x02"
                                        "ab\x80\x01"
                                        "c"},
                       payload_max,
                       frame),
            FrameState::complete);
  EXPECT_FALSE(frame.last);
  EXPECT_EQ(frame.opcode, Opcode::text);
  EXPECT_EQ(frame.payload, "ab");
}

}  // namespace
}  // namespace kith::bench
