#include "wire/socketio/decoder.hpp"

#include "wire/socketio/encode.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <utility>
#include <vector>

namespace kith::wire::socketio {
namespace {

using base::Errc;

std::string raw(json::Value value) {
  std::string out;
  json::append_raw(out, value);
  return out;
}

std::string raw(const json::Items& items) {
  std::string out;
  for (const json::Value item : items)
    out += raw(item) + ";";
  return out;
}

class SocketioDecoder : public testing::Test {
 protected:
  // One text message that is a whole packet.
  Packet packet(std::string_view text) {
    auto result = decoder_.text(text, parser_);
    EXPECT_TRUE(result.has_value()) << text;
    if (result.has_error() || !*result) {
      ADD_FAILURE() << "no packet: " << text;
      return {};
    }
    return std::move(**result);
  }

  Errc refused(std::string_view text) {
    const auto result = decoder_.text(text, parser_);
    EXPECT_TRUE(result.has_error()) << text;
    return result.has_error() ? result.error().code : Errc::internal;
  }

  void announce(std::string_view text) {
    const auto result = decoder_.text(text, parser_);
    ASSERT_TRUE(result.has_value()) << text;
    EXPECT_FALSE(result->has_value()) << text;
    EXPECT_TRUE(decoder_.waiting());
  }

  // What the last attachment leads to.
  base::Result<std::optional<Packet>> after(std::string_view text, std::size_t attachments) {
    announce(text);
    for (std::size_t i = 1; i < attachments; ++i) {
      const auto result = decoder_.binary("x", parser_);
      EXPECT_TRUE(result.has_value() && !result->has_value());
    }
    return decoder_.binary("x", parser_);
  }

