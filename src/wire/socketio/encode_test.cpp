#include "wire/socketio/encode.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kith::wire::socketio {
namespace {

TEST(SocketioEncode, AcceptsAConnect) {
  std::string out;
  append_connect_reply(out, Protocol::v5, "/", "abc");
  EXPECT_EQ(out, R"(0{"sid":"abc"})");
  out.clear();
  append_connect_reply(out, Protocol::v5, "/chat", "abc", "secret");
  EXPECT_EQ(out, R"(0/chat,{"sid":"abc","pid":"secret"})");
}

TEST(SocketioEncode, AcceptsAConnectWithoutPayloadInProtocol4) {
  std::string out;
  append_connect_reply(out, Protocol::v4, "/", "abc", "secret");
  EXPECT_EQ(out, "0");
  out.clear();
  append_connect_reply(out, Protocol::v4, "/chat", "abc");
  EXPECT_EQ(out, "0/chat,");
}

TEST(SocketioEncode, RefusesAConnectWithMessageAndData) {
  std::string out;
  append_connect_error(out, Protocol::v5, "/", "no", R"({"code":"forbidden"})");
  EXPECT_EQ(out, R"(4{"message":"no","data":{"code":"forbidden"}})");
  out.clear();
  append_connect_error(out, Protocol::v5, "/chat", "say \"please\"");
  EXPECT_EQ(out, R"(4/chat,{"message":"say \"please\""})");
}

TEST(SocketioEncode, RefusesAConnectWithABarePayloadInProtocol4) {
  std::string out;
  append_connect_error(out, Protocol::v4, "/", "no", R"({"code":"forbidden","message":"no"})");
  EXPECT_EQ(out, R"(4{"code":"forbidden","message":"no"})");
  out.clear();
  append_connect_error(out, Protocol::v4, "/chat", "no");
  EXPECT_EQ(out, R"(4/chat,"no")");
}

TEST(SocketioEncode, RefusesAnUnknownNamespace) {
  std::string out;
  append_invalid_namespace(out, "/x");
  EXPECT_EQ(out, R"(4/x,{"message":"Invalid namespace"})");
}

TEST(SocketioEncode, Disconnects) {
  std::string out;
  append_disconnect(out, "/");
  EXPECT_EQ(out, "1");
  out.clear();
  append_disconnect(out, "/chat");
  EXPECT_EQ(out, "1/chat,");
}

TEST(SocketioEncode, WritesEventsBehindWhatIsThere) {
  std::string out = "4";
  append_event(out, "message.new", R"({"seq":1},2)");
  EXPECT_EQ(out, R"(42["message.new",{"seq":1},2])");
}

TEST(SocketioEncode, WritesEveryPartOfAnEvent) {
  std::string out;
  append_event(out, "a\"b", "", {.nsp = "/chat", .ack_id = 13, .attachments = 10});
  EXPECT_EQ(out, R"(510-/chat,13["a\"b"])");
  out.clear();
  append_event(out, "x", "", {.ack_id = 0});
  EXPECT_EQ(out, R"(20["x"])");
}

TEST(SocketioEncode, WritesArgumentsInPlace) {
  std::string out;
  begin_event(out, "typing.start")
      .begin_object()
      .field("cid", "c")
      .end_object()
      .integer(1)
      .end_array();
  EXPECT_EQ(out, R"(2["typing.start",{"cid":"c"},1])");
}

TEST(SocketioEncode, WritesAcks) {
  std::string out;
  append_ack(out, R"({"ok":true})", {.ack_id = 7});
  EXPECT_EQ(out, R"(37[{"ok":true}])");
  out.clear();
  append_ack(out, "", {.nsp = "/chat", .ack_id = ack_id_max});
  EXPECT_EQ(out, "3/chat,9007199254740991[]");
}

TEST(SocketioEncode, WritesBinaryAcksWithPlaceholders) {
  std::string out;
  auto writer = begin_ack(out, {.ack_id = 0, .attachments = 2});
  write_placeholder(writer, 0);
  write_placeholder(writer, 1);
  writer.end_array();
  EXPECT_EQ(out, R"(62-0[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
}

TEST(SocketioEncodeDeath, NeverSendsMoreAttachmentsThanClientsTake) {
  std::string out;
  EXPECT_DEATH(append_event(out, "x", "", {.attachments = 11}), "attachments");
}

TEST(SocketioEncodeDeath, NeverSendsAnAckWithoutId) {
  std::string out;
  EXPECT_DEATH(append_ack(out, "", {}), "ack_id");
}

}  // namespace
}  // namespace kith::wire::socketio
