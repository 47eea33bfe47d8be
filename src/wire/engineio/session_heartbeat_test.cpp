#include "wire/engineio/session.hpp"
#include "wire/engineio/session_test_world.hpp"

#include <gtest/gtest.h>

namespace kith::wire::engineio {
namespace {

using testing::Strings;
using testing::World;

// ---- heartbeat of revision 4

TEST(Session, the_first_ping_comes_after_one_interval_and_the_pong_proves) {
  World w;
  w.websocket();
  w.pass(24'999);
  EXPECT_TRUE(w.out.take().empty());
  w.pass(1);
  EXPECT_EQ(w.out.take(),
            (Strings{"ws< \x81\x01"
                     "2",
                     "checkpoint 1"}));
  w.pass(5'000);
  w.ws("3");
  EXPECT_EQ(w.out.take(), (Strings{"proved 1"}));
  w.pass(24'999);
  EXPECT_TRUE(w.out.take().empty());
  w.pass(1);
  EXPECT_EQ(w.out.take(),
            (Strings{"ws< \x81\x01"
                     "2",
                     "checkpoint 2"}));
}

TEST(Session, no_pong_within_the_timeout_closes) {
  World w;
  w.websocket();
  w.pass(44'999);
  EXPECT_EQ(w.out.closed, 0);
  w.out.take();
  w.pass(1);
  EXPECT_EQ(w.out.take(), (Strings{"close ws", "closed ping timeout", "gone"}));
}

TEST(Session, a_ping_completes_the_open_poll) {
  World w;
  w.polling();
  EXPECT_EQ(w.get("a"), "held");
  w.pass(25'000);
  EXPECT_EQ(w.out.take(), (Strings{"checkpoint 1", "answer 2", "checkpoint 2"}));
  EXPECT_EQ(w.get("b"), "held");
  EXPECT_TRUE(w.post("3"));
  EXPECT_EQ(w.out.take(), (Strings{"proved 2", "proved 1"}));
}

TEST(Session, a_session_that_is_never_polled_dies) {
  World w;
  w.polling();
  w.pass(45'000);
  EXPECT_EQ(w.out.take(), (Strings{"checkpoint 1", "closed ping timeout", "gone"}));
}

TEST(Session, unsolicited_pongs_change_nothing) {
  World w;
  w.websocket();
  const auto before = w.session.next_deadline();
  w.pass(1'000);
  for (int i = 0; i < 100; ++i)
    w.ws("3");
  EXPECT_EQ(w.session.next_deadline(), before);
  EXPECT_TRUE(w.out.take().empty());
}

TEST(Session, heartbeats_in_the_wrong_direction_close) {
  World four;
  four.websocket();
  four.ws("2");
  EXPECT_EQ(four.out.take(), (Strings{"close ws", "closed transport error", "gone"}));
  World three(Revision::v3);
  three.polling();
  EXPECT_TRUE(three.post("1:3"));
  EXPECT_EQ(three.out.take(), (Strings{"closed transport error", "gone"}));
}

TEST(Session, an_early_ping_is_sent_once_and_moves_the_next_one) {
  World w;
  w.websocket();
  w.pass(1'000);
  EXPECT_TRUE(w.session.ping_now(w.now));
  EXPECT_FALSE(w.session.ping_now(w.now)) << "one is in flight";
  EXPECT_EQ(w.out.take(),
            (Strings{"ws< \x81\x01"
                     "2",
                     "checkpoint 1"}));
  w.ws("3");
  EXPECT_EQ(w.out.take(), (Strings{"proved 1"}));
  w.pass(24'999);
  EXPECT_TRUE(w.out.take().empty());
}

TEST(Session, a_polling_session_needs_no_early_ping) {
  World w;
  w.polling();
  EXPECT_FALSE(w.session.ping_now(w.now));
}

// ---- heartbeat of revision 3

TEST(Session, a_client_of_revision_3_pings_and_is_answered) {
  World w(Revision::v3);
  w.polling();
  EXPECT_EQ(w.get(), "held");
  EXPECT_TRUE(w.post("6:2probe"));
  w.tick();
  EXPECT_EQ(w.out.take(), (Strings{"answer 1:3", "checkpoint 1"}));
}

TEST(Session, a_flood_of_pings_queues_one_pong) {
  World w(Revision::v3);
  w.polling();
  for (int i = 0; i < 1000; ++i)
    EXPECT_TRUE(w.post("1:2"));
  EXPECT_EQ(w.get(), "1:3");
  EXPECT_TRUE(w.post("1:2"));
  EXPECT_EQ(w.get(), "1:3");
}

TEST(Session, a_client_of_revision_3_that_does_not_ping_dies) {
  World w(Revision::v3);
  w.polling();
  w.pass(44'000);
  EXPECT_TRUE(w.post("1:2"));
  w.pass(44'999);
  EXPECT_EQ(w.out.closed, 0);
  w.pass(1);
  EXPECT_EQ(w.out.lines.back(), "gone");
  EXPECT_EQ(w.out.closed, 1);
}

TEST(Session, revision_3_proves_by_websocket_pings_at_the_same_interval) {
  World w(Revision::v3);
  w.websocket();
  w.pass(25'000);
  ASSERT_EQ(w.out.lines.size(), 2U);
  EXPECT_EQ(w.out.lines[1], "checkpoint 1");
  ASSERT_EQ(w.out.ws.substr(5, 2), "\x89\x08");  // behind the open packet
  const std::string token = w.out.ws.substr(7);
  w.out.take();
  w.session.on_websocket_pong(Lane::transport, "other");
  EXPECT_TRUE(w.out.take().empty());
  w.session.on_websocket_pong(Lane::transport, token);
  w.session.on_websocket_pong(Lane::transport, token);
  EXPECT_EQ(w.out.take(), (Strings{"proved 1"}));
  w.ws("2");
  w.out.take();
  EXPECT_TRUE(w.session.ping_now(w.now));
  EXPECT_FALSE(w.session.ping_now(w.now));
  EXPECT_EQ(w.out.lines.back(), "checkpoint 2");
}

TEST(Session, an_unanswered_websocket_ping_is_not_repeated) {
  World w(Revision::v3);
  w.websocket();
  for (int i = 0; i < 5; ++i) {
    w.pass(20'000);
    w.ws("2");
  }
  int checkpoints = 0;
  for (const auto& line : w.out.lines)
    checkpoints += line.starts_with("checkpoint") ? 1 : 0;
  EXPECT_EQ(checkpoints, 1);
  EXPECT_FALSE(w.session.closed());
}

}  // namespace
}  // namespace kith::wire::engineio
