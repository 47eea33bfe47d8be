#include "base/limits.hpp"
#include "front/engine_server.hpp"
#include "front/test_world.hpp"

#include <gtest/gtest.h>

namespace kith::front {
namespace {

using testing::frames;
using testing::get_request;
using testing::post_request;
using testing::Strings;
using testing::take_answer;
using testing::text_frame;
using testing::upgrade_request;
using testing::World;

TEST(EngineUpgrade, the_whole_sequence) {
  World w;
  const auto url = w.open_session();
  auto poll = w.connect();
  poll->send(get_request(url));
  auto peer = w.connect();
  peer->send(upgrade_request(World::as_websocket(url)));
  w.run();
  EXPECT_EQ(take_answer(peer->received).status, 101);
  EXPECT_TRUE(poll->received.empty());
  peer->send(text_frame("2probe"));
  w.run();
  EXPECT_EQ(frames(peer->take()), (Strings{"text 3probe"}));
  EXPECT_EQ(take_answer(poll->received).body, "6");
  w.service.socket().send(OutMessage::text("queued"));
  peer->send(text_frame("5") + text_frame("4hi"));
  w.run();
  EXPECT_EQ(w.service.take(), (Strings{"text hi"}));
  EXPECT_EQ(frames(peer->take()), (Strings{"text 4queued"}));
  EXPECT_FALSE(w.service.socket().polling());
  EXPECT_EQ(w.ask(get_request(url)).body, R"({"code":3,"message":"Bad request"})");
  EXPECT_TRUE(w.service.take().empty());
}

TEST(EngineUpgrade, a_second_websocket_is_accepted_and_closed_without_harm) {
  World w;
  const auto url = World::as_websocket(w.open_session());
  auto peer = w.connect();
  peer->send(upgrade_request(url));
  auto second = w.connect();
  second->send(upgrade_request(url) + text_frame("2probe"));
  w.run();
  EXPECT_EQ(take_answer(second->received).status, 101);
  EXPECT_EQ(frames(second->take()), (Strings{"close 1005"}));
  EXPECT_TRUE(second->closed);
  peer->send(text_frame("2probe") + text_frame("5"));
  auto third = w.connect();
  third->send(upgrade_request(url));
  w.run();
  EXPECT_TRUE(third->closed);
  EXPECT_TRUE(w.service.take().empty());
  EXPECT_FALSE(w.service.socket().polling());
}

TEST(EngineUpgrade, half_open_upgrades_are_given_up_and_the_session_goes_on) {
  World w;
  const auto url = w.open_session();
  std::vector<std::shared_ptr<ports::FakePeer>> peers;
  for (int i = 0; i < 2; ++i) {  // the first ping comes in the third
    auto poll = w.connect();
    poll->send(get_request(url));
    peers.push_back(w.connect());
    peers.back()->send(upgrade_request(World::as_websocket(url)));
    w.pass(10'000);
    EXPECT_TRUE(peers.back()->closed);
    w.service.socket().send(OutMessage::text("x"));
    w.run();
    EXPECT_EQ(take_answer(poll->received).body, "4x");
  }
  EXPECT_TRUE(w.service.take().empty());
}

TEST(EngineUpgrade, a_flood_of_websockets_that_never_probe_is_closed_at_once) {
  World w;
  const auto url = World::as_websocket(w.open_session());
  int closed = 0;
  for (int i = 0; i < 200; ++i) {
    auto peer = w.connect();
    peer->send(upgrade_request(url));
    w.run();
    closed += peer->closed ? 1 : 0;
  }
  EXPECT_EQ(closed, 199);
}

TEST(EngineUpgrade, resets_and_bad_frames_at_every_step_leave_the_session) {
  for (const auto* frame : {"", "2probe", "4x", "nonsense"}) {
    for (const bool reset : {false, true}) {
      World w;
      const auto url = w.open_session();
      auto peer = w.connect();
      peer->send(upgrade_request(World::as_websocket(url)) + text_frame(frame));
      if (reset)
        peer->hang_up();
      else
        peer->send("\xff\xff\xff\xff");
      w.run();
      EXPECT_TRUE(w.service.take().empty());
      EXPECT_EQ(w.ask(post_request(url, "4still")).body, "ok");
      EXPECT_EQ(w.service.take(), (Strings{"text still"}));
    }
  }
}

TEST(EngineUpgrade, a_session_that_closes_while_probing_closes_both) {
  World w;
  const auto url = w.open_session();
  auto poll = w.connect();
  poll->send(get_request(url));
  auto peer = w.connect();
  peer->send(upgrade_request(World::as_websocket(url)));
  w.service.socket().close();
  w.run();
  EXPECT_EQ(take_answer(poll->received).body, "1");
  EXPECT_TRUE(peer->closed);
  EXPECT_EQ(w.seats[0]->engine.sessions(), 0U);
}

TEST(EngineUpgrade, is_not_offered_where_websocket_is_not_allowed) {
  EngineOptions options;
  options.transports.websocket = false;
  World w(options);
  const auto answer = w.ask(get_request("/socket.io/?EIO=4&transport=polling"));
  EXPECT_NE(answer.body.find("\"upgrades\":[]"), std::string::npos);
}

TEST(EngineUpgrade, a_post_that_is_cut_off_by_the_upgrade_is_refused_and_forgotten) {
  World w;
  const auto url = w.open_session();
  auto post = w.connect();
  const auto whole = post_request(url, "4late");
  post->send(whole.substr(0, whole.size() - 2));
  auto probe = w.connect();
  probe->send(upgrade_request(World::as_websocket(url)) + text_frame("2probe") + text_frame("5"));
  w.run();
  EXPECT_EQ(take_answer(post->received).status, 400);
  EXPECT_TRUE(post->closed);
  post->send(whole.substr(whole.size() - 2));
  w.run();
  EXPECT_TRUE(w.service.take().empty());
  probe->send(text_frame("4on"));
  w.run();
  EXPECT_EQ(w.service.take(), (Strings{"text on"}));
  probe->hang_up();
  w.run();
  EXPECT_EQ(w.service.take(), (Strings{"closed transport close"}));
}

TEST(EngineUpgrade, a_post_that_asks_for_a_websocket_is_refused_and_forgotten) {
  World w;
  const auto url = w.open_session();
  auto odd = post_request(World::as_websocket(url), "4a");
  odd.insert(odd.find("Content-Length"),
             "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  EXPECT_EQ(w.ask(odd).status, 405);
  EXPECT_EQ(w.ask(post_request(url, "4a")).body, "ok") << "the session is as it was";
  w.service.take();
  w.service.socket().close();
  w.pass(base::limits::polling_close_wait_ms + 100);
  EXPECT_EQ(w.service.take(), (Strings{"closed forced close"}));
}

}  // namespace
}  // namespace kith::front
