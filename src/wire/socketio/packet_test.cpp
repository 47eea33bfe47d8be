#include "wire/socketio/packet.hpp"

#include "base/encoding.hpp"
#include "base/limits.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

namespace kith::wire::socketio {
namespace {

using base::Errc;

Head good(std::string_view text, Protocol protocol = Protocol::v5) {
  const auto head = parse_head(text, protocol);
  EXPECT_TRUE(head.has_value()) << text;
  return head ? *head : Head{};
}

Errc refused(std::string_view text, Protocol protocol = Protocol::v5) {
  const auto head = parse_head(text, protocol);
  EXPECT_TRUE(head.has_error()) << text;
  return head.has_error() ? head.error().code : Errc::internal;
}

TEST(SocketioHead, HasATypeAndDefaults) {
  const Head head = good("0");
  EXPECT_EQ(head.type, PacketType::connect);
  EXPECT_EQ(head.nsp, "/");
  EXPECT_EQ(head.query, "");
  EXPECT_FALSE(head.ack_id);
  EXPECT_EQ(head.attachments, 0U);
  EXPECT_EQ(head.payload, "");
}

TEST(SocketioHead, SplitsAllItsParts) {
  const Head head = good(R"(52-/chat,13["x",{"_placeholder":true,"num":0}])");
  EXPECT_EQ(head.type, PacketType::binary_event);
  EXPECT_EQ(head.attachments, 2U);
  EXPECT_EQ(head.nsp, "/chat");
  EXPECT_EQ(head.ack_id, 13U);
  EXPECT_EQ(head.payload, R"(["x",{"_placeholder":true,"num":0}])");
}

TEST(SocketioHead, LeavesOutAnyPart) {
  EXPECT_EQ(good(R"(2["a"])").payload, R"(["a"])");
  EXPECT_EQ(good(R"(20["a"])").ack_id, 0U);
  EXPECT_EQ(good(R"(2/x,["a"])").nsp, "/x");
  EXPECT_EQ(good(R"(3/x,7[])").ack_id, 7U);
  EXPECT_EQ(good(R"(61-7[])").attachments, 1U);
}

TEST(SocketioHead, ANamespaceWithoutCommaEndsWithThePacket) {
  EXPECT_EQ(good("1/chat").nsp, "/chat");
  EXPECT_EQ(good("1/chat").payload, "");
  EXPECT_EQ(good("1/chat,").nsp, "/chat");
  EXPECT_EQ(good("0/,{}").nsp, "/");
  EXPECT_EQ(good("0/,{}").payload, "{}");
}

TEST(SocketioHead, TakesTheQueryOffTheNamespaceInProtocol4Only) {
  const Head head = good("0/chat?k=v&k2=v2,", Protocol::v4);
  EXPECT_EQ(head.nsp, "/chat");
  EXPECT_EQ(head.query, "k=v&k2=v2");
  EXPECT_EQ(good("0/chat?k=v", Protocol::v4).nsp, "/chat");
  EXPECT_EQ(good("0/?token=x,", Protocol::v4).nsp, "/");
  EXPECT_EQ(good("0/chat?k=v,").nsp, "/chat?k=v");
  EXPECT_EQ(good("0/chat?k=v,").query, "");
}

TEST(SocketioHead, RefusesUnknownTypesAndEmptyMessages) {
  for (const std::string_view text : {"", "7", "9[]", "a", "-1", " 0", "\"\"", "\xff"})
    EXPECT_EQ(refused(text), Errc::validation_failed) << text;
}

TEST(SocketioHead, RefusesAConnectErrorFromAClient) {
  EXPECT_EQ(refused(R"(4{"message":"x"})"), Errc::validation_failed);
  EXPECT_EQ(refused("4\"x\"", Protocol::v4), Errc::validation_failed);
}

TEST(SocketioHead, ReadsAttachmentCountsAsDigitsOnly) {
  EXPECT_EQ(good("51-[]").attachments, 1U);
  EXPECT_EQ(good("510-[]").attachments, 10U);
  EXPECT_EQ(good("501-[]").attachments, 1U);
  for (const std::string_view text : {"5",
                                      "5[]",
                                      "5-[]",
                                      "5 1-[]",
                                      "51 -[]",
                                      "51",
                                      "51[]",
                                      "51e1-[]",
                                      "5+1-[]",
                                      "5-1-[]",
                                      "50-[]",
                                      "500-[]",
                                      "51.0-[]",
                                      "50x1-[]",
                                      "6-[]",
                                      "6/x,[]"})
    EXPECT_EQ(refused(text), Errc::validation_failed) << text;
}

TEST(SocketioHead, Cve202633151RefusesMoreThanTenAttachments) {
  EXPECT_EQ(refused("511-[]"), Errc::too_large);
  EXPECT_EQ(refused("699-[]"), Errc::too_large);
  EXPECT_EQ(refused("5100-[]"), Errc::too_large);
  EXPECT_EQ(refused("5010-[]"), Errc::too_large);
  EXPECT_EQ(refused("5" + std::string(10'000, '9') + "-[]"), Errc::too_large);
}

TEST(SocketioHead, BoundsTheNamespace) {
  const std::string longest = "/" + std::string(base::limits::namespace_bytes_max - 1, 'n');
  EXPECT_EQ(good("0" + longest + ",").nsp, longest);
  EXPECT_EQ(refused("0" + longest + "n,"), Errc::too_large);
  EXPECT_EQ(good("0" + longest + "?" + std::string(1000, 'q'), Protocol::v4).nsp, longest);
  EXPECT_EQ(refused("0" + longest + "n?q", Protocol::v4), Errc::too_large);
}

TEST(SocketioHead, RefusesANamespaceThatIsNotUtf8) {
  EXPECT_EQ(refused("0/\xff,"), Errc::validation_failed);
  EXPECT_EQ(refused("0/a?\xc0\x80", Protocol::v4), Errc::validation_failed);
  EXPECT_EQ(good("0/caf\u00e9,").nsp, "/caf\u00e9");
}

TEST(SocketioHead, BoundsAckIdsBelow2To53) {
  EXPECT_EQ(good("29007199254740991[]").ack_id, ack_id_max);
  EXPECT_EQ(refused("29007199254740992[]"), Errc::validation_failed);
  EXPECT_EQ(refused("218446744073709551616[]"), Errc::validation_failed);
  EXPECT_EQ(refused("2" + std::string(1000, '1') + "[]"), Errc::validation_failed);
}

TEST(SocketioHead, ReadsAckIdsAsDigitsOnly) {
  EXPECT_FALSE(good("2-1[]").ack_id);
  EXPECT_EQ(good("2-1[]").payload, "-1[]");
  EXPECT_EQ(good("21e1[]").ack_id, 1U);
  EXPECT_EQ(good("21e1[]").payload, "e1[]");
}

TEST(SocketioHead, Cve202036049ReadsALongPacketAsViewsWithoutCopies) {
  std::string text = "2/chat,7[\"x\"";
  for (int i = 0; i < 200'000; ++i)
    text += ",\"ab\"";
  text += "]";
  const Head head = good(text);
  EXPECT_EQ(head.payload.data(), text.data() + 8);
  EXPECT_EQ(head.payload.size(), text.size() - 8);
  EXPECT_EQ(head.nsp.data(), text.data() + 1);
}

TEST(SocketioHead, KnowsTheReservedNames) {
  for (const std::string_view name :
       {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"})
    EXPECT_TRUE(is_reserved_event(name)) << name;
  for (const std::string_view name :
       {"", "error", "message", "Connect", "connecting", "disconnect ", "__proto__"})
    EXPECT_FALSE(is_reserved_event(name)) << name;
}

TEST(SocketioHeadProperty, AnyBytesAreSplitIntoViewsOfThemselves) {
  EXPECT_TRUE(rc::check([](const std::string& bytes, bool old) {
    const auto head = parse_head(bytes, old ? Protocol::v4 : Protocol::v5);
    if (head.has_error()) return;
    RC_ASSERT(bytes.ends_with(head->payload));
    RC_ASSERT(head->nsp.starts_with('/'));
    RC_ASSERT(base::is_utf8(head->nsp));
    RC_ASSERT(head->attachments <= base::limits::attachments_max);
  }));
}

TEST(SocketioHeadProperty, PartsThatWereJoinedAreSplitAgain) {
  EXPECT_TRUE(rc::check([] {
    const auto attachments = *rc::gen::inRange<std::size_t>(0, 11);
    const std::string nsp =
        "/" + *rc::gen::container<std::string>(rc::gen::elementOf(std::string{"abc/-0129?_ [{\""}));
    const auto ack_id = *rc::gen::maybe(rc::gen::inRange<std::uint64_t>(0, ack_id_max));
    const std::string payload =
        *rc::gen::element<std::string>("", "[]", "[\"a\",1]", "{}", "\"x\"", "/,5");
    std::string text = attachments > 0 ? "5" + std::to_string(attachments) + "-" : "2";
    text += nsp + ",";
    if (ack_id) text += std::to_string(*ack_id);
    text += payload;
    const auto head = parse_head(text, Protocol::v5);
    RC_ASSERT(head.has_value());
    RC_ASSERT(head->attachments == attachments);
    RC_ASSERT(head->nsp == nsp);
    RC_ASSERT((head->ack_id ? rc::Maybe<std::uint64_t>{*head->ack_id} : rc::Nothing) == ack_id);
    RC_ASSERT(head->payload == payload);
  }));
}

}  // namespace
}  // namespace kith::wire::socketio
