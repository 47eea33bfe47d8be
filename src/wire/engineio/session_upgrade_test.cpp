#include "wire/engineio/session.hpp"
#include "wire/engineio/session_test_world.hpp"

#include <gtest/gtest.h>

namespace kith::wire::engineio {
namespace {

using testing::Strings;
using testing::World;

// ---- upgrade

TEST(Upgrade, the_whole_sequence_flushes_the_queue_once_and_in_order) {
  World w;
  w.polling();
  EXPECT_EQ(w.get("a"), "held");
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  EXPECT_EQ(w.out.take(),
            (Strings{"probe< \x81\x06"
                     "3probe",
                     "answer 6"}));
  w.send("1");
  w.session.send(OutMessage::binary("\x02"));
  EXPECT_TRUE(w.out.take().empty());
  w.probe("5");
  EXPECT_EQ(w.out.take(),
            (Strings{"adopt",
                     "ws< \x81\x02"
                     "41",
                     "ws< \x82\x01\x02"}));
  EXPECT_EQ(w.session.transport(), TransportName::websocket);
  w.send("2");
  EXPECT_EQ(w.out.take(),
            (Strings{"ws< \x81\x02"
                     "42"}));
  EXPECT_EQ(w.get("b"), "refused");
}

TEST(Upgrade, of_revision_3_releases_the_poll_with_a_text_noop) {
  World w(Revision::v3);
  w.polling();
  EXPECT_EQ(w.get(), "held");
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  EXPECT_EQ(w.out.take(),
            (Strings{"probe< \x81\x06"
                     "3probe",
                     "answer 1:6"}));
}

TEST(Upgrade, every_poll_that_comes_while_upgrading_is_released) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  EXPECT_EQ(w.get("a"), "held") << "not before the 3probe";
  w.probe("2probe");
  w.out.take();
  for (const auto* t : {"b", "c", "d"}) {
    EXPECT_EQ(w.get(t), "held");
    w.pass(99);
    EXPECT_TRUE(w.out.take().empty());
    w.pass(1);
    EXPECT_EQ(w.out.take(), (Strings{"answer 6"}));
  }
}

TEST(Upgrade, a_poll_that_comes_just_after_the_probe_is_released_at_once) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  EXPECT_EQ(w.get("a"), "6");
}

TEST(Upgrade, an_event_completes_the_open_poll_instead_of_the_noop) {
  World w;
  w.polling();
  EXPECT_EQ(w.get("a"), "held");
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.send("1");
  w.probe("2probe");
  w.tick();
  EXPECT_EQ(w.out.take(),
            (Strings{"probe< \x81\x06"
                     "3probe",
                     "answer 41",
                     "checkpoint 1"}));
}

TEST(Upgrade, posts_are_still_processed) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  w.out.take();
  EXPECT_TRUE(w.post("4a"));
  EXPECT_EQ(w.out.take(), (Strings{"text a"}));
}

TEST(Upgrade, a_post_that_ends_after_the_switch_is_refused_without_harm) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_post_begin());
  w.upgrade();
  EXPECT_FALSE(w.session.on_post(PayloadForm::text, "4a", w.now));
  w.session.on_post_aborted();
  EXPECT_TRUE(w.out.take().empty());
  EXPECT_FALSE(w.session.closed());
}

TEST(Upgrade, a_poll_left_open_is_ended_before_the_queue_is_flushed) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  w.out.take();
  EXPECT_EQ(w.get("a"), "6");
  EXPECT_EQ(w.get("b"), "held");
  w.send("1");
  w.probe("5");
  EXPECT_EQ(w.out.take(),
            (Strings{"answer 1",
                     "adopt",
                     "ws< \x81\x02"
                     "41"}));
  w.session.flush();
  EXPECT_TRUE(w.out.take().empty());
}

TEST(Upgrade, a_5_without_probe_is_accepted) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("5");
  EXPECT_EQ(w.out.take(), (Strings{"adopt"}));
}

TEST(Upgrade, anything_but_a_probe_closes_that_socket_and_leaves_the_session) {
  for (const auto* text : {"2", "2prob", "4hello", "3probe", "", "9", "6"}) {
    World w;
    w.polling();
    EXPECT_EQ(w.get(), "held");
    EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
    w.probe(text);
    EXPECT_EQ(w.out.take(), (Strings{"close probe"})) << text;
    EXPECT_TRUE(w.session.on_probe_opened(false, w.now)) << "a later attempt is allowed";
    w.session.on_websocket_binary(Lane::probe, "x", w.now);
    EXPECT_EQ(w.out.take(), (Strings{"close probe"}));
    w.send("1");
    w.tick();
    EXPECT_EQ(w.out.take(), (Strings{"answer 41", "checkpoint 1"}));
  }
}

