#include "base/limits.hpp"
#include "front/connection.hpp"
#include "front/connection_test_site.hpp"

#include <gtest/gtest.h>

namespace kith::front {
namespace {

using testing::get_request;
using testing::Holder;
using testing::post_request;
using testing::Site;
using testing::take_answer;

TEST(ConnectionEnd, an_exchange_that_is_dropped_unanswered_is_a_500) {
  Site s;
  auto peer = s.connect();
  peer->send(get_request("/a"));
  s.reactor.run();
  s.holder.held.clear();
  s.reactor.run();
  EXPECT_EQ(take_answer(peer->received).status, 500);
  EXPECT_TRUE(peer->closed);
}

TEST(ConnectionEnd, a_peer_that_goes_away_aborts_its_exchanges) {
  Site s;
  auto peer = s.connect();
  peer->send(get_request("/a") + get_request("/a"));
  peer->send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nabc");
  s.reactor.run();
  EXPECT_EQ(s.holder.aborted, 0);
  peer->hang_up();
  s.reactor.run();
  EXPECT_EQ(s.holder.aborted, 3);
  EXPECT_FALSE(s.holder.held[0]->open());
  s.holder.answer_next("nobody hears");
  s.reactor.run();
  EXPECT_EQ(s.http.connections(), 0U);
}

TEST(ConnectionEnd, a_dropped_connection_is_reset) {
  Site s;
  auto peer = s.connect();
  peer->send(get_request("/a") + get_request("/a"));
  s.reactor.run();
  s.holder.held[0]->drop();
  EXPECT_TRUE(peer->aborted);
  EXPECT_EQ(s.holder.aborted, 1) << "the other one hears of it";
}

TEST(ConnectionEnd, can_be_taken_over_with_what_was_received_behind_the_request) {
  Site s;
  auto peer = s.connect();
  peer->send(get_request("/alone") + "raw bytes");
  peer->send(" and more");
  s.reactor.run();
  auto exchange = std::move(s.alone.held.front());
  auto upgraded = exchange->upgrade();
  EXPECT_EQ(upgraded.received, "raw bytes and more");
  EXPECT_TRUE(upgraded.stream->open());
  s.reactor.run();
  EXPECT_EQ(s.http.connections(), 0U);
  EXPECT_FALSE(peer->closed || peer->aborted);
}

TEST(ConnectionEnd, an_idle_peer_is_let_go_after_its_time) {
  Site s;
  s.holder.at_once = true;
  auto peer = s.connect();
  s.pass(74'000);
  peer->send(get_request("/a"));
  s.pass(74'999);
  EXPECT_EQ(take_answer(peer->received).status, 200);
  EXPECT_FALSE(peer->closed);
  s.pass(1);
  EXPECT_TRUE(peer->closed);
  EXPECT_TRUE(peer->received.empty());
}

TEST(ConnectionEnd, a_head_that_drips_is_cut_off) {
  Site s;
  auto peer = s.connect();
  peer->send("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 9; ++i) {
    s.pass(1'000);
    peer->send("X: y\r\n");
  }
  s.pass(999);
  EXPECT_FALSE(peer->closed);
  s.pass(1);
  EXPECT_EQ(take_answer(peer->received).status, 408);
  EXPECT_TRUE(peer->closed);
}

TEST(ConnectionEnd, a_body_that_drips_is_cut_off_and_its_handler_hears) {
  Site s;
  auto peer = s.connect();
  peer->send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n");
  for (int i = 0; i < 29; ++i) {
    s.pass(1'000);
    peer->send("x");
  }
  EXPECT_FALSE(peer->closed);
  s.pass(1'000);
  EXPECT_EQ(take_answer(peer->received).status, 408);
  EXPECT_TRUE(peer->closed);
  EXPECT_EQ(s.holder.aborted, 1);
}

TEST(ConnectionEnd, a_busy_peer_is_never_timed_out) {
  Site s;
  s.holder.at_once = true;
  auto peer = s.connect();
  const auto request = get_request("/a");
  // each read ends in the middle of a head
  peer->send(request.substr(0, 10));
  for (int i = 0; i < 60; ++i) {
    s.pass(1'000);
    peer->send(request.substr(10) + request.substr(0, 10));
  }
  s.reactor.run();
  EXPECT_FALSE(peer->closed);
}

TEST(ConnectionEnd, a_peer_that_never_reads_its_answers_is_let_go) {
  Site s;
  s.holder.at_once = true;
  s.holder.body_bytes_max = base::limits::http_unsent_bytes_max;
  auto peer = s.connect();
  peer->stall();
  peer->send(post_request("/a", std::string(base::limits::http_unsent_bytes_max, 'x')) +
             get_request("/a").substr(0, 10));
  s.pass(base::limits::http_idle_timeout_ms - 1'000);
  EXPECT_FALSE(peer->closed);
  s.pass(2'000);
  EXPECT_TRUE(peer->closed);
}

TEST(ConnectionEnd, a_held_request_has_no_deadline) {
  Site s;
  auto peer = s.connect();
  peer->send(get_request("/a"));
  s.pass(600'000);
  EXPECT_FALSE(peer->closed);
  EXPECT_EQ(s.reactor.armed_timers(), 0U);
}

TEST(ConnectionEnd, draining_closes_the_idle_and_lets_the_busy_finish) {
  Site s;
  auto idle = s.connect();
  auto busy = s.connect();
  busy->send(get_request("/a"));
  s.reactor.run();
  s.http.drain();
  EXPECT_TRUE(idle->closed);
  EXPECT_FALSE(busy->closed);
  s.holder.answer_next("done");
  s.reactor.run();
  EXPECT_EQ(take_answer(busy->received).body, "done");
  EXPECT_TRUE(busy->closed);
  auto late = s.connect();
  EXPECT_TRUE(late->closed);
}

TEST(ConnectionEnd, a_server_that_dies_tells_the_holders_of_exchanges) {
  Holder holder;
  base::ManualClock clock;
  ports::FakeReactor reactor{clock};
  ports::FakeStreamFactory streams{reactor};
  NotFound not_found;
  Router router(not_found);
  router.add_path("/a", holder);
  auto http = std::make_unique<HttpServer>(reactor, streams, router);
  auto peer = std::make_shared<ports::FakePeer>();
  http->accept(std::make_unique<ports::FakeStream>(reactor, peer));
  peer->send(get_request("/a"));
  reactor.run();
  http.reset();
  EXPECT_EQ(holder.aborted, 1);
  EXPECT_FALSE(holder.held[0]->open());
  EXPECT_TRUE(peer->aborted);
}

}  // namespace
}  // namespace kith::front
