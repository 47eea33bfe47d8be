#include "front/engine_server.hpp"
#include "front/test_world.hpp"

#include <gtest/gtest.h>

namespace kith::front {
namespace {

using testing::get_request;
using testing::post_request;
using testing::Strings;
using testing::take_answer;
using testing::World;

TEST(EnginePolling, polls_and_posts_carry_messages) {
  World w;
  w.service.on_message = [](EngineSocket& socket, std::string_view data) {
    socket.send(OutMessage::text("echo " + std::string{data}));
    socket.send(OutMessage::text("twice"));
  };
  const auto url = w.open_session();
  auto poll = w.connect();
  poll->send(get_request(url + "&t=a"));
  w.run();
  EXPECT_TRUE(poll->received.empty());
  const auto ok = w.ask(post_request(url + "&t=b", "4hi", "Content-Type: text/plain\r\n"));
  EXPECT_EQ(ok.status, 200);
  EXPECT_EQ(ok.body, "ok");
  EXPECT_TRUE(ok.has("Content-Type: text/html"));
  EXPECT_EQ(take_answer(poll->received).body,
            "4echo hi\x1e"
            "4twice");
  EXPECT_EQ(w.service.proved, 0U);
  poll->send(get_request(url + "&t=c"));
  w.run();
  EXPECT_EQ(w.service.proved, 1U);
}

TEST(EnginePolling, one_connection_can_carry_the_whole_session) {
  World w;
  auto peer = w.connect();
  const auto url = w.open_session();
  for (int i = 0; i < 3; ++i) {
    peer->send(post_request(url, "4hi"));
    w.run();
    EXPECT_EQ(take_answer(peer->received).body, "ok");
    w.service.socket().send(OutMessage::text("x"));
    peer->send(get_request(url));
    w.run();
    EXPECT_EQ(take_answer(peer->received).body, "4x");
  }
}

TEST(EnginePolling, a_client_of_revision_3_uses_octets_or_base64_as_it_can) {
  World w;
  const auto octets = w.open_session("3");
  const auto base64 = w.open_session("3", "&b64=1");
  for (int i = 0; i < 2; ++i)
    w.service.socket(static_cast<std::size_t>(i)).send(OutMessage::binary("\x01\x02"));
  auto answer = w.ask(get_request(octets));
  EXPECT_TRUE(answer.has("Content-Type: application/octet-stream"));
  EXPECT_EQ(answer.body, "\x01\x03\xff\x04\x01\x02");
  answer = w.ask(get_request(base64));
  EXPECT_TRUE(answer.has("Content-Type: text/plain; charset=UTF-8"));
  EXPECT_EQ(answer.body, "6:b4AQI=");
  answer = w.ask(post_request(
      octets, std::string{"\x01\x02\xff\x04\x07"}, "Content-Type: application/octet-stream\r\n"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(w.service.take(), (Strings{"binary \x07"}));
}

TEST(EnginePolling, octets_in_revision_4_are_refused) {
  World w;
  const auto url = w.open_session();
  const auto answer = w.ask(post_request(url, "4a", "Content-Type: application/octet-stream\r\n"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(w.service.take(), (Strings{"closed transport error"}));
}

TEST(EnginePolling, overlapping_polls_close_the_session) {
  World w;
  const auto url = w.open_session();
  auto first = w.connect();
  first->send(get_request(url));
  const auto second = w.ask(get_request(url));
  EXPECT_EQ(second.status, 400);
  EXPECT_TRUE(second.body.empty());
  const auto told = take_answer(first->received);
  EXPECT_EQ(told.status, 200);
  EXPECT_EQ(told.body, "1");
  EXPECT_EQ(w.service.take(), (Strings{"closed transport error"}));
  EXPECT_EQ(w.seats[0]->engine.sessions(), 0U);
  EXPECT_TRUE(w.service.listeners.empty());
}

TEST(EnginePolling, overlapping_posts_close_the_session_and_reset_the_first) {
  World w;
  const auto url = w.open_session();
  auto first = w.connect();
  const auto whole = post_request(url, "4hello");
  first->send(whole.substr(0, whole.size() - 2));
  const auto second = w.ask(post_request(url, "4x"));
  EXPECT_EQ(second.status, 400);
  EXPECT_TRUE(first->aborted);
  EXPECT_EQ(w.service.take(), (Strings{"closed transport error"}));
}

TEST(EnginePolling, aborted_polls_and_posts_close_the_session) {
  World w;
  for (const bool post : {false, true}) {
    const auto url = w.open_session();
    auto peer = w.connect();
    const auto whole = post_request(url, "4hello");
    peer->send(post ? whole.substr(0, whole.size() - 2) : get_request(url));
    peer->hang_up();
    w.run();
    EXPECT_EQ(w.service.take(), (Strings{"closed transport error"}));
    EXPECT_EQ(w.seats[0]->engine.sessions(), 0U);
  }
}

TEST(EnginePolling, a_connection_that_closes_between_polls_is_no_abort) {
  World w;
  const auto url = w.open_session();
  w.service.socket().send(OutMessage::text("x"));
  auto peer = w.connect();
  peer->send(get_request(url));
  w.run();
  peer->hang_up();
  w.run();
  EXPECT_TRUE(w.service.take().empty());
}

TEST(EnginePolling, a_repeated_poll_gets_the_last_answer_again) {
  World w;
  const auto url = w.open_session() + "&t=same";
  w.service.socket().send(OutMessage::text("x"));
  EXPECT_EQ(w.ask(get_request(url)).body, "4x");
  EXPECT_EQ(w.ask(get_request(url)).body, "4x");
  EXPECT_EQ(w.service.proved, 0U);
}

TEST(EnginePolling, a_post_that_is_too_large_is_refused_and_the_session_lives) {
  EngineOptions options;
  options.max_payload_bytes = 10;
  options.cors.origins = {"https://app.example.com"};
  World w(options);
  const auto url = w.open_session();
  const auto answer =
      w.ask(post_request(url, std::string(11, '4'), "Origin: https://app.example.com\r\n"));
  EXPECT_EQ(answer.status, 413);
  EXPECT_TRUE(answer.has("Access-Control-Allow-Origin: https://app.example.com"));
  EXPECT_EQ(w.ask(post_request(url, "4123456789")).status, 200) << "the limit itself is fine";
  EXPECT_EQ(w.service.take(), (Strings{"text 123456789"}));
}

TEST(EnginePolling, a_session_ends_when_it_is_not_polled) {
  World w;
  w.open_session();
  w.pass(44'900);
  EXPECT_TRUE(w.service.take().empty());
  w.pass(200);
  EXPECT_EQ(w.service.take(), (Strings{"closed ping timeout"}));
  EXPECT_EQ(w.seats[0]->engine.sessions(), 0U);
}

TEST(EnginePolling, the_server_closes_now_or_at_the_next_poll) {
  World w;
  const auto url = w.open_session();
  w.service.socket().send(OutMessage::text("bye"));
  w.service.socket().close();
  EXPECT_EQ(w.service.take(), (Strings{"closed forced close"}));
  w.run();
  EXPECT_TRUE(w.service.listeners.empty());
  EXPECT_EQ(w.ask(get_request(url)).body, "4bye");
  EXPECT_EQ(w.ask(get_request(url)).body, "1");
  EXPECT_EQ(w.ask(get_request(url)).body, R"({"code":1,"message":"Session ID unknown"})");
}

TEST(EnginePolling, closing_while_the_listener_is_made_is_told_to_it) {
  World w;
  w.service.on_open = [](EngineSocket& socket) {
    socket.send(OutMessage::text("no"));
    socket.close();
  };
  const auto url = w.open_session();
  EXPECT_EQ(w.service.take(), (Strings{"closed forced close"}));
  EXPECT_EQ(w.ask(get_request(url)).body, "4no");
  EXPECT_EQ(w.ask(get_request(url)).body, "1");
}

TEST(EnginePolling, a_listener_that_closes_in_the_middle_of_a_post_hears_no_more) {
  World w;
  w.service.on_message = [](EngineSocket& socket, std::string_view) { socket.close(); };
  const auto url = w.open_session();
  EXPECT_EQ(w.ask(post_request(url,
                               "4a\x1e"
                               "4b"))
                .body,
            "ok");
  EXPECT_EQ(w.service.take(), (Strings{"text a", "closed forced close"}));
}

TEST(EnginePolling, what_the_client_has_not_proved_is_still_queued) {
  World w;
  const auto url = w.open_session();
  auto& socket = w.service.socket();
  EXPECT_FALSE(socket.writable());
  socket.send(OutMessage::text(std::string(70'000, 'x')));
  EXPECT_GE(socket.queued_bytes(), 70'000U);
  w.pass(100);
  EXPECT_EQ(w.ask(get_request(url)).body.size(), 70'001U);
  EXPECT_TRUE(w.service.take().empty());
  auto peer = w.connect();
  peer->send(get_request(url));
  w.run();
  EXPECT_EQ(w.service.take(), (Strings{"drained"}));
  EXPECT_EQ(socket.queued_bytes(), 0U);
  EXPECT_TRUE(socket.writable());
}

}  // namespace
}  // namespace kith::front