TEST(Upgrade, a_probe_that_closes_leaves_the_session) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  w.session.on_websocket_closed(Lane::probe);
  w.out.take();
  EXPECT_EQ(w.get("a"), "held");
  w.pass(1'000);
  EXPECT_TRUE(w.out.take().empty()) << "no more noops";
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
}

TEST(Upgrade, a_probe_has_ten_seconds) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  w.out.take();
  w.pass(9'999);
  EXPECT_TRUE(w.out.take().empty());
  w.pass(1);
  EXPECT_EQ(w.out.take(), (Strings{"close probe"}));
  EXPECT_FALSE(w.session.closed());
}

TEST(Upgrade, an_abandoned_probe_does_not_keep_the_session_alive) {
  World w;
  w.polling();
  for (int i = 0; i < 9; ++i) {
    (void)w.session.on_probe_opened(false, w.now);
    w.probe("2probe");
    w.pass(5'000);
  }
  EXPECT_EQ(w.out.closed, 1);
  EXPECT_EQ(w.out.lines.back(), "gone");
}

TEST(Upgrade, a_second_websocket_is_refused_without_harm) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  EXPECT_FALSE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  w.probe("5");
  EXPECT_FALSE(w.session.on_probe_opened(false, w.now));
  EXPECT_FALSE(w.session.closed());
}

TEST(Upgrade, a_session_that_closes_with_an_open_poll_closes_its_probe) {
  World w;
  w.polling();
  EXPECT_EQ(w.get("a"), "held");
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.session.close(CloseReason::forced_close, w.now);
  EXPECT_EQ(w.out.take(), (Strings{"close probe", "answer 1", "closed forced close", "gone"}));
  w.probe("5");
  EXPECT_TRUE(w.out.take().empty());
  EXPECT_FALSE(w.session.on_probe_opened(false, w.now));
}

TEST(Upgrade, a_session_that_closes_while_its_client_has_paused_ends_on_the_websocket) {
  World w;
  w.polling();
  EXPECT_EQ(w.get("a"), "held");
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  w.out.take();
  w.send("bye");
  w.session.close(CloseReason::forced_close, w.now);
  EXPECT_EQ(w.out.take(), (Strings{"closed forced close"}));
  w.probe("5");
  EXPECT_EQ(w.out.take(),
            (Strings{"adopt",
                     "ws< \x81\x04"
                     "4bye",
                     "close ws",
                     "gone"}));
  w.pass(60'000);
  EXPECT_TRUE(w.out.take().empty());
}

TEST(Upgrade, a_closing_session_with_a_probe_still_answers_a_poll) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.session.close(CloseReason::forced_close, w.now);
  w.out.take();
  EXPECT_EQ(w.get("a"), "1");
  EXPECT_EQ(w.out.take(), (Strings{"close probe", "gone"}));
}

TEST(Upgrade, a_closing_session_whose_probe_is_abandoned_is_forgotten) {
  World w;
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.session.close(CloseReason::forced_close, w.now);
  w.out.take();
  w.pass(10'000);
  EXPECT_EQ(w.out.take(), (Strings{"close probe"}));
  w.pass(20'000);
  EXPECT_EQ(w.out.take(), (Strings{"gone"}));
}

TEST(Upgrade, a_ping_may_wait_for_the_websocket_and_is_proved_there) {
  World w;
  w.polling();
  w.pass(24'000);
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("2probe");
  w.pass(1'000);
  EXPECT_EQ(w.out.take(),
            (Strings{"probe< \x81\x06"
                     "3probe",
                     "checkpoint 1"}));
  w.probe("5");
  EXPECT_EQ(w.out.take(),
            (Strings{"adopt",
                     "ws< \x81\x01"
                     "2"}));
  w.ws("3");
  EXPECT_EQ(w.out.take(), (Strings{"proved 1"}));
}

TEST(Upgrade, base64_is_decided_anew_by_the_websockets_own_url) {
  World w(Revision::v3, true);
  w.polling();
  EXPECT_TRUE(w.session.on_probe_opened(false, w.now));
  w.probe("5");
  w.out.take();
  w.session.send(OutMessage::binary("\x01"));
  EXPECT_EQ(w.out.ws, "\x82\x02\x04\x01");
}

}  // namespace
}  // namespace kith::wire::engineio
