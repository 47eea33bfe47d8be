#include "gateway/client.hpp"

#include "base/names.hpp"
#include "gateway/gateway_world_test.hpp"

namespace kith::gateway {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the world of these tests

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

TEST(Client, what_a_client_proved_at_an_early_ping_is_not_sent_to_its_device_again) {
  GatewayWorld w;
  auto& ann = w.enter("ann");
  auto enter = [&]() -> Connection& {
    auto& made = w.open();
    made.text(w.auth(w.token("bob"), R"(,"device":"phone")"));
    w.run();
    return made;
  };
  auto& first = enter();
  w.code(ann, "message.send", R"({"to":"bob","text":"one"})");
  EXPECT_EQ(first.count("2[\"message.new\""), 1U);
  w.let_pass(std::chrono::milliseconds{base::limits::probe_interval_ms});
  EXPECT_EQ(first.pings, 1U);
  first.listener->on_proved(1);
  w.code(ann, "message.send", R"({"to":"bob","text":"two"})");  // and this is not proved
  first.hang_up();
  w.run();
  auto& second = enter();
  EXPECT_EQ(second.count("2[\"message.new\""), 1U);
}

TEST(Client, who_sends_without_a_callback_gets_the_event_as_everybody_does) {
  GatewayWorld w;
  auto& ann = w.enter("ann");
  auto& bob = w.enter("bob");
  w.code(ann, "message.send", R"({"to":"bob","text":"hi"})");  // both listen from here on
  ann.take();
  bob.take();
  ann.text(R"(2["message.send",{"to":"bob","text":"first"}])");
  ann.text(R"(23["message.send",{"to":"bob","text":"second"}])");
  ann.text(R"(2["message.send",{"to":"bob","text":"third"}])");
  w.run();
  const auto said = ann.take();
  const auto at = [&](std::string_view what) {
    return std::find_if(said.begin(),
                        said.end(),
                        [&](const auto& line) { return line.find(what) != std::string::npos; }) -
           said.begin();
  };
  EXPECT_LT(at("first"), at(R"(33[{"ok":true)"));  // one order for events and answers
  EXPECT_LT(at(R"(33[{"ok":true)"), at("third"));
  EXPECT_LT(at("third"), static_cast<std::ptrdiff_t>(said.size()));
  EXPECT_EQ(at("second"), static_cast<std::ptrdiff_t>(said.size()));
  EXPECT_EQ(bob.count("2[\"message.new\""), 3U);
}

}  // namespace
}  // namespace kith::gateway
