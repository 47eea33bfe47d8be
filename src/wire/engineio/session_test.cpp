#include "wire/engineio/session.hpp"

#include "wire/engineio/session_test_world.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace kith::wire::engineio {
namespace {

using testing::Kind;
using testing::Strings;
using testing::World;

// ---- opening

TEST(Session, the_handshake_is_answered_with_the_open_packet_alone) {
  EXPECT_EQ(World(Revision::v4).polling().handshake, "0{}");
  EXPECT_EQ(World(Revision::v3).polling().handshake, "3:0{}");
}

TEST(Session, over_a_websocket_the_open_packet_is_the_first_frame) {
  World w;
  w.session.open_websocket("{}", w.now);
  EXPECT_EQ(w.out.ws,
            "\x81\x03"
            "0{}");
  EXPECT_EQ(w.session.transport(), TransportName::websocket);
}

TEST(Session, an_idle_websocket_session_is_small) {
  EXPECT_LE(sizeof(Session), 96U);
}

// ---- closing

TEST(Session, a_client_that_says_close_ends_its_poll_with_a_noop) {
  World w;
  w.polling();
  EXPECT_EQ(w.get(), "held");
  EXPECT_TRUE(
      w.post("4a\x1e"
             "1\x1e"
             "4b"));
  EXPECT_EQ(w.out.take(), (Strings{"text a", "answer 6", "closed transport close", "gone"}));
}

TEST(Session, a_client_of_revision_3_closes_the_same_way) {
  World w(Revision::v3);
  w.polling();
  EXPECT_EQ(w.get(), "held");
  EXPECT_TRUE(w.post("1:1"));
  EXPECT_EQ(w.out.take(), (Strings{"answer 1:6", "closed transport close", "gone"}));
}

TEST(Session, the_server_closes_an_open_poll_with_a_close_packet) {
  World w;
  w.polling();
  EXPECT_EQ(w.get(), "held");
  w.session.close(CloseReason::forced_close, w.now);
  EXPECT_EQ(w.out.take(), (Strings{"answer 1", "closed forced close", "gone"}));
}

TEST(Session, events_before_the_end_and_the_close_packet_are_the_answers_of_two_polls) {
  World w;
  w.polling();
  EXPECT_EQ(w.get("a"), "held");
  w.send("bye");
  w.session.close(CloseReason::forced_close, w.now);
  EXPECT_EQ(w.out.take(), (Strings{"answer 4bye", "closed forced close"}));
  EXPECT_EQ(w.get("a"), "4bye");
  EXPECT_EQ(w.get("b"), "1");
  EXPECT_EQ(w.out.take(), (Strings{"gone"}));
  w.tick();
  w.send("x");
  w.session.close(CloseReason::forced_close, w.now);
  EXPECT_TRUE(w.out.take().empty());
}

TEST(Session, without_an_open_poll_a_closed_session_waits_for_one) {
  World w;
  w.polling();
  w.send("bye");
  w.session.close(CloseReason::forced_close, w.now);
  EXPECT_EQ(w.out.take(), (Strings{"closed forced close"}));
  EXPECT_TRUE(w.post("4late"));
  EXPECT_EQ(w.get("a"), "4bye");
  EXPECT_EQ(w.get("b"), "1");
  EXPECT_EQ(w.out.take(), (Strings{"gone"}));
}

TEST(Session, a_closed_session_is_forgotten_after_30_seconds) {
  World w;
  w.polling();
  w.session.close(CloseReason::forced_close, w.now);
  w.out.take();
  w.pass(29'999);
  EXPECT_FALSE(w.session.gone());
  w.pass(1);
  EXPECT_EQ(w.out.take(), (Strings{"gone"}));
}

TEST(Session, closing_from_a_message_drops_the_packets_behind_it) {
  World w;
  w.polling();
  w.out.on_message = [&w] { w.session.close(CloseReason::forced_close, w.now); };
  EXPECT_TRUE(
      w.post("4a\x1e"
             "4b"));
  EXPECT_EQ(w.out.take(), (Strings{"text a", "closed forced close"}));
}

TEST(Session, sending_and_closing_from_a_checkpoint_is_safe) {
  World w;
  w.polling();
  w.send("1");
  w.out.on_number = [&w] {
    w.out.on_number = nullptr;
    w.send("2");
    w.session.close(CloseReason::forced_close, w.now);
  };
  EXPECT_EQ(w.get("a"), "41");
  EXPECT_EQ(w.get("b"), "42");
  EXPECT_EQ(w.get("c"), "1");
  EXPECT_EQ(w.out.take(), (Strings{"checkpoint 1", "closed forced close", "gone"}));
}

// ---- WebSocket

TEST(Session, websocket_messages_are_one_frame_each) {
  World w;
  w.websocket();
  w.send("a");
  w.session.send(OutMessage::binary("\x01"));
  EXPECT_EQ(w.out.take(),
            (Strings{"ws< \x81\x02"
                     "4a",
                     "ws< \x82\x01\x01"}));
  w.ws("4hello");
  w.session.on_websocket_binary(Lane::transport, "\x04x", w.now);
  EXPECT_EQ(w.out.take(), (Strings{"text hello", "binary \x04x"}));
  EXPECT_EQ(w.session.queued_bytes(), 0U);
}

TEST(Session, binary_of_revision_3_has_its_type_byte) {
  World w(Revision::v3);
  w.websocket();
  w.session.send(OutMessage::binary("\x01"));
  EXPECT_EQ(w.out.ws.substr(5), "\x82\x02\x04\x01");
  w.out.ws.clear();
  w.session.send(OutMessage::binary(""));
  EXPECT_EQ(w.out.ws, "\x82\x01\x04");
  w.out.take();
  w.session.on_websocket_binary(Lane::transport, "\x04x", w.now);
  EXPECT_EQ(w.out.take(), (Strings{"binary x"}));
  w.session.on_websocket_binary(Lane::transport, "x", w.now);
  EXPECT_EQ(w.out.take(), (Strings{"close ws", "closed parse error", "gone"}));
}

TEST(Session, a_revision_3_client_without_binary_gets_base64_frames) {
  World w(Revision::v3, true);
  w.websocket();
  w.session.send(OutMessage::binary("\x01\x02"));
  EXPECT_EQ(w.out.take(),
            (Strings{"ws< \x81\x06"
                     "b4AQI="}));
}

TEST(Session, close_over_a_websocket_closes) {
  World w;
  w.websocket();
  w.ws("1");
  EXPECT_EQ(w.out.take(), (Strings{"close ws", "closed transport close", "gone"}));
}

TEST(Session, a_bad_packet_over_a_websocket_closes) {
  World w;
  w.websocket();
  w.ws("");
  EXPECT_EQ(w.out.take(), (Strings{"close ws", "closed parse error", "gone"}));
  w.ws("4late");
  EXPECT_TRUE(w.out.take().empty());
}

TEST(Session, a_websocket_that_closes_ends_the_session) {
  World w;
  w.websocket();
  w.session.on_websocket_closed(Lane::transport);
  EXPECT_EQ(w.out.take(), (Strings{"closed transport close", "gone"}));
}

TEST(Session, a_websocket_session_refuses_polls) {
  World w;
  w.websocket();
  EXPECT_EQ(w.get(), "refused");
  EXPECT_FALSE(w.post("4a"));
  EXPECT_FALSE(w.session.closed());
}

// ---- any order of inputs

// One input, drawn by its number.
void take_step(World& w, bool v3, std::uint8_t step) {
  switch (step % 18) {
    case 0:
      w.get(std::string(1, static_cast<char>('a' + step % 7)));
      break;
    case 1:
      w.get();
      break;
    case 2:
      w.post(v3 ? "2:4a" : "4a");
      break;
    case 3:
      (void)w.session.on_post_begin();
      break;
    case 4:
      w.session.on_post_aborted();
      break;
    case 5:
      (void)w.session.on_probe_opened(false, w.now);
      break;
    case 6:
      w.probe("2probe");
      break;
    case 7:
      w.probe("5");
      break;
    case 8:
      w.session.on_websocket_closed(Lane::probe);
      break;
    case 9:
      w.send("x");
      break;
    case 10:
      w.session.send(OutMessage::binary("y"));
      break;
    case 11:
      w.tick();
      break;
    case 12:
      w.pass(step * 40);
      break;
    case 13:
      w.ws(v3 ? "2" : "3");
      break;
    case 14:
      w.ws("4m");
      break;
    case 15:
      w.session.ping_now(w.now);
      break;
    case 16:
      if (step > 200) w.session.close(CloseReason::forced_close, w.now);
      break;
    default:
      if (step > 200) w.session.on_get_aborted();
      break;
  }
}

TEST(Session, any_order_of_inputs_keeps_its_promises) {
  EXPECT_TRUE(rc::check("hostile order", [](bool v3, const std::vector<std::uint8_t>& steps) {
    World w(v3 ? Revision::v3 : Revision::v4);
    w.polling();
    for (const auto step : steps) {
      take_step(w, v3, step);
      RC_ASSERT(w.out.closed <= 1);
      RC_ASSERT(w.out.gone <= w.out.closed);
      RC_ASSERT(w.session.closed() == (w.out.closed == 1));
    }
    w.pass(200'000);  // v3 does not ping, v4 does not pong: it must end
    RC_ASSERT(w.out.closed == 1);
    RC_ASSERT(w.out.gone == 1);
  }));
}

}  // namespace
}  // namespace kith::wire::engineio
