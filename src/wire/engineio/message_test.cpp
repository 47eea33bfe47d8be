#include "wire/engineio/message.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace kith::wire::engineio {
namespace {

// Reads an unmasked final frame by RFC 6455: returns its payload.
std::string payload_of(std::string_view frame, int opcode) {
  EXPECT_GE(frame.size(), 2U);
  EXPECT_EQ(static_cast<unsigned char>(frame[0]), 0x80 | opcode);
  std::uint64_t length = static_cast<unsigned char>(frame[1]);
  std::size_t at = 2;
  const std::size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (extra > 0) length = 0;
  for (std::size_t i = 0; i < extra; ++i)
    length = length << 8 | static_cast<unsigned char>(frame[at++]);
  EXPECT_EQ(frame.size() - at, length);
  EXPECT_GE(length, extra == 8 ? 0x10000U : extra == 2 ? 126U : 0U);
  return std::string{frame.substr(at)};
}

TEST(OutMessage, a_text_message_is_a_text_frame_whose_payload_is_the_packet) {
  for (const std::size_t size : {0UL, 1UL, 124UL, 125UL, 126UL, 0xfffeUL, 0xffffUL, 0x10000UL}) {
    const std::string text(size, 'x');
    const auto message = OutMessage::text(text);
    EXPECT_EQ(payload_of(message.frame(), 1), "4" + text);
    EXPECT_EQ(message.packet_view(), "4" + text);
    EXPECT_FALSE(message.is_binary());
  }
}

TEST(OutMessage, a_binary_message_is_a_binary_frame_of_the_raw_bytes) {
  for (const std::size_t size : {0UL, 125UL, 126UL, 0xffffUL, 0x10000UL}) {
    const std::string bytes(size, '\xff');
    const auto message = OutMessage::binary(bytes);
    EXPECT_EQ(payload_of(message.frame(), 2), bytes);
    EXPECT_EQ(message.packet_view(), bytes);
    EXPECT_TRUE(message.is_binary());
  }
}

TEST(OutMessage, one_built_in_place_is_the_same_frame) {
  EXPECT_TRUE(rc::check("built in place or at once", [](const std::string& content, bool large) {
    const std::string text = large ? content + std::string(70'000, 'y') : content;
    OutMessage::Builder builder(OutMessage::Builder::Kind::text, text.size());
    builder.buffer().append(text);
    const auto built = std::move(builder).finish();
    RC_ASSERT(built.frame() == OutMessage::text(text).frame());
    RC_ASSERT(built.packet_view() == "4" + text);

    OutMessage::Builder bytes(OutMessage::Builder::Kind::binary);
    bytes.buffer().append(text);
    RC_ASSERT(std::move(bytes).finish().frame() == OutMessage::binary(text).frame());
  }));
}

TEST(OutMessage, building_in_place_does_not_copy) {
  OutMessage::Builder builder(OutMessage::Builder::Kind::text, 1000);
  builder.buffer().append(1000, 'z');
  const char* const where = builder.buffer().data();
  const auto message = std::move(builder).finish();
  EXPECT_EQ(message.shared()->data(), where);
}

TEST(OutMessage, copies_share_the_bytes) {
  const auto message = OutMessage::text("hello");
  const auto copy = message;
  EXPECT_EQ(copy.shared().get(), message.shared().get());
  EXPECT_LE(sizeof(OutMessage), 24U);
}

TEST(OutMessage, control_packets_have_their_digit) {
  EXPECT_EQ(OutMessage::packet(PacketType::ping).packet_view(), "2");
  EXPECT_EQ(OutMessage::packet(PacketType::open, "{}").packet_view(), "0{}");
}

}  // namespace
}  // namespace kith::wire::engineio
