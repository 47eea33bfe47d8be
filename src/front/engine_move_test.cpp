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

TEST(EngineMove, a_request_that_arrives_elsewhere_moves_to_its_session) {
  World w({}, 2);
  const auto url = w.open_session();  // on reactor 0
  auto peer = w.connect(1);
  peer->send(post_request(url, "4a") + post_request(url, "4b"));
  w.run();
  EXPECT_EQ(w.service.take(), (Strings{"text a", "text b"}));
  EXPECT_EQ(take_answer(peer->received).body, "ok");
  EXPECT_EQ(take_answer(peer->received).body, "ok");
  EXPECT_EQ(w.seats[1]->http.connections(), 0U);
}

TEST(EngineMove, a_body_that_is_still_coming_is_read_there) {
  World w({}, 2);
  const auto url = w.open_session();
  auto peer = w.connect(1);
  const auto whole = post_request(url, "4hello");
  peer->send(whole.substr(0, whole.size() - 4));
  w.run();
  peer->send(whole.substr(whole.size() - 4));
  w.run();
  EXPECT_EQ(w.service.take(), (Strings{"text hello"}));
  EXPECT_EQ(take_answer(peer->received).body, "ok");
}

TEST(EngineMove, bytes_that_come_during_the_move_are_not_lost) {
  World w({}, 2);
  const auto url = w.open_session();
  auto peer = w.connect(1);
  const auto whole = post_request(url, "4hello");
  peer->send(whole.substr(0, whole.size() - 4));
  peer->send(whole.substr(whole.size() - 4));  // no reactor has it now
  w.run();
  EXPECT_EQ(w.service.take(), (Strings{"text hello"}));
}

TEST(EngineMove, a_connection_moves_once_its_earlier_answers_have_left) {
  World w({}, 2);
  const auto url = w.open_session();
  auto peer = w.connect(1);
  peer->send(get_request("/nowhere") + get_request("/socket.io/?EIO=4&transport=polling") +
             post_request(url, "4a"));
  w.pass(20);
  EXPECT_EQ(take_answer(peer->received).status, 404);
  EXPECT_EQ(take_answer(peer->received).status, 200);
  EXPECT_EQ(take_answer(peer->received).body, "ok");
  EXPECT_EQ(w.seats[0]->http.connections(), 2U);
  EXPECT_EQ(w.seats[1]->engine.sessions(), 1U);
}

TEST(EngineMove, a_peer_that_does_not_read_moves_when_it_does_and_is_not_waited_for_without_end) {
  World w({}, 2);
  const auto url = w.open_session();
  const auto asks = get_request("/nowhere") + post_request(url, "4a");
  auto late = w.connect(1);
  auto never = w.connect(1);
  late->stall();
  never->stall();
  late->send(asks);
  never->send(asks);
  w.pass(100);
  EXPECT_EQ(w.service.take(), Strings{});
  late->read_again();
  w.run();
  EXPECT_EQ(w.service.take(), (Strings{"text a"}));
  w.pass(base::limits::http_idle_timeout_ms);
  EXPECT_TRUE(never->closed);
}

TEST(EngineMove, a_websocket_upgrade_moves_too) {
  World w({}, 2);
  const auto url = w.open_session();
  auto peer = w.connect(1);
  peer->send(upgrade_request(World::as_websocket(url)) + text_frame("2probe"));
  w.run();
  EXPECT_EQ(take_answer(peer->received).status, 101);
  EXPECT_EQ(frames(peer->take()), (Strings{"text 3probe"}));
}

TEST(EngineMove, a_sid_of_no_reactor_is_unknown) {
  World w({}, 2);
  base::SeededRandom random(1);
  const auto sid = Sid::make(random, 7);
  EXPECT_EQ(
      w.ask(get_request("/socket.io/?EIO=4&transport=polling&sid=" + std::string{sid.view()})).body,
      R"({"code":1,"message":"Session ID unknown"})");
}

TEST(EngineMove, a_flooded_reactor_refuses_and_the_connection_closes) {
  World w({}, 2);
  const auto url = w.open_session();
  w.seats[0]->reactor.mailbox_full = true;
  auto peer = w.connect(1);
  peer->send(get_request(url));
  w.run();
  EXPECT_TRUE(peer->closed);
}

}  // namespace
}  // namespace kith::front
