#include "gateway/client.hpp"
#include "gateway/gateway_world_test.hpp"

namespace kith::gateway {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the world of these tests

// A refusal of CONNECT, by its code.
std::string refusal(const std::string& packet) {
  const auto at = packet.find(R"("code":")");
  if (packet.empty() || packet[0] != '4' || at == std::string::npos) return packet;
  return packet.substr(at + 8, packet.find('"', at + 8) - at - 8);
}

std::string try_auth(const std::string& auth) {
  GatewayWorld w;
  auto& connection = w.open();
  connection.text(auth);
  w.run();
  if (connection.closed) return "closed";
  const auto lines = connection.take();
  return lines.empty() ? "" : refusal(lines[0]);
}

TEST(Client, a_good_token_is_answered_by_connect_and_then_hello) {
  GatewayWorld w;
  auto& ann = w.open();
  EXPECT_TRUE(ann.take().empty());
  ann.text(w.auth(w.token("ann")));
  w.run();
  const auto lines = ann.take();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].substr(0, 8), R"(0{"sid":)");
  EXPECT_EQ(lines[1].substr(0, 37), R"(2["hello",{"user":"ann","app":"acme",)");
  EXPECT_NE(lines[1].find(R"("features":["held"])"), std::string::npos);
}

TEST(Client, an_older_client_is_connected_by_its_query) {
  GatewayWorld w;
  auto& ann = w.open(0, 3, "token=" + w.token("ann"));
  w.run();
  const auto lines = ann.take();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "0");
  EXPECT_EQ(lines[1].substr(0, 23), R"(2["hello",{"user":"ann")");
  ann.text("0");  // it may say so, and is connected already
  EXPECT_TRUE(ann.take().empty());
  EXPECT_EQ(w.ask(ann, "time", "{}").substr(0, 10), R"({"ok":true)");
}

TEST(Client, an_older_client_is_refused_by_an_error_packet_and_never_connected) {
  GatewayWorld w;
  auto& eve = w.open(0, 3, "token=forged");
  w.run();
  EXPECT_EQ(eve.take().at(0).substr(0, 27), R"(4{"code":"unauthenticated",)");
  eve.text("0");
  EXPECT_TRUE(eve.take().empty());
  eve.text(R"(2["time",{}])");
  EXPECT_EQ(eve.closed, CloseReason::parse_error);
}

TEST(Client, a_token_that_proves_nothing_is_refused) {
  GatewayWorld w;
  EXPECT_EQ(try_auth("0"), "unauthenticated");
  EXPECT_EQ(try_auth("0{}"), "unauthenticated");
  EXPECT_EQ(try_auth(w.auth("")), "unauthenticated");
  EXPECT_EQ(try_auth(w.auth("x")), "unauthenticated");
  EXPECT_EQ(try_auth(w.auth("..")), "unauthenticated");
  EXPECT_EQ(try_auth(w.auth(R"(a\u0000b)")), "unauthenticated");
  EXPECT_EQ(try_auth(w.auth(w.token("ann") + "A")), "unauthenticated");
  EXPECT_EQ(try_auth(w.auth(w.token("ann", {.secret = "guessed"}))), "unauthenticated");
  EXPECT_EQ(try_auth(w.auth(w.token("ann", {.app = "nobody"}))), "unauthenticated");
  EXPECT_EQ(try_auth(w.auth(w.token("ann", {.kid = "k9"}))), "unauthenticated");
  // Signed with another application's key, and with one that was retired.
  EXPECT_EQ(try_auth(w.auth(w.token("ann", {.secret = "secret-of-other"}))), "unauthenticated");
  EXPECT_EQ(try_auth(w.auth(w.token("ann", {.kid = "old", .secret = "secret-of-old"}))),
            "unauthenticated");
  EXPECT_EQ(try_auth(w.auth(w.token("ann", {.ttl_s = -1}))), "token_expired");
  // {"alg":"none"}
  EXPECT_EQ(try_auth(w.auth("eyJhbGciOiJub25lIn0.eyJpc3MiOiJhY21lIiwic3ViIjoiYW5uIn0.")),
            "unauthenticated");
}

TEST(Client, a_name_alone_is_believed_in_development_only) {
  GatewayWorld w;
  auto& ann = w.open();
  ann.text(R"(0{"user":"ann"})");
  EXPECT_EQ(refusal(ann.take().at(0)), "unauthenticated");
  w.set_credentials(front::DevMode::on);
  ann.text(R"(0{"user":"a\u0000nn"})");
  EXPECT_EQ(refusal(ann.take().at(0)), "unauthenticated");
  ann.text(R"(0{"user":"ann","token":"forged"})");
  EXPECT_EQ(refusal(ann.take().at(0)), "unauthenticated");
  ann.text(R"(0{"user":"ann"})");
  w.run();
  EXPECT_EQ(ann.take().at(0).substr(0, 8), R"(0{"sid":)");
}

