#include "wire/engineio/packet.hpp"

#include <gtest/gtest.h>

namespace kith::wire::engineio {
namespace {

std::optional<Packet> decode(Revision revision, std::string_view text) {
  static std::string scratch;
  return decode_text_packet(revision, text, scratch);
}

TEST(Packet, every_type_is_read_by_its_digit) {
  for (const auto revision : {Revision::v3, Revision::v4}) {
    for (int type = 0; type <= 6; ++type) {
      const std::string text = std::to_string(type) + "x";
      const auto packet = decode(revision, text);
      ASSERT_TRUE(packet);
      EXPECT_EQ(*packet, (Packet{static_cast<PacketType>(type), false, "x"}));
    }
  }
}

TEST(Packet, unknown_types_and_empty_packets_are_refused) {
  for (const auto revision : {Revision::v3, Revision::v4}) {
    for (const auto* text : {"", "7", "9abc", "a", " 4", "-", "\x04", "B"})
      EXPECT_FALSE(decode(revision, text)) << text;
  }
}

TEST(Packet, base64_of_revision_4_follows_b_at_once_and_of_revision_3_follows_b4) {
  EXPECT_EQ(*decode(Revision::v4, "bAQIDBA=="),
            (Packet{PacketType::message, true, "\x01\x02\x03\x04"}));
  EXPECT_EQ(*decode(Revision::v3, "b4AQIDBA=="),
            (Packet{PacketType::message, true, "\x01\x02\x03\x04"}));
  EXPECT_EQ(*decode(Revision::v4, "b"), (Packet{PacketType::message, true, ""}));
}

TEST(Packet, malformed_base64_is_refused) {
  EXPECT_FALSE(decode(Revision::v4, "bAQIDBA"));
  EXPECT_FALSE(decode(Revision::v4, "b!!!!"));
  EXPECT_FALSE(decode(Revision::v3, "b"));
  EXPECT_FALSE(decode(Revision::v3, "b2AQIDBA=="));
  EXPECT_FALSE(decode(Revision::v3, "b4AQ ID"));
}

TEST(Packet, a_binary_frame_of_revision_4_has_no_type_byte) {
  EXPECT_EQ(*decode_binary_packet(Revision::v4, "\x04\x01"),
            (Packet{PacketType::message, true, "\x04\x01"}));
  EXPECT_EQ(*decode_binary_packet(Revision::v4, ""), (Packet{PacketType::message, true, ""}));
}

TEST(Packet, a_binary_frame_of_revision_3_begins_with_the_byte_4) {
  EXPECT_EQ(*decode_binary_packet(Revision::v3, "\x04\x01"),
            (Packet{PacketType::message, true, "\x01"}));
  EXPECT_FALSE(decode_binary_packet(Revision::v3, ""));
  EXPECT_FALSE(decode_binary_packet(Revision::v3, "4x"));
}

}  // namespace
}  // namespace kith::wire::engineio
