#include "gateway/client.hpp"

#include "base/names.hpp"
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

// -------------------------------------------------------------------------------------------------
// connecting

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
  EXPECT_EQ(ann.take().at(0).substr(0, 8), R"(0{"sid":)");
}

TEST(Client, an_odd_payload_of_connect_is_refused_or_closes) {
  EXPECT_EQ(try_auth(R"(0{"token":7})"), "validation_failed");
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
  EXPECT_EQ(w.held[0]->ended.size(), 2U);
  EXPECT_EQ(w.hubs[0]->sessions(), 0U);
}

// -------------------------------------------------------------------------------------------------
// events

TEST(Client, an_answer_carries_the_id_that_was_given) {
  GatewayWorld w;
  auto& ann = w.enter("ann");
  for (const std::string id : {"0", "7", "9007199254740991"}) {
    ann.text("2" + id + R"(["test.count",{}])");
    EXPECT_EQ(ann.take(), (Lines{"3" + id + R"([{"ok":true,"data":0}])"}));
  }
  ann.text(R"(29007199254740992["test.count",{}])");
  EXPECT_EQ(ann.closed, CloseReason::parse_error);
}

TEST(Client, an_event_without_an_id_works_and_gets_no_answer) {
  GatewayWorld w;
  auto& ann = w.enter("ann");
  ann.text(R"(2["test.count",{}])");
  ann.text(R"(2["nothing.such",{}])");
  ann.text(R"(2["test.count",[]])");
  EXPECT_TRUE(ann.take().empty());
  EXPECT_EQ(w.gateways[0]->commands_run(), 1U);
}

TEST(Client, an_unknown_event_and_an_odd_argument_get_an_error) {
  GatewayWorld w;
  auto& ann = w.enter("ann");
  EXPECT_EQ(w.code(ann, "nothing.such", "{}"), "unknown_event");
  EXPECT_EQ(w.code(ann, "", "{}"), "unknown_event");
  EXPECT_EQ(w.code(ann, "hello", "{}"), "unknown_event");
  for (const std::string args : {"[]", "7", "\"x\"", "true"})
    EXPECT_EQ(w.code(ann, "time", args), "validation_failed") << args;
  EXPECT_EQ(w.code(ann, "test.count", "null"), R"({"ok":true,"data":0})");
  EXPECT_EQ(w.code(ann, "test.count", "{},1,2"), R"({"ok":true,"data":0})");
  ann.text(R"(27["test.count"])");
  EXPECT_EQ(ann.take(), (Lines{R"(37[{"ok":true,"data":0}])"}));
}

TEST(Client, an_acknowledgement_that_nobody_asked_for_is_passed_over) {
  GatewayWorld w;
  auto& ann = w.enter("ann");
  ann.text("31[]");
  ann.text(R"(3["x"])");
  EXPECT_FALSE(ann.closed);
  EXPECT_EQ(w.code(ann, "test.count", "{}"), R"({"ok":true,"data":0})");
}

TEST(Client, so_many_events_may_wait_for_their_answer) {
  GatewayWorld w;
  auto& ann = w.enter("ann");
  auto& bob = w.enter("bob");
  for (std::size_t i = 0; i < base::limits::in_flight_commands_max; ++i)
    ann.text(R"(21["test.hold",{}])");
  EXPECT_EQ(w.code(ann, "test.count", "{}"), "overloaded");
  EXPECT_EQ(w.code(bob, "test.count", "{}"), R"({"ok":true,"data":0})");
  auto replies = std::exchange(w.held[0]->replies, {});
  replies.at(0)(commands::Answer{.data = "1"});
  EXPECT_EQ(w.code(ann, "test.count", "{}"), R"({"ok":true,"data":0})");
  ann.hang_up();
  w.run();
  for (std::size_t i = 1; i < replies.size(); ++i)  // to nobody
    replies[i](base::Fault{base::Errc::internal, "late"});
}

