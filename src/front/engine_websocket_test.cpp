#include "base/limits.hpp"
#include "front/engine_server.hpp"
#include "front/test_world.hpp"

#include <gtest/gtest.h>

namespace kith::front {
namespace {

using testing::frames;
using testing::get_request;
using testing::masked;
using testing::Strings;
using testing::take_answer;
using testing::text_frame;
using testing::upgrade_request;
using testing::World;
using wire::websocket::Opcode;

constexpr std::string_view websocket_url = "/socket.io/?EIO=4&transport=websocket";

TEST(EngineWebSocket, opens_with_the_open_packet_and_no_upgrades) {
  World w;
  auto peer = w.connect();
  peer->send(upgrade_request(websocket_url));
  w.run();
  const auto answer = take_answer(peer->received);
  EXPECT_EQ(answer.status, 101);
  EXPECT_TRUE(answer.has("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  const auto lines = frames(peer->take());
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_TRUE(lines[0].starts_with("text 0{\"sid\":\""));
  EXPECT_NE(lines[0].find("\"upgrades\":[]"), std::string::npos);
  EXPECT_EQ(w.seats[0]->http.connections(), 0U) << "nothing of HTTP remains";
}

TEST(EngineWebSocket, frames_behind_the_request_are_read) {
  World w;
  auto peer = w.connect();
  peer->send(upgrade_request(websocket_url) + text_frame("4early"));
  w.run();
  EXPECT_EQ(w.service.take(), (Strings{"text early"}));
}

TEST(EngineWebSocket, messages_go_both_ways) {
  World w;
  auto peer = w.open_websocket();
  peer->send(text_frame("4hi") + masked(Opcode::binary, "\x01\x02"));
  w.run();
  EXPECT_EQ(w.service.take(), (Strings{"text hi", "binary \x01\x02"}));
  w.service.socket().send(OutMessage::text("a"));
  w.service.socket().send(OutMessage::binary("b"));
  EXPECT_TRUE(peer->received.empty()) << "all frames of a tick leave at its end";
  w.run();
  EXPECT_EQ(frames(peer->take()), (Strings{"text 4a", "binary b"}));
}

TEST(EngineWebSocket, byte_by_byte_is_the_same) {
  World w;
  auto peer = w.connect();
  for (const char c : upgrade_request(websocket_url) + text_frame("4hi") + text_frame("4ho"))
    peer->send(std::string(1, c));
  w.run();
  EXPECT_EQ(w.service.take(), (Strings{"text hi", "text ho"}));
}

TEST(EngineWebSocket, every_refusal_is_plain_text_with_400_and_ends_the_connection) {
  EngineOptions options;
  options.allow_eio3 = false;
  World w(options);
  const auto refused = [&w](std::string_view target, std::string_view message) {
    auto peer = w.connect();
    peer->send(upgrade_request(target));
    w.run();
    const auto answer = take_answer(peer->received);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, message);
    EXPECT_TRUE(peer->closed);
  };
  refused("/socket.io/?EIO=4&transport=abc", "Transport unknown");
  refused("/socket.io/?EIO=4&transport=websocket&sid=abc", "Session ID unknown");
  refused("/socket.io/?EIO=4&transport=polling", "Bad request");
  refused("/socket.io/?EIO=3&transport=websocket", "Unsupported protocol version");
  w.service.refusal = base::Fault{base::Errc::forbidden, "go away"};
  refused(websocket_url, "go away");
}

TEST(EngineWebSocket, a_malformed_upgrade_is_refused) {
  World w;
  EXPECT_EQ(w.ask(get_request(websocket_url,
                              "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Version: 13\r\n"))
                .status,
            400);
  EXPECT_EQ(w.ask(get_request(websocket_url,
                              "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Version: 8\r\n"))
                .status,
            426);
  EXPECT_EQ(w.seats[0]->engine.sessions(), 0U);
}

TEST(EngineWebSocket, a_foreign_origin_is_refused_and_the_own_and_listed_ones_are_not) {
  EngineOptions options;
  options.cors.origins = {"https://app.example.com"};
  World w(options);
  const auto status = [&w](std::string_view origin) {
    return w.ask(upgrade_request(websocket_url, "Origin: " + std::string{origin} + "\r\n")).status;
  };
  EXPECT_EQ(status("https://evil.example.com"), 400);
  EXPECT_EQ(status("null"), 400);
  EXPECT_EQ(status("https://app.example.com"), 101);
  EXPECT_EQ(status("https://chat.example.com"), 101);
}

TEST(EngineWebSocket, control_frames_are_answered_and_are_no_heartbeat) {
  World w;
  auto peer = w.open_websocket();
  peer->send(masked(Opcode::ping, "abc"));
  w.run();
  EXPECT_EQ(frames(peer->take()), (Strings{"pong abc"}));
  w.pass(40'000);
  peer->send(masked(Opcode::ping, "abc"));
  w.pass(6'000);
  EXPECT_EQ(w.service.take(), (Strings{"closed ping timeout"}));
  EXPECT_TRUE(peer->closed);
}

TEST(EngineWebSocket, the_closing_handshake_echoes_the_code) {
  World w;
  auto peer = w.open_websocket();
  peer->send(masked(Opcode::close, std::string{"\x03\xe8", 2}));
  w.run();
  EXPECT_EQ(frames(peer->take()), (Strings{"close 1000"}));
  EXPECT_TRUE(peer->closed);
  EXPECT_EQ(w.service.take(), (Strings{"closed transport close"}));
}

TEST(EngineWebSocket, a_violation_closes_with_its_code) {
  World w;
  auto unmasked = w.open_websocket();
  unmasked->send(
      std::string{"\x81\x01"
                  "4"});
  auto not_text = w.open_websocket();
  not_text->send(text_frame("4\xff"));
  w.run();
  EXPECT_EQ(frames(unmasked->take()), (Strings{"close 1002"}));
  EXPECT_EQ(frames(not_text->take()), (Strings{"close 1007"}));
  EXPECT_EQ(w.service.take(), (Strings{"closed transport error", "closed transport error"}));
}

TEST(EngineWebSocket, the_server_says_why_it_closes) {
  World w;
  const auto closing = [&w](const std::string& bytes) {
    auto peer = w.open_websocket();
    peer->send(bytes);
    w.run();
    const auto frame = peer->take();
    return frames(frame).front() + ": " + frame.substr(4);
  };
  EXPECT_EQ(closing(text_frame("9")), "close 1002: parse error");
  EXPECT_EQ(closing(text_frame("2")), "close 1002: transport error");
  EXPECT_EQ(closing(text_frame("4\xff")), "close 1007: a text is not UTF-8");
  w.service.on_message = [](EngineSocket& socket, std::string_view data) {
    socket.close(data == "odd" ? CloseReason::parse_error : CloseReason::forced_close, "do better");
  };
  EXPECT_EQ(closing(text_frame("4odd")), "close 1002: do better");
  EXPECT_EQ(closing(text_frame("4late")), "close 1008: do better");
}

TEST(EngineWebSocket, a_message_that_declares_too_much_closes_before_it_comes) {
  EngineOptions options;
  options.max_payload_bytes = 1000;
  World w(options);
  auto peer = w.open_websocket();
  peer->send(text_frame(std::string(1001, '4')).substr(0, 8));
  w.run();
  EXPECT_EQ(frames(peer->take()), (Strings{"close 1009"}));
}

TEST(EngineWebSocket, closing_from_a_message_leaves_the_rest_unread) {
  World w;
  w.service.on_message = [](EngineSocket& socket, std::string_view) {
    socket.send(OutMessage::text("bye"));
    socket.close();
  };
  auto peer = w.open_websocket();
  peer->send(text_frame("4a") + text_frame("4b"));
  w.run();
  EXPECT_EQ(w.service.take(), (Strings{"text a", "closed forced close"}));
  EXPECT_EQ(frames(peer->take()), (Strings{"text 4bye", "close 1005"}));
  EXPECT_TRUE(peer->closed);
  EXPECT_TRUE(w.service.listeners.empty());
  EXPECT_EQ(w.seats[0]->engine.sessions(), 0U);
}

TEST(EngineWebSocket, a_server_that_stops_says_going_away) {
  World w;
  auto peer = w.open_websocket();
  const auto url = w.open_session();
  w.seats[0]->engine.close_all(CloseReason::server_shutting_down);
  w.run();
  EXPECT_EQ(frames(peer->take()), (Strings{"close 1001"}));
  EXPECT_EQ(w.service.take(),
            (Strings{"closed server shutting down", "closed server shutting down"}));
  EXPECT_EQ(w.ask(get_request(url)).body, "1");
}

TEST(EngineWebSocket, a_socket_that_vanishes_ends_the_session) {
  World w;
  auto peer = w.open_websocket();
  peer->hang_up();
  w.run();
  EXPECT_EQ(w.service.take(), (Strings{"closed transport close"}));
  EXPECT_EQ(w.seats[0]->engine.sessions(), 0U);
}

TEST(EngineWebSocket, the_heartbeat_keeps_it_and_proves) {
  World w;
  auto peer = w.open_websocket();
  for (std::uint64_t i = 1; i <= 3; ++i) {
    w.pass(25'000);
    EXPECT_EQ(frames(peer->take()), (Strings{"text 2"}));
    EXPECT_EQ(w.service.checkpoints, i);
    peer->send(text_frame("3"));
    w.run();
    EXPECT_EQ(w.service.proved, i);
  }
  EXPECT_TRUE(w.service.take().empty());
}

TEST(EngineWebSocket, revision_3_is_proved_by_websocket_pings) {
  World w;
  auto peer = w.open_websocket("3");
  w.pass(25'000);
  const auto lines = frames(peer->take());
  ASSERT_EQ(lines.size(), 1U);
  ASSERT_TRUE(lines[0].starts_with("ping "));
  peer->send(masked(Opcode::pong, lines[0].substr(5)) + text_frame("2"));
  w.run();
  EXPECT_EQ(w.service.proved, 1U);
  EXPECT_EQ(frames(peer->take()), (Strings{"text 3"}));
}

TEST(EngineWebSocket, an_early_ping_proves_at_once) {
  World w;
  auto peer = w.open_websocket();
  EXPECT_TRUE(w.service.socket().ping_now());
  EXPECT_FALSE(w.service.socket().ping_now());
  w.run();
  EXPECT_EQ(frames(peer->take()), (Strings{"text 2"}));
  peer->send(text_frame("3"));
  w.run();
  EXPECT_EQ(w.service.proved, 1U);
}

TEST(EngineWebSocket, a_reader_that_stops_is_seen_in_the_queue_and_told_when_it_reads_again) {
  World w;
  auto peer = w.open_websocket();
  auto& socket = w.service.socket();
  peer->stall();
  socket.send(OutMessage::text(std::string(base::limits::outbox_low_bytes, 'x')));
  w.pass(1'000);
  EXPECT_GT(socket.queued_bytes(), base::limits::outbox_low_bytes);
  EXPECT_TRUE(w.service.take().empty());
  peer->read_again();
  w.run();
  EXPECT_EQ(w.service.take(), (Strings{"drained"}));
  EXPECT_EQ(socket.queued_bytes(), 0U);
}

TEST(EngineWebSocket, a_queue_that_left_at_once_is_told_too) {
  World w;
  auto peer = w.open_websocket();
  w.service.socket().send(OutMessage::text(std::string(base::limits::outbox_low_bytes, 'x')));
  w.pass(20);
  EXPECT_EQ(w.service.take(), (Strings{"drained"}));
}

TEST(EngineWebSocket, a_queue_that_was_filled_in_the_tick_it_is_looked_at_is_told_too) {
  struct Sender {
    void send() { socket.send(OutMessage::text(std::string(base::limits::outbox_low_bytes, 'x'))); }

    EngineSocket& socket;
    ports::Alarm<Sender, &Sender::send> alarm{*this};
  };

  World w;
  auto peer = w.open_websocket();
  Sender sender{w.service.socket()};
  w.seats[0]->reactor.arm(sender.alarm, std::chrono::milliseconds{10});
  sender.send();
  w.pass(10);
  EXPECT_EQ(w.service.socket().queued_bytes(), 0U);
  EXPECT_TRUE(w.service.take().empty());
  w.pass(20);
  EXPECT_EQ(w.service.take(), (Strings{"drained"}));
}

TEST(EngineWebSocket, a_flood_of_pings_by_a_reader_that_stopped_is_not_read) {
  World w;
  auto peer = w.open_websocket();
  peer->stall();
  const std::string ping = masked(Opcode::ping, std::string(125, 'p'));
  for (int i = 0; i < 20'000; ++i)
    peer->send(ping);
  EXPECT_LT(w.service.socket().queued_bytes(), 2 * base::limits::outbox_high_bytes + 1000);
  peer->read_again();
  w.run();
  EXPECT_FALSE(peer->closed);
}

}  // namespace
}  // namespace kith::front
