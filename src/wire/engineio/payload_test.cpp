#include "wire/engineio/payload.hpp"

#include "base/encoding.hpp"
#include "base/limits.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace kith::wire::engineio {
namespace {

struct Read {
  std::vector<std::string> packets;  // "4text", or "b" and the raw bytes
  bool failed = false;
  friend bool operator==(const Read&, const Read&) = default;
};

Read read_all(Revision revision, PayloadForm form, std::string_view body) {
  Read result;
  PayloadReader reader(revision, form, body);
  while (const auto packet = reader.next()) {
    std::string text = packet->binary ? "b" : std::string{to_char(packet->type)};
    result.packets.push_back(text.append(packet->data));
  }
  result.failed = reader.failed();
  return result;
}

Read v4(std::string_view body) {
  return read_all(Revision::v4, PayloadForm::text, body);
}

Read v3(std::string_view body) {
  return read_all(Revision::v3, PayloadForm::text, body);
}

Read v3_octets(std::string_view body) {
  return read_all(Revision::v3, PayloadForm::octets, body);
}

using Packets = std::vector<std::string>;

TEST(PayloadOfRevision4, packets_are_separated_by_the_record_separator) {
  EXPECT_EQ(v4("4hello\x1e"
               "2\x1e"
               "4\u20ac"),
            (Read{{"4hello", "2", "4\u20ac"}, false}));
  EXPECT_EQ(v4("4"), (Read{{"4"}, false}));
}

TEST(PayloadOfRevision4, binary_is_base64_after_b) {
  EXPECT_EQ(v4("4hello\x1e"
               "bAQIDBA=="),
            (Read{{"4hello", std::string{"b\x01\x02\x03\x04"}}, false}));
}

TEST(PayloadOfRevision4, what_precedes_a_bad_packet_is_still_read) {
  EXPECT_EQ(v4("4a\x1e"
               "4b\x1e"
               "abc\x1e"
               "4c"),
            (Read{{"4a", "4b"}, true}));
}

TEST(PayloadOfRevision4, empty_bodies_and_trailing_separators_are_errors) {
  EXPECT_EQ(v4(""), (Read{{}, true}));
  EXPECT_EQ(v4("4a\x1e"), (Read{{"4a"}, true}));
  EXPECT_EQ(v4("\x1e"
               "4a"),
            (Read{{}, true}));
  EXPECT_EQ(v4("4a\x1e\x1e"
               "4b"),
            (Read{{"4a"}, true}));
}

TEST(PayloadOfRevision4, text_that_is_not_utf8_is_an_error) {
  EXPECT_EQ(v4("4\xff"), (Read{{}, true}));
  EXPECT_EQ(v4("4\xed\xa0\x80"), (Read{{}, true}));
}

TEST(PayloadOfRevision4, has_no_octet_form) {
  EXPECT_EQ(read_all(Revision::v4, PayloadForm::octets, "4a"), (Read{{}, true}));
}

TEST(PayloadOfRevision3, lengths_count_utf16_units) {
  EXPECT_EQ(v3("6:4hello2:4\u20ac"), (Read{{"4hello", "4\u20ac"}, false}));
  EXPECT_EQ(v3("3:4\U0001F600"
               "1:2"),
            (Read{{"4\U0001F600", "2"}, false}));
}

TEST(PayloadOfRevision3, a_length_that_cuts_a_surrogate_pair_is_an_error) {
  EXPECT_EQ(v3("2:4\U0001F600"), (Read{{}, true}));
}

TEST(PayloadOfRevision3, no_packets_are_0_and_a_colon) {
  EXPECT_EQ(v3("0:"), (Read{{}, false}));
  EXPECT_EQ(v3("0:1:2"), (Read{{"2"}, false}));
}

TEST(PayloadOfRevision3, base64_counts_its_prefix) {
  EXPECT_EQ(v3("10:b4AQIDBA=="), (Read{{std::string{"b\x01\x02\x03\x04"}}, false}));
}

TEST(PayloadOfRevision3, malformed_lengths_are_errors) {
  for (const auto* body : {"",
                           ":",
                           ":4",
                           "4",
                           "x:4",
                           "1",
                           "2:4",
                           "-1:4",
                           "+1:4",
                           "1 :4",
                           "1e1:4",
                           "99999999999:4",
                           "00000000001:4",
                           "5:4ab",
                           "6:4hello4"})
    EXPECT_TRUE(v3(body).failed) << body;
}

TEST(PayloadOfRevision3, ten_digits_are_a_length_and_eleven_are_not) {
  EXPECT_FALSE(v3("0000000002:4a").failed);
  EXPECT_TRUE(v3("00000000002:4a").failed);
}

std::string octets(int kind, std::initializer_list<int> digits, std::string_view body) {
  std::string out(1, static_cast<char>(kind));
  for (const int digit : digits)
    out.push_back(static_cast<char>(digit));
  out.push_back('\xff');
  return out.append(body);
}

TEST(PayloadOfRevision3, the_octet_form_counts_bytes) {
  const std::string body =
      octets(0, {4}, "4\u20ac") + octets(1, {5}, std::string_view{"\x04\x01\x02\x03\x04"});
  EXPECT_EQ(v3_octets(body), (Read{{"4\u20ac", std::string{"b\x01\x02\x03\x04"}}, false}));
  EXPECT_EQ(v3_octets(octets(0, {1, 2}, "4hello world")), (Read{{"4hello world"}, false}));
}

TEST(PayloadOfRevision3, malformed_octets_are_errors) {
  EXPECT_TRUE(v3_octets("").failed);
  EXPECT_TRUE(v3_octets(octets(2, {1}, "4")).failed);
  EXPECT_TRUE(v3_octets(octets(0, {}, "4")).failed);
  EXPECT_TRUE(v3_octets(octets(0, {10}, "4123456789")).failed);
  EXPECT_TRUE(v3_octets(octets(0, {2}, "4")).failed);
  EXPECT_TRUE(v3_octets(octets(0, {0}, "")).failed);
  EXPECT_TRUE(v3_octets(octets(1, {1}, "4")).failed);
  EXPECT_TRUE(v3_octets(octets(0, {2}, "4\xff")).failed);
  EXPECT_TRUE(v3_octets(octets(0, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, "4")).failed);
  EXPECT_TRUE(v3_octets(std::string(1, '\0')).failed);
  EXPECT_TRUE(v3_octets(std::string("\0\1", 2)).failed);
}

TEST(Payload, packets_of_one_body_are_bounded) {
  constexpr auto most = base::limits::payload_packets_max;
  std::string four = "2";
  std::string three = "1:2";
  std::string zeros = "0:";
  std::string octet = octets(0, {1}, "2");
  for (std::size_t i = 1; i < most; ++i) {
    four +=
        "\x1e"
        "2";
    three += "1:2";
    zeros += "0:";
    octet += octets(0, {1}, "2");
  }
  EXPECT_EQ(v4(four).packets.size(), most);
  EXPECT_FALSE(v4(four).failed);
  EXPECT_FALSE(v3(three).failed);
  EXPECT_FALSE(v3(zeros).failed);
  EXPECT_FALSE(v3_octets(octet).failed);
  EXPECT_TRUE(v4(four + "\x1e"
                        "2")
                  .failed);
  EXPECT_EQ(v4(four + "\x1e"
                      "2")
                .packets.size(),
            most);
  EXPECT_TRUE(v3(three + "1:2").failed);
  EXPECT_TRUE(v3(zeros + "0:0:").failed);
  EXPECT_TRUE(v3_octets(octet + octets(0, {1}, "2")).failed);
}

TEST(Payload, encodes_as_the_reference_does) {
  const std::vector<OutMessage> mixed{OutMessage::text("\u20ac"),
                                      OutMessage::binary("\x01\x02\x03\x04")};
  EXPECT_EQ(encode_payload(Revision::v4, false, mixed).body,
            "4\u20ac\x1e"
            "bAQIDBA==");
  EXPECT_EQ(encode_payload(Revision::v3, true, mixed).body, "2:4\u20ac10:b4AQIDBA==");
  const auto octet = encode_payload(Revision::v3, false, mixed);
  EXPECT_EQ(octet.form, PayloadForm::octets);
  EXPECT_EQ(octet.body,
            octets(0, {4}, "4\u20ac") + octets(1, {5}, std::string_view{"\x04\x01\x02\x03\x04"}));
}

TEST(Payload, a_payload_without_binary_is_text_even_if_the_client_takes_bytes) {
  const auto noop = encode_payload(Revision::v3, false, {OutMessage::packet(PacketType::noop)});
  EXPECT_EQ(noop.body, "1:6");
  EXPECT_EQ(noop.form, PayloadForm::text);
}

// Valid UTF-8 of code points of every width.
rc::Gen<std::string> utf8() {
  const auto piece = rc::gen::element<std::string>(
      "a", "0", ":", "\"", "\u00e4", "\u20ac", "\U0001F600", "\n", "b");
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece), [](const auto& pieces) {
    std::string out;
    for (const auto& p : pieces)
      out += p;
    return out;
  });
}