TEST(Client, what_is_asked_and_answered_after_the_end_is_dropped) {
  GatewayWorld w;
  auto& ann = w.enter("ann");
  ann.text(R"(21["test.hold",{}])");
  auto& listener = *ann.listener;
  ann.hang_up();
  listener.on_text(R"(22["test.count",{}])");  // in the tick in which it closed
  listener.on_binary("x");
  listener.on_drained();
  w.held[0]->replies.at(0)(commands::Answer{.data = "1"});
  EXPECT_TRUE(ann.take().empty());
  EXPECT_EQ(w.gateways[0]->commands_run(), 1U);
}

TEST(Client, what_is_nested_too_deep_or_too_large_closes_its_connection_only) {
  GatewayWorld w(1, {.max_payload_bytes = 200'000});
  auto& bob = w.enter("bob");
  for (const std::string& packet :
       {"21[\"time\"," + std::string(100'000, '[') + std::string(90'000, ']') + "]",
        "21[\"time\"," + std::string(100'000, '['),
        "21[\"time\",\"" + std::string(250'000, 'x') + "\"]",
        std::string{"21[\"time\",{\"a\":\"\xff\"}]"},
        std::string{"21[\"connect\",{}]"},
        std::string{"21[]"},
        std::string{"21{}"}}) {
    auto& eve = w.enter("eve");
    eve.text(packet);
    EXPECT_EQ(eve.closed, CloseReason::parse_error) << packet.substr(0, 30);
    EXPECT_EQ(w.code(bob, "test.count", "{}"), R"({"ok":true,"data":0})");
  }
}

// -------------------------------------------------------------------------------------------------
// attachments

constexpr std::string_view one_due = R"(51-1["test.count",{"_placeholder":true,"num":0}])";

TEST(Client, an_event_runs_when_its_attachments_are_there) {
  GatewayWorld w;
  auto& ann = w.enter("ann");
  ann.text(R"(52-1["test.count",{"a":{"_placeholder":true,"num":0}}])");
  ann.binary("x");
  EXPECT_TRUE(ann.take().empty());
  EXPECT_GT(w.shared.attachment_bytes, 0U);
  ann.binary("");
  EXPECT_EQ(ann.take(), (Lines{R"(31[{"ok":true,"data":2}])"}));
  EXPECT_EQ(w.shared.attachment_bytes, 0U);
}

TEST(Client, attachments_that_do_not_come_close_the_connection) {
  GatewayWorld w;
  auto& late = w.enter("late");
  auto& ann = w.enter("ann");
  ann.text(std::string{one_due});
  ann.binary("x");
  late.text(std::string{one_due});
  w.let_pass(std::chrono::milliseconds{base::limits::attachments_timeout_ms - 100});
  EXPECT_FALSE(late.closed);
  w.let_pass(std::chrono::milliseconds{200});
  EXPECT_EQ(late.closed, CloseReason::parse_error);
  EXPECT_FALSE(ann.closed);
  EXPECT_EQ(w.shared.attachment_bytes, 0U);
}

TEST(Client, wrong_attachments_close_the_connection_and_are_not_counted_on) {
  for (const auto& packets : std::vector<Lines>{{std::string{one_due}, "2[\"time\",{}]"},
                                                {"511-[\"x\",{}]"},
                                                {"50-[\"x\",{}]"},
                                                {"5[\"x\",{}]"}}) {
    GatewayWorld w;
    auto& eve = w.enter("eve");
    for (const auto& packet : packets)
      eve.text(packet);
    EXPECT_EQ(eve.closed, CloseReason::parse_error);
    EXPECT_EQ(w.shared.attachment_bytes, 0U);
  }
  GatewayWorld w;
  auto& eve = w.enter("eve");
  eve.text(R"(51-["test.count",{"_placeholder":true,"num":1}])");
  eve.binary("x");
  EXPECT_EQ(eve.closed, CloseReason::parse_error);
}

TEST(Client, no_event_is_larger_than_an_outbox_could_take) {
  GatewayWorld w(1, {.max_payload_bytes = 100'000});
  auto& eve = w.enter("eve");
  eve.text(R"(59-["test.count",{}])");
  for (int i = 0; i < 4; ++i)
    eve.binary(std::string(100'000, 'x'));
  EXPECT_EQ(eve.closed, CloseReason::parse_error);
  EXPECT_EQ(w.shared.attachment_bytes, 0U);
}

TEST(Client, the_attachments_that_all_connections_wait_for_are_bounded) {
  GatewayWorld w;
  auto& first = w.enter("ann");
  auto& second = w.enter("bob");
  first.text(std::string{one_due});
  w.shared.attachment_bytes += base::limits::attachments_pending_bytes_max;  // of others
  second.text(std::string{one_due});
  EXPECT_EQ(second.closed, CloseReason::parse_error);
  w.shared.attachment_bytes -= base::limits::attachments_pending_bytes_max;
  first.binary("x");
  EXPECT_EQ(first.take(), (Lines{R"(31[{"ok":true,"data":1}])"}));
  w.run();
  EXPECT_EQ(w.shared.attachment_bytes, 0U);
}

// -------------------------------------------------------------------------------------------------
// closing

TEST(Client, a_token_that_expires_ends_the_session_and_the_client_may_come_back) {
  GatewayWorld w;
  auto& ann = w.open();
  ann.text(w.auth(w.token("ann", {.ttl_s = 90})));
  auto& bob = w.open(0, 3, "token=" + w.token("bob", {.ttl_s = 90}));
  w.run();
  ann.take();
  bob.take();
  w.let_pass(std::chrono::seconds{89});
  EXPECT_FALSE(ann.closed);
  w.let_pass(std::chrono::seconds{2});
  for (auto* one : {&ann, &bob}) {
    EXPECT_EQ(one->closed, CloseReason::forced_close);
    // And no DISCONNECT: a stock client would not come back.
    EXPECT_EQ(one->take(), (Lines{R"(2["session.closed",{"code":"token_expired","retry":true}])"}));
  }
}

TEST(Client, a_token_may_be_good_for_thousands_of_years) {
  GatewayWorld w;
  auto& ann = w.open();
  ann.text(w.auth(w.token("ann", {.ttl_s = 251'000'000'000 - w.clock.wall().ms / 1'000})));
  w.run();
  w.let_pass(std::chrono::hours{49});
  EXPECT_FALSE(ann.closed);
  EXPECT_EQ(w.code(ann, "test.count", "{}"), R"({"ok":true,"data":0})");
}

TEST(Client, a_token_of_a_session_that_ended_closes_nothing) {
  GatewayWorld w(1, {.connect_timeout_ms = 300'000});
  auto& ann = w.open();
  ann.text(w.auth(w.token("ann", {.ttl_s = 90})));
  ann.text("1");
  ann.text(w.auth(w.token("ann", {.ttl_s = 3'600})));
  w.let_pass(std::chrono::seconds{120});
  EXPECT_FALSE(ann.closed);
}

TEST(Client, what_is_not_to_be_tried_again_is_said_by_a_disconnect) {
  GatewayWorld w;
  auto& ann = w.enter("ann");
  auto* session = w.hubs[0]->find_session(1);
  ASSERT_NE(session, nullptr);
  session->sink().close(delivery::CloseCode::session_revoked);
  session->sink().close(delivery::CloseCode::slow_reader);  // the first reason is the one
  ann.text(R"(21["test.count",{}])");                       // nothing is heard any more
  w.run();
  EXPECT_EQ(ann.take(),
            (Lines{R"(2["session.closed",{"code":"session_revoked","retry":false}])", "1"}));
  EXPECT_EQ(ann.closed, CloseReason::forced_close);
  EXPECT_EQ(w.gateways[0]->clients(), 0U);
}

TEST(Client, a_store_that_can_not_tell_the_memberships_closes_the_session) {
  GatewayWorld w;
  w.store.fail_read = [] { return base::Fault{base::Errc::unavailable, "later"}; };
  auto& ann = w.open();
  ann.text(w.auth(w.token("ann")));
  w.run();
  EXPECT_EQ(ann.count(R"(2["session.closed",{"code":"server_error","retry":true}])"), 1U);
  EXPECT_TRUE(ann.closed);
}

// -------------------------------------------------------------------------------------------------
// who does not read

TEST(Client, an_answer_that_would_fill_the_outbox_becomes_an_error_and_closes_nothing) {
  GatewayWorld w;
  auto& ann = w.enter("ann");
  EXPECT_EQ(w.code(ann, "test.large", R"({"bytes":5000000})"), "too_large");
  for (int i = 0; i < 8; ++i)  // in one tick
    ann.text(R"(21["test.large",{"bytes":250000}])");
  EXPECT_EQ(ann.count(R"(31[{"ok":true)"), 5U);
  EXPECT_EQ(ann.count(R"(31[{"ok":false,"error":{"code":"overloaded")"), 3U);
  EXPECT_LE(ann.queued_most, base::limits::outbox_high_bytes + 1'000'000 + 4'096);
  w.run();
  EXPECT_FALSE(ann.closed);
  EXPECT_EQ(w.code(ann, "test.large", R"({"bytes":250000})").substr(0, 10), R"({"ok":true)");
}

TEST(Client, one_who_asks_and_never_reads_is_closed_with_bounded_memory) {
  GatewayWorld w;
  auto& eve = w.enter("eve");
  auto& bob = w.enter("bob");
  eve.reads = false;
  for (int i = 0; i < 100'000 && !eve.closed; ++i) {
    eve.text(R"(21["test.large",{"bytes":250000}])");
    if (i % 1'000 == 0) w.run();
  }
  w.run();
  EXPECT_EQ(eve.closed, CloseReason::forced_close);
  EXPECT_EQ(eve.count(R"(2["session.closed",{"code":"slow_reader","retry":true}])"), 1U);
  EXPECT_LE(eve.queued_most, (base::limits::outbox_high_bytes + 1'000'000) / 3 * 4 + 4'096);
  EXPECT_EQ(w.code(bob, "test.count", "{}"), R"({"ok":true,"data":0})");
}

TEST(Client, one_who_stops_reading_falls_behind_is_closed_and_harms_nobody) {
  GatewayWorld w;
  const auto crew = w.make_group(1, {"ann", "slow", "bob"});
  auto& slow = w.enter("slow");
  auto& bob = w.enter("bob");
  slow.reads = false;
  for (int i = 0; i < 100; ++i) {
    w.write(crew, "ann", 1, 10'000);
    w.run();
  }
  EXPECT_EQ(bob.count("2[\"message.new\""), 100U);
  EXPECT_LT(slow.count("2[\"message.new\""), 40U);
  EXPECT_LE(slow.queued_most, base::limits::outbox_high_bytes + 20'000);
  w.let_pass(std::chrono::milliseconds{base::limits::slow_reader_timeout_ms + 1'000});
  EXPECT_EQ(slow.closed, CloseReason::forced_close);
  EXPECT_EQ(slow.count(R"(2["session.closed",{"code":"slow_reader","retry":true}])"), 1U);
  EXPECT_FALSE(bob.closed);
}

TEST(Client, one_who_reads_again_in_time_gets_everything_once) {
  GatewayWorld w;
  const auto crew = w.make_group(1, {"ann", "slow"});
  auto& slow = w.enter("slow");
  slow.reads = false;
  for (int i = 0; i < 100; ++i) {
    w.write(crew, "ann", 1, 10'000);
    w.run();
  }
  slow.reads = true;
  w.run();
  EXPECT_EQ(slow.count("2[\"message.new\""), 100U);
  w.let_pass(std::chrono::milliseconds{base::limits::slow_reader_timeout_ms * 2});
  EXPECT_FALSE(slow.closed);
}

// -------------------------------------------------------------------------------------------------
// strangers

std::string named(const base::ConversationKey& key, const std::string& more = {}) {
  return R"({"cid":")" + base::to_text(key.cid) + '"' + more + "}";
}

TEST(Client, a_stranger_can_not_tell_what_exists) {
  GatewayWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  base::ConversationKey unknown{app, {}};
  unknown.cid.bytes = {'?'};
  auto& eve = w.enter("eve");
  auto& elsewhere = w.open();  // the same name, another application
  elsewhere.text(w.auth(w.token("ann", {.app = "other", .secret = "secret-of-other"})));
  w.run();
  for (auto* stranger : {&eve, &elsewhere}) {
    std::vector<std::string> answers;
    for (const auto& key : {crew, unknown}) {
      answers.push_back(w.ask(*stranger, "message.history", named(key)));
      answers.push_back(w.ask(*stranger, "conversation.get", named(key)));
      answers.push_back(w.ask(*stranger, "member.list", named(key)));
      answers.push_back(w.ask(*stranger, "message.send", named(key, R"(,"text":"hi")")));
      answers.push_back(w.ask(*stranger, "member.add", named(key, R"(,"users":["eve"])")));
      answers.push_back(w.ask(*stranger, "member.remove", named(key, R"(,"user":"ann")")));
    }
    for (std::size_t i = 0; i < answers.size() / 2; ++i) {
      EXPECT_NE(answers[i].find(R"("code":"not_found")"), std::string::npos) << answers[i];
      EXPECT_EQ(answers[i], answers[i + answers.size() / 2]);
    }
  }
}

TEST(Client, a_removed_member_hears_of_it_and_then_nothing_more) {
  GatewayWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  auto& ann = w.enter("ann");
  auto& bob = w.enter("bob");
  EXPECT_EQ(w.code(ann, "member.remove", named(crew, R"(,"user":"bob")")).substr(0, 10),
            R"({"ok":true)");
  EXPECT_EQ(bob.count("2[\"member.removed\""), 1U);
  bob.take();
  w.ask(ann, "message.send", named(crew, R"(,"text":"secret")"));
  EXPECT_EQ(bob.count("2[\"message.new\""), 0U);
  EXPECT_EQ(w.code(bob, "message.send", named(crew, R"(,"text":"hi")")), "not_member");
  EXPECT_EQ(w.ask(bob, "message.history", named(crew)).find("secret"), std::string::npos);
  auto& again = w.enter("bob");
  w.ask(ann, "message.send", named(crew, R"(,"text":"secret")"));
  EXPECT_EQ(again.count("2[\"message.new\""), 0U);
}

TEST(Client, odd_texts_and_numbers_get_errors) {
  GatewayWorld w;
  const auto crew = w.make_group(1, {"ann", "bob"});
  auto& ann = w.enter("ann");
  EXPECT_EQ(w.code(ann, "message.send", named(crew, R"(,"text":"a\u0000b")")), "validation_failed");
  EXPECT_EQ(
      w.code(ann, "message.send", named(crew, ",\"text\":\"" + std::string(16'385, 'x') + '"')),
      "too_large");
  EXPECT_EQ(w.code(ann, "message.history", named(crew, R"(,"after":9007199254740992)")),
            "validation_failed");
  EXPECT_EQ(w.code(ann, "message.send", R"({"cid":"c_\u0000","text":"hi"})"), "not_found");
  EXPECT_EQ(w.code(ann, "message.send", R"({"to":"a\u0000","text":"hi"})"), "validation_failed");
  EXPECT_FALSE(ann.closed);
}

TEST(Client, the_connection_that_sent_gets_the_answer_and_the_other_device_the_event) {
  GatewayWorld w;
  auto& ann = w.enter("ann");
  auto& ann2 = w.enter("ann");
  auto& bob = w.enter("bob");
  EXPECT_EQ(w.code(ann, "message.send", R"({"to":"bob","text":"hi"})").substr(0, 10),
            R"({"ok":true)");
  EXPECT_EQ(ann.count("2[\"message.new\""), 0U);
  EXPECT_EQ(ann2.count("2[\"message.new\""), 1U);
  EXPECT_EQ(bob.count("2[\"message.new\""), 1U);
}

}  // namespace
}  // namespace kith::gateway