  json::Parser parser_;
  Decoder decoder_{{.protocol = Protocol::v5, .pending_bytes_max = 1000}};
};

TEST_F(SocketioDecoder, ReadsConnectWithAndWithoutAuth) {
  EXPECT_EQ(packet("0").type, PacketType::connect);
  EXPECT_TRUE(packet("0").data.is_null());
  const Packet with = packet(R"(0/chat,{"token":"t"})");
  EXPECT_EQ(with.nsp, "/chat");
  EXPECT_EQ(with.data.find("token")->as_string(), "t");
  EXPECT_EQ(raw(packet("0{}").data), "{}");
}

TEST_F(SocketioDecoder, RefusesAuthThatIsNoObject) {
  for (const std::string_view text :
       {"0[]", "0\"x\"", "01 1", "0null", "0true", "0/chat,[1]", "0{", "0{}x"})
    EXPECT_EQ(refused(text), Errc::validation_failed) << text;
}

TEST_F(SocketioDecoder, GivesTheQueryOfANamespaceInProtocol4) {
  decoder_ = Decoder{{.protocol = Protocol::v4}};
  const Packet connect = packet("0/chat?token=x%20y,");
  EXPECT_EQ(connect.nsp, "/chat");
  EXPECT_EQ(connect.query, "token=x%20y");
}

TEST_F(SocketioDecoder, ReadsDisconnect) {
  EXPECT_EQ(packet("1").type, PacketType::disconnect);
  EXPECT_EQ(packet("1/chat,").nsp, "/chat");
  EXPECT_EQ(refused("1{}"), Errc::validation_failed);
  EXPECT_EQ(refused("1/chat,[]"), Errc::validation_failed);
}

TEST_F(SocketioDecoder, ReadsAnEvent) {
  const Packet event = packet(R"(2/chat,12["message.send",{"text":"hi"},[1]])");
  EXPECT_EQ(event.type, PacketType::event);
  EXPECT_EQ(event.nsp, "/chat");
  EXPECT_EQ(event.ack_id, 12U);
  EXPECT_EQ(event.name, "message.send");
  EXPECT_EQ(raw(event.args), R"({"text":"hi"};[1];)");
  EXPECT_TRUE(event.attachments.empty());
}

TEST_F(SocketioDecoder, ReadsAnEventWithoutArguments) {
  EXPECT_TRUE(packet(R"(2["time"])").args.empty());
  EXPECT_EQ(packet(R"(2[""])").name, "");
}

TEST_F(SocketioDecoder, TakesANumberAsEventName) {
  EXPECT_EQ(packet("2[5]").name, "5");
  EXPECT_EQ(packet("2[ 1.5e3 , 1]").name, "1.5e3");
  EXPECT_EQ(packet("2\t[\n-7\r]").name, "-7");
}

TEST_F(SocketioDecoder, RefusesWhatIsNoEvent) {
  for (const std::string_view text : {"2",
                                      "2[]",
                                      "2{}",
                                      "2\"x\"",
                                      "2null",
                                      "2[",
                                      "2[\"a\"",
                                      "2[\"a\"]]",
                                      "2x[\"a\"]",
                                      "2/chat",
                                      "2/chat,",
                                      "27"})
    EXPECT_EQ(refused(text), Errc::validation_failed) << text;
}

TEST_F(SocketioDecoder, Cve202332695RefusesAnEventNameThatIsNoString) {
  for (const std::string_view text : {R"(2[{"toString":"x"}])",
                                      "2[null]",
                                      "2[true]",
                                      R"(2[["a"]])",
                                      R"(2[{"_placeholder":true,"num":0}])"})
    EXPECT_EQ(refused(text), Errc::validation_failed) << text;
}

TEST_F(SocketioDecoder, Cve202438355HasNoSpecialNames) {
  for (const std::string_view name : {"error", "message", "__proto__", "constructor", "toString"})
    EXPECT_EQ(packet("2[\"" + std::string{name} + "\"]").name, name);
}

TEST_F(SocketioDecoder, RefusesReservedNames) {
  for (const std::string_view name : {"connect",
                                      "connect_error",
                                      "disconnect",
                                      "disconnecting",
                                      "newListener",
                                      "removeListener",
                                      "\\u0063onnect"})
    EXPECT_EQ(refused("2[\"" + std::string{name} + "\"]"), Errc::validation_failed) << name;
}

TEST_F(SocketioDecoder, ReadsAnAck) {
  const Packet ack = packet(R"(3/chat,7["ok",1])");
  EXPECT_EQ(ack.type, PacketType::ack);
  EXPECT_EQ(ack.ack_id, 7U);
  EXPECT_EQ(raw(ack.args), R"("ok";1;)");
  EXPECT_TRUE(packet("37[]").args.empty());
  EXPECT_FALSE(packet("3[]").ack_id);
}

TEST_F(SocketioDecoder, RefusesWhatIsNoAck) {
  for (const std::string_view text : {"3", "37", "37{}", "37null", "37[", "37\"x\""})
    EXPECT_EQ(refused(text), Errc::validation_failed) << text;
}

TEST_F(SocketioDecoder, RefusesDeepJsonAndGoesOn) {
  const std::string deep = "2[\"a\"," + std::string(100'000, '[') + std::string(100'000, ']') + "]";
  EXPECT_EQ(refused(deep), Errc::too_large);
  EXPECT_EQ(packet("2[\"a\"]").name, "a");
}

TEST_F(SocketioDecoder, TakesHalfASurrogatePairOfAJavaScriptClient) {
  EXPECT_EQ(raw(packet(R"(2["a","\ud83d"])").args), "\"\ufffd\";");
}

TEST_F(SocketioDecoder, TreatsAPlaceholderWithoutAttachmentsAsData) {
  EXPECT_EQ(raw(packet(R"(2["a",{"_placeholder":true,"num":5}])").args),
            R"({"_placeholder":true,"num":5};)");
}

TEST_F(SocketioDecoder, WaitsForTheAttachmentsOfABinaryEvent) {
  announce(R"(52-/chat,3["x",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]])");
  auto first = decoder_.binary("one", parser_);
  ASSERT_TRUE(first.has_value());
  EXPECT_FALSE(first->has_value());
  EXPECT_TRUE(decoder_.waiting());
  auto last = decoder_.binary(std::string_view{"\0two", 4}, parser_);
  ASSERT_TRUE(last.has_value());
  ASSERT_TRUE(last->has_value());
  EXPECT_FALSE(decoder_.waiting());
  EXPECT_EQ(decoder_.pending_bytes(), 0U);

  const Packet event = std::move(**last);
  EXPECT_EQ(event.type, PacketType::event);
  EXPECT_EQ(event.nsp, "/chat");
  EXPECT_EQ(event.ack_id, 3U);
  EXPECT_EQ(event.name, "x");
  EXPECT_EQ(event.attachments, (std::vector<std::string>{"one", std::string{"\0two", 4}}));
  EXPECT_EQ(raw(event.args), R"({"_placeholder":true,"num":1};[{"_placeholder":true,"num":0}];)");
}

TEST_F(SocketioDecoder, ReadsABinaryAck) {
  auto result = after(R"(61-7[{"_placeholder":true,"num":0}])", 1);
  ASSERT_TRUE(result.has_value());
  const Packet ack = std::move(**result);
  EXPECT_EQ(ack.type, PacketType::ack);
  EXPECT_EQ(ack.ack_id, 7U);
  EXPECT_EQ(ack.attachments, std::vector<std::string>{"x"});
}

TEST_F(SocketioDecoder, KeepsTheNameOfABinaryEventThatIsANumber) {
  auto result = after("51-/a,[42]", 1);
  ASSERT_TRUE(result.has_value());
  const Packet event = std::move(**result);
  EXPECT_EQ(event.name, "42");
  EXPECT_EQ(event.nsp, "/a");
}

TEST_F(SocketioDecoder, TakesABinaryEventThatUsesNoPlaceholder) {
  auto result = after(R"(53-["x"])", 3);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ((*result)->attachments.size(), 3U);
}

TEST_F(SocketioDecoder, TakesEmptyAttachments) {
  announce(R"(51-["x"])");
  auto result = decoder_.binary("", parser_);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ((*result)->attachments, std::vector<std::string>{""});
}

TEST_F(SocketioDecoder, RefusesTextWhileAttachmentsAreDue) {
  announce(R"(51-["x"])");
  EXPECT_EQ(refused(R"(2["a"])"), Errc::validation_failed);
  EXPECT_FALSE(decoder_.waiting());
}

TEST_F(SocketioDecoder, RefusesBinaryThatWasNotAnnounced) {
  EXPECT_EQ(decoder_.binary("x", parser_).error().code, Errc::validation_failed);
  (void)packet(R"(2["a"])");
  EXPECT_EQ(decoder_.binary("x", parser_).error().code, Errc::validation_failed);
  auto whole = after(R"(51-["x"])", 1);
  ASSERT_TRUE(whole.has_value());
  EXPECT_EQ(decoder_.binary("x", parser_).error().code, Errc::validation_failed);
}

TEST_F(SocketioDecoder, Cve20222421RefusesPlaceholdersThatNameNoAttachment) {
  for (const std::string_view placeholder :
       {R"({"_placeholder":true,"num":1})",
        R"({"_placeholder":true,"num":-1})",
        R"({"_placeholder":true,"num":0.5})",
        R"({"_placeholder":true,"num":"splice"})",
        R"({"_placeholder":true,"num":"0"})",
        R"({"_placeholder":true,"num":null})",
        R"({"_placeholder":true,"num":[0]})",
        R"({"_placeholder":true})",
        R"({"_placeholder":true,"num":18446744073709551616})",
        R"({"_placeholder":true,"num":0,"num":7})",
        R"({"num":7,"_placeholder":false,"_placeholder":true})",
        R"([{"a":{"_placeholder":true,"num":1}}])"}) {
    const auto event = after("51-[\"x\"," + std::string{placeholder} + "]", 1);
    ASSERT_TRUE(event.has_error()) << placeholder;
    EXPECT_EQ(event.error().code, Errc::validation_failed);
    EXPECT_FALSE(decoder_.waiting());
    const auto ack = after("61-1[" + std::string{placeholder} + "]", 1);
    EXPECT_TRUE(ack.has_error()) << placeholder;
  }
}

TEST_F(SocketioDecoder, TakesWhatOnlyLooksLikeAPlaceholder) {
  for (const std::string_view data : {R"({"_placeholder":false,"num":9})",
                                      R"({"_placeholder":1,"num":9})",
                                      R"({"num":9})",
                                      R"("_placeholder")"}) {
    const auto event = after("51-[\"x\"," + std::string{data} + "]", 1);
    EXPECT_TRUE(event.has_value()) << data;
  }
}

TEST_F(SocketioDecoder, RefusesBadJsonOfABinaryEvent) {
  for (const std::string_view payload : {"", "[", "{}", "[]", "[1", "[null]", R"(["connect"])"}) {
    const auto event = after("51-" + std::string{payload}, 1);
    ASSERT_TRUE(event.has_error()) << payload;
    EXPECT_EQ(event.error().code, Errc::validation_failed);
  }
}

TEST_F(SocketioDecoder, Cve202633151BoundsTheBytesThatWait) {
  const std::string text = R"(52-["x"])";
  announce(text);
  EXPECT_TRUE(decoder_.binary(std::string(1000 - text.size(), 'b'), parser_).has_value());
  EXPECT_EQ(decoder_.pending_bytes(), 1000U);
  EXPECT_EQ(decoder_.binary("b", parser_).error().code, Errc::too_large);
  EXPECT_FALSE(decoder_.waiting());
  EXPECT_EQ(decoder_.pending_bytes(), 0U);
  EXPECT_EQ(refused("51-[\"" + std::string(1000, 'x') + "\"]"), Errc::too_large);
}

TEST_F(SocketioDecoder, CostsAnIdleConnectionThreeWords) {
  EXPECT_LE(sizeof(Decoder), 3 * sizeof(void*));
}

// Sends what a server encodes through the decoder.
std::optional<Packet> pass(Decoder& decoder,
                           json::Parser& parser,
                           const std::string& text,
                           const std::vector<std::string>& attachments) {
  auto result = decoder.text(text, parser);
  for (const std::string& bytes : attachments) {
    if (result.has_error() || result->has_value()) return std::nullopt;
    result = decoder.binary(bytes, parser);
  }
  if (result.has_error()) return std::nullopt;
  return std::move(*result);
}

TEST(SocketioProperty, EventsComeBackAsTheyWereEncoded) {
  json::Parser parser;
  Decoder decoder{{.pending_bytes_max = 1 << 20}};
  EXPECT_TRUE(rc::check([&] {
    std::string name;
    for (const auto& piece :
         *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
             "a", ".", "\"", "\\", "\n", "\u00e9", "\U0001F600", std::string(1, '\0'), "connect")))
      name += piece;
    RC_PRE(!is_reserved_event(name));
    const std::string nsp = *rc::gen::element<std::string>("/", "/chat", "/a/b?c");
    const auto ack = *rc::gen::maybe(rc::gen::inRange<std::uint64_t>(0, ack_id_max));
    const auto attachments = *rc::gen::resize(
        10, rc::gen::container<std::vector<std::string>>(rc::gen::string<std::string>()));
    RC_PRE(attachments.size() <= 10U);
    Envelope envelope{.nsp = nsp, .attachments = attachments.size()};
    if (ack) envelope.ack_id = *ack;
    std::string text;
    auto writer = begin_event(text, name, envelope);
    for (std::size_t i = 0; i < attachments.size(); ++i)
      write_placeholder(writer, i);
    writer.string(name).end_array();

    const auto packet = pass(decoder, parser, text, attachments);
    RC_ASSERT(packet.has_value());
    RC_ASSERT(packet->type == PacketType::event);
    RC_ASSERT(packet->name == name);
    RC_ASSERT(packet->nsp == nsp);
    RC_ASSERT(packet->ack_id == envelope.ack_id);
    RC_ASSERT(packet->attachments == attachments);
    RC_ASSERT(packet->args.size() == attachments.size() + 1);
  }));
}

TEST(SocketioProperty, AnEventIsRelayedWithItsPlaceholdersAndAttachments) {
  json::Parser parser;
  Decoder decoder{{}};
  const std::string args =
      R"({"b":{"_placeholder":true,"num":1},"a":[{"_placeholder":true,"num":0}]})";
  const std::vector<std::string> attachments{"zero", "one"};
  const auto received = pass(decoder, parser, "52-[\"room.send\"," + args + "]", attachments);
  ASSERT_TRUE(received.has_value());
  std::string relayed;
  begin_event(relayed, "room.data", {.attachments = received->attachments.size()})
      .value(received->args.front())
      .end_array();
  EXPECT_EQ(relayed, "52-[\"room.data\"," + args + "]");
  const auto again = pass(decoder, parser, relayed, received->attachments);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->attachments, attachments);
}