TEST(Client, an_odd_payload_of_connect_is_refused_or_closes) {
  EXPECT_EQ(try_auth(R"(0{"token":7})"), "unauthenticated");
  EXPECT_EQ(try_auth(R"(0{"token":"x","device":"\u0000"})"), "validation_failed");
  EXPECT_EQ(try_auth(R"(0{"token":"x","cursors":[{"cid":"c","seq":9007199254740992}]})"),
            "validation_failed");
  EXPECT_EQ(try_auth(R"(0["token"])"), "closed");
  EXPECT_EQ(try_auth("0{"), "closed");
  EXPECT_EQ(try_auth("0" + std::string(100'000, '[')), "closed");
  EXPECT_EQ(try_auth("0{\"token\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}"),
            "closed");
}

TEST(Client, a_refused_client_may_try_again_but_not_for_ever) {
  GatewayWorld w;
  auto& ann = w.open();
  for (std::size_t i = 1; i < base::limits::connect_attempts_max; ++i)
    ann.text("0{}");
  ann.text(w.auth(w.token("ann")));
  w.run();
  EXPECT_EQ(ann.count("2[\"hello\""), 1U);
  auto& eve = w.open();
  for (std::size_t i = 0; i <= base::limits::connect_attempts_max; ++i)
    eve.text("0{}");
  EXPECT_EQ(eve.closed, CloseReason::parse_error);
  EXPECT_EQ(eve.count("4"), base::limits::connect_attempts_max);
}

TEST(Client, there_is_one_namespace) {
  GatewayWorld w;
  auto& ann = w.open();
  ann.text("0/chat,{\"token\":\"" + w.token("ann") + "\"}");
  EXPECT_EQ(ann.take(), (Lines{R"(4/chat,{"message":"Invalid namespace"})"}));
  ann.text(w.auth(w.token("ann")));
  w.run();
  ann.take();
  ann.text("0/chat,");
  EXPECT_EQ(ann.take(), (Lines{R"(4/chat,{"message":"Invalid namespace"})"}));
  EXPECT_FALSE(ann.closed);
  ann.text(R"(2/chat,["time",{}])");
  EXPECT_EQ(ann.closed, CloseReason::parse_error);
}

TEST(Client, what_needs_a_connected_client_closes_any_other) {
  for (const std::string packet : {R"(2["time",{}])",
                                   R"(21["time",{}])",
                                   "1",
                                   "31[]",
                                   R"(51-["room.send",{"_placeholder":true,"num":0}])",
                                   R"(61-1[{"_placeholder":true,"num":0}])",
                                   "1/chat,",
                                   "9",
                                   ""}) {
    GatewayWorld w;
    auto& eve = w.open();
    eve.text(packet);
    EXPECT_EQ(eve.closed, CloseReason::parse_error) << packet;
    EXPECT_NE(eve.closed_why, "") << packet;
    EXPECT_EQ(w.shared.attachment_bytes, 0U);
    w.run();
    EXPECT_EQ(w.gateways[0]->clients(), 0U);
  }
  GatewayWorld w;
  auto& eve = w.open();
  eve.binary("unannounced");
  EXPECT_EQ(eve.closed, CloseReason::parse_error);
}

TEST(Client, connecting_twice_closes) {
  GatewayWorld w;
  auto& ann = w.enter("ann");
  ann.text(w.auth(w.token("bob")));
  EXPECT_EQ(ann.closed, CloseReason::parse_error);
}

TEST(Client, after_disconnect_another_user_may_connect_on_the_same_transport) {
  GatewayWorld w;
  auto& connection = w.enter("ann");
  connection.text(R"(21["test.hold",{}])");
  connection.text("1");
  EXPECT_EQ(w.held[0]->ended.size(), 1U);
  connection.text(w.auth(w.token("bob")));
  w.run();
  EXPECT_EQ(connection.count(R"(2["hello",{"user":"bob")"), 1U);
  connection.take();
  w.held[0]->replies.at(0)(commands::Answer{.data = "\"of ann\""});
  w.run();
  EXPECT_TRUE(connection.take().empty());
  EXPECT_EQ(w.hubs[0]->sessions(), 1U);
  connection.hang_up();
  w.run();
  EXPECT_EQ(w.held[0]->begun, w.held[0]->ended);
  EXPECT_EQ(w.held[0]->ended.size(), 2U);
  EXPECT_EQ(w.hubs[0]->sessions(), 0U);
}

TEST(Client, a_feature_hears_of_every_session_whatever_is_switched_off_at_its_beginning_or_end) {
  GatewayWorld w;
  const auto off = commands::feature_bit(0);
  for (const auto& [first, then] : {std::pair{off, 0U}, {0U, off}, {off, off}}) {
    w.settings.features_off = first;
    auto& ann = w.open();
    ann.text(w.auth(w.token("ann")));
    w.run();
    w.settings.features_off = then;
    ann.text("1");
    w.run();
  }
  EXPECT_EQ(w.held[0]->begun.size(), 3U);
  EXPECT_EQ(w.held[0]->begun, w.held[0]->ended);
}

}  // namespace
}  // namespace kith::gateway