TEST(Payload, what_was_encoded_is_read_back_in_every_form) {
  EXPECT_TRUE(rc::check("round trip", [] {
    std::vector<OutMessage> packets;
    Packets expected;
    const auto count = *rc::gen::inRange(1, 20);
    for (int i = 0; i < count; ++i) {
      if (*rc::gen::arbitrary<bool>()) {
        const auto text = *utf8();
        packets.push_back(OutMessage::text(text));
        expected.push_back("4" + text);
      } else {
        const auto bytes = *rc::gen::arbitrary<std::string>();
        packets.push_back(OutMessage::binary(bytes));
        expected.push_back("b" + bytes);
      }
    }
    for (const auto revision : {Revision::v3, Revision::v4}) {
      for (const bool base64_only : {false, true}) {
        const auto payload = encode_payload(revision, base64_only, packets);
        RC_ASSERT(read_all(revision, payload.form, payload.body) == (Read{expected, false}));
      }
    }
  }));
}

TEST(Payload, arbitrary_bytes_never_crash_and_never_give_more_packets_than_bytes) {
  EXPECT_TRUE(rc::check("hostile", [](const std::string& body) {
    for (const auto form : {PayloadForm::text, PayloadForm::octets}) {
      RC_ASSERT(read_all(Revision::v3, form, body).packets.size() <= body.size());
      RC_ASSERT(read_all(Revision::v4, form, body).packets.size() <= body.size());
    }
  }));
}

}  // namespace
}  // namespace kith::wire::engineio