TEST(SocketioProperty, RandomMessagesNeverCrashAndWaitOnlyWithinBounds) {
  json::Parser parser;
  const auto pieces = rc::gen::element<std::string>("0",
                                                    "1",
                                                    "2",
                                                    "3",
                                                    "5",
                                                    "6",
                                                    "1-",
                                                    "10-",
                                                    "/chat,",
                                                    "/",
                                                    "7",
                                                    "[",
                                                    "]",
                                                    "\"a\"",
                                                    ",",
                                                    "{",
                                                    "}",
                                                    "\"connect\"",
                                                    "{\"_placeholder\":true,\"num\":0}",
                                                    "?",
                                                    " ",
                                                    "null");
  EXPECT_TRUE(rc::check([&] {
    Decoder decoder{
        {.protocol = *rc::gen::element(Protocol::v4, Protocol::v5), .pending_bytes_max = 200}};
    for (int n = *rc::gen::inRange(1, 8); n > 0; --n) {
      std::string message;
      for (const auto& piece : *rc::gen::container<std::vector<std::string>>(pieces))
        message += piece;
      const bool was_waiting = decoder.waiting();
      const auto result = *rc::gen::arbitrary<bool>() ? decoder.binary(message, parser)
                                                      : decoder.text(message, parser);
      if (result.has_error()) RC_ASSERT(!decoder.waiting());
      if (result.has_value() && !result->has_value()) RC_ASSERT(decoder.waiting());
      if (result.has_value() && result->has_value())
        RC_ASSERT((*result)->attachments.empty() || was_waiting);
      RC_ASSERT(decoder.pending_bytes() <= 200U);
    }
  }));
}

}  // namespace
}  // namespace kith::wire::socketio
