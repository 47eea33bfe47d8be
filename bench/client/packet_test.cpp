#include "client/packet.hpp"

#include <gtest/gtest.h>

namespace kith::bench {
namespace {

using Kind = Packet::Kind;

TEST(Packets, an_event_gives_its_name_and_what_is_behind_it) {
  const Packet packet = parse_packet(R"(42["message.new",{"cid":"c_1"}])");
  EXPECT_EQ(packet.kind, Kind::event);
  EXPECT_EQ(packet.name, "message.new");
  EXPECT_EQ(packet.body, R"({"cid":"c_1"}])");
  EXPECT_EQ(packet.ack, -1);
}

TEST(Packets, an_event_without_arguments_has_an_empty_body) {
  const Packet packet = parse_packet(R"(42["bye"])");
  EXPECT_EQ(packet.name, "bye");
  EXPECT_EQ(packet.body, "]");
}

TEST(Packets, an_event_may_ask_for_an_acknowledgement) {
  const Packet packet = parse_packet(R"(42137["ask",1])");
  EXPECT_EQ(packet.ack, 137);
  EXPECT_EQ(packet.name, "ask");
}

TEST(Packets, an_acknowledgement_gives_its_number_and_all_of_the_rest) {
  const Packet packet = parse_packet(R"(4390817[{"ok":true,"data":{}}])");
  EXPECT_EQ(packet.kind, Kind::ack);
  EXPECT_EQ(packet.ack, 90817);
  EXPECT_EQ(packet.body, R"([{"ok":true,"data":{}}])");
}

TEST(Packets, a_binary_event_says_how_many_attachments_follow) {
  const Packet packet = parse_packet(R"(452-["room.data",{"data":{"_placeholder":true,"num":0}}])");
  EXPECT_EQ(packet.kind, Kind::event);
  EXPECT_EQ(packet.attachments, 2U);
  EXPECT_EQ(packet.name, "room.data");
  EXPECT_EQ(packet.ack, -1);
}

TEST(Packets, the_main_namespace_may_be_written_out) {
  const Packet packet = parse_packet(R"(42/,["a",1])");
  EXPECT_EQ(packet.name, "a");
}

TEST(Packets, the_others_are_told_apart) {
  EXPECT_EQ(parse_packet(R"(0{"sid":"x"})").kind, Kind::open);
  EXPECT_EQ(parse_packet("2").kind, Kind::ping);
  EXPECT_EQ(parse_packet(R"(40{"sid":"x"})").kind, Kind::connected);
  EXPECT_EQ(parse_packet(R"(44{"message":"no"})").kind, Kind::refused);
  EXPECT_EQ(parse_packet("41").kind, Kind::disconnect);
  EXPECT_EQ(parse_packet("1").kind, Kind::disconnect);
  EXPECT_EQ(parse_packet("6").kind, Kind::other);
}

TEST(Packets, what_is_cut_off_anywhere_is_read_without_harm) {
  const std::string_view whole = R"(452-17["room.data",{"ok":true}])";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string copy{whole.substr(0, size)};
    const Packet packet = parse_packet(copy);
    EXPECT_LE(packet.name.size(), size);
  }
}

TEST(Fields, are_found_in_any_order) {
  for (const std::string_view json : {R"({"cid":"c_9","seq":12,"ok":true})",
                                      R"({"ok":true,"seq":12,"cid":"c_9"})",
                                      R"({"seq":12,"more":{"x":1},"ok":true,"cid":"c_9"})"}) {
    EXPECT_EQ(text_field(json, "cid"), "c_9");
    EXPECT_EQ(number_field(json, "seq"), 12);
    EXPECT_TRUE(is_true(json, "ok"));
  }
}

TEST(Fields, are_not_confused_with_longer_names_or_with_values) {
  EXPECT_EQ(number_field(R"({"no_seq":1,"x":"seq","seq":2})", "seq"), 2);
  EXPECT_FALSE(is_true(R"({"book":true})", "ok"));
  EXPECT_FALSE(is_true(R"({"ok":false})", "ok"));
}

TEST(Fields, that_are_not_there_say_so) {
  bool found = true;
  EXPECT_EQ(text_field(R"({"a":"b"})", "cid", &found), "");
  EXPECT_FALSE(found);
  EXPECT_EQ(text_field(R"({"cid":""})", "cid", &found), "");
  EXPECT_TRUE(found);
  EXPECT_EQ(number_field(R"({"seq":null})", "seq"), -1);
  EXPECT_EQ(number_field("", "seq"), -1);
}

TEST(Fields, a_quote_within_a_text_does_not_end_it) {
  EXPECT_EQ(text_field(R"({"text":"a\"b","x":1})", "text"), R"(a\"b)");
  EXPECT_EQ(text_field(R"({"text":"a\)", "text"), "");
}

TEST(Events, are_begun_with_and_without_a_number) {
  std::string out;
  begin_event(out, "time", -1);
  EXPECT_EQ(out, R"(42["time",)");
  out.clear();
  begin_event(out, "time", 70);
  EXPECT_EQ(out, R"(4270["time",)");
}

}  // namespace
}  // namespace kith::bench
