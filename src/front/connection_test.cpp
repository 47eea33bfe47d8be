#include "front/connection.hpp"

#include "base/limits.hpp"
#include "front/http_server.hpp"
#include "front/test_world.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace kith::front {
namespace {

using testing::Answer;
using testing::get_request;
using testing::post_request;
using testing::take_answer;

// Holds exchanges until the test answers them.
struct Holder final : Handler, ExchangeWatcher {
  explicit Holder(bool alone = false) : alone_(alone) {}

  bool exclusive() const noexcept override { return alone_; }

  std::size_t admit_body(Exchange& exchange) override {
    ++heads;
    exchange.watch(this);
    if (refuse_body) exchange.answer(Response::text(403, "no"));
    return body_bytes_max;
  }

  void handle(std::unique_ptr<Exchange> exchange) override {
    exchange->watch(this);
    if (at_once)
      exchange->answer(Response::text(200, "body:" + exchange->request().body()));
    else
      held.push_back(std::move(exchange));
  }

  void add_headers(const wire::http::Request&, Response& response) override {
    response.headers.emplace_back("X-Route", "holder");
  }

  void on_aborted(Exchange&) override { ++aborted; }

  void on_too_large(Exchange&) override { ++too_large; }

  void answer_next(std::string text) {
    auto exchange = std::move(held.front());
    held.pop_front();
    exchange->answer(Response::text(200, std::move(text)));
  }

  std::deque<std::unique_ptr<Exchange>> held;
  std::size_t body_bytes_max = 100;
  int heads = 0;
  int aborted = 0;
  int too_large = 0;
  bool at_once = false;
  bool refuse_body = false;

 private:
  bool alone_;
};

struct Site {
  Site() : streams(reactor), router(not_found), http(reactor, streams, router) {
    router.add_path("/a", holder);
    router.add_path("/alone", alone);
  }

  std::shared_ptr<ports::FakePeer> connect() {
    auto peer = std::make_shared<ports::FakePeer>();
    http.accept(std::make_unique<ports::FakeStream>(reactor, peer));
    return peer;
  }

  void pass(std::int64_t ms) { reactor.advance(std::chrono::milliseconds{ms}); }

  base::ManualClock clock;
  ports::FakeReactor reactor{clock};
  ports::FakeStreamFactory streams;
  NotFound not_found;
  Holder holder;
  Holder alone{true};
  Router router;
  HttpServer http;
};

TEST(Connection, answers_now_and_stays_open_for_the_next_request) {
  Site s;
  s.holder.at_once = true;
  auto peer = s.connect();
  for (int i = 0; i < 3; ++i) {
    peer->send(get_request("/a"));
    s.reactor.run();
    const auto answer = take_answer(peer->received);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "body:");
    EXPECT_TRUE(answer.has("X-Route: holder"));
  }
  EXPECT_FALSE(peer->closed);
}

TEST(Connection, gives_the_same_answers_when_fed_byte_by_byte) {
  Site s;
  s.holder.at_once = true;
  auto peer = s.connect();
  for (const char c : post_request("/a", "hello") + get_request("/a"))
    peer->send(std::string(1, c));
  s.reactor.run();
  EXPECT_EQ(take_answer(peer->received).body, "body:hello");
  EXPECT_EQ(take_answer(peer->received).body, "body:");
  EXPECT_EQ(s.holder.heads, 1) << "only a request with a body is asked about it";
}

TEST(Connection, pipelined_requests_are_answered_in_their_order) {
  Site s;
  auto peer = s.connect();
  peer->send(get_request("/a") + get_request("/nowhere") + get_request("/a"));
  s.reactor.run();
  ASSERT_EQ(s.holder.held.size(), 2U);
  std::swap(s.holder.held[0], s.holder.held[1]);
  s.holder.answer_next("third");
  s.reactor.run();
  EXPECT_TRUE(peer->received.empty()) << "the first is not answered yet";
  s.holder.answer_next("first");
  s.reactor.run();
  EXPECT_EQ(take_answer(peer->received).body, "first");
  EXPECT_EQ(take_answer(peer->received).status, 404);
  EXPECT_EQ(take_answer(peer->received).body, "third");
}

TEST(Connection, no_more_than_the_limit_of_pipelined_requests_are_open) {
  Site s;
  auto peer = s.connect();
  std::string many;
  for (std::size_t i = 0; i < base::limits::http_pipeline_max + 5; ++i)
    many += get_request("/a");
  peer->send(many);
  s.reactor.run();
  EXPECT_EQ(s.holder.held.size(), base::limits::http_pipeline_max);
  std::size_t answered = 0;
  while (!s.holder.held.empty()) {
    s.holder.answer_next("x");
    s.reactor.run();
    EXPECT_LE(s.holder.held.size(), base::limits::http_pipeline_max);
    answered += take_answer(peer->received).status == 200 ? 1 : 0;
  }
  EXPECT_EQ(answered, base::limits::http_pipeline_max + 5);
}

TEST(Connection, a_flood_behind_an_open_request_is_not_read) {
  Site s;
  auto peer = s.connect();
  peer->send(get_request("/alone"));
  for (int i = 0; i < 100; ++i)
    peer->send(std::string(10'000, 'x'));
  EXPECT_EQ(s.alone.held.size(), 1U);
  s.alone.answer_next("done");
  s.reactor.run();
  EXPECT_EQ(take_answer(peer->received).body, "done");
  EXPECT_GE(take_answer(peer->received).status, 400) << "then it is read, and is no request";
}

TEST(Connection, an_exclusive_request_waits_for_the_earlier_and_holds_back_the_later) {
  Site s;
  auto peer = s.connect();
  peer->send(get_request("/a") + get_request("/alone") + get_request("/a"));
  s.reactor.run();
  EXPECT_EQ(s.holder.held.size(), 1U);
  EXPECT_TRUE(s.alone.held.empty());
  s.holder.answer_next("1");
  s.reactor.run();
  ASSERT_EQ(s.alone.held.size(), 1U);
  EXPECT_TRUE(s.holder.held.empty());
  s.alone.answer_next("2");
  s.reactor.run();
  ASSERT_EQ(s.holder.held.size(), 1U);
  s.holder.answer_next("3");
  s.reactor.run();
  for (const auto* body : {"1", "2", "3"})
    EXPECT_EQ(take_answer(peer->received).body, body);
}

TEST(Connection, bytes_between_an_answer_and_the_next_tick_keep_their_order) {
  Site s;
  auto peer = s.connect();
  const std::string next = post_request("/a", "0123456789");
  peer->send(get_request("/alone") + next.substr(0, next.size() - 5));
  s.alone.answer_next("1");
  peer->send(next.substr(next.size() - 5));
  s.reactor.run();
  ASSERT_EQ(s.holder.held.size(), 1U);
  EXPECT_EQ(s.holder.held[0]->request().body(), "0123456789");
}

TEST(Connection, connection_close_ends_it_behind_the_answer) {
  Site s;
  s.holder.at_once = true;
  auto peer = s.connect();
  peer->send(get_request("/a", "Connection: close\r\n") + get_request("/a"));
  s.reactor.run();
  EXPECT_EQ(take_answer(peer->received).status, 200);
  EXPECT_EQ(take_answer(peer->received).status, 0);
  EXPECT_TRUE(peer->closed);
  EXPECT_EQ(s.http.connections(), 0U);
}

TEST(Connection, head_gets_the_headers_alone) {
  Site s;
  s.holder.at_once = true;
  auto peer = s.connect();
  peer->send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
  s.reactor.run();
  const auto answer = take_answer(peer->received, true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.has("Content-Length: 5"));
  EXPECT_TRUE(peer->received.empty());
}

TEST(Connection, a_malformed_request_is_answered_behind_the_earlier_ones) {
  Site s;
  auto peer = s.connect();
  peer->send(get_request("/a") + "nonsense\r\n\r\n");
  s.reactor.run();
  EXPECT_TRUE(peer->received.empty());
  s.holder.answer_next("1");
  s.reactor.run();
  EXPECT_EQ(take_answer(peer->received).body, "1");
  EXPECT_EQ(take_answer(peer->received).status, 400);
  EXPECT_TRUE(peer->closed);
}

TEST(Connection, a_body_that_declares_too_much_is_refused_before_it_comes) {
  Site s;
  auto peer = s.connect();
  peer->send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n");
  s.reactor.run();
  const auto answer = take_answer(peer->received);
  EXPECT_EQ(answer.status, 413);
  EXPECT_TRUE(answer.has("X-Route: holder")) << "its route's headers are there too";
  EXPECT_TRUE(peer->closed);
  EXPECT_EQ(s.holder.too_large, 1);
  EXPECT_EQ(s.holder.aborted, 0);
}

TEST(Connection, a_chunked_body_is_refused_when_it_passes_the_limit) {
  Site s;
  auto peer = s.connect();
  peer->send("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n60\r\n");
  peer->send(std::string(0x60, 'x') + "\r\n");
  s.reactor.run();
  EXPECT_TRUE(peer->received.empty());
  peer->send("5\r\n");
  s.reactor.run();
  EXPECT_EQ(take_answer(peer->received).status, 413);
  EXPECT_EQ(s.holder.too_large, 1);
}

TEST(Connection, a_handler_can_refuse_before_the_body) {
  Site s;
  s.holder.refuse_body = true;
  auto peer = s.connect();
  peer->send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nabc");
  s.reactor.run();
  EXPECT_EQ(take_answer(peer->received).status, 403);
  EXPECT_TRUE(peer->closed);
  EXPECT_TRUE(s.holder.held.empty());
}

TEST(Connection, expect_100_continue_is_answered_when_the_body_is_welcome) {
  Site s;
  s.holder.at_once = true;
  auto peer = s.connect();
  peer->send("POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  s.reactor.run();
  EXPECT_EQ(peer->take(), "HTTP/1.1 100 Continue\r\n\r\n");
  peer->send("hi");
  s.reactor.run();
  EXPECT_EQ(take_answer(peer->received).body, "body:hi");
}

TEST(Connection, an_unwelcome_body_gets_no_100_continue) {
  Site s;
  auto peer = s.connect();
  peer->send("POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n");
  s.reactor.run();
  EXPECT_EQ(take_answer(peer->received).status, 413);
}

TEST(Connection, an_exchange_that_is_dropped_unanswered_is_a_500) {
  Site s;
  auto peer = s.connect();
  peer->send(get_request("/a"));
  s.holder.held.clear();
  s.reactor.run();
  EXPECT_EQ(take_answer(peer->received).status, 500);
  EXPECT_TRUE(peer->closed);
}

TEST(Connection, a_peer_that_goes_away_aborts_its_exchanges) {
  Site s;
  auto peer = s.connect();
  peer->send(get_request("/a") + get_request("/a"));
  peer->send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nabc");
  peer->hang_up();
  EXPECT_EQ(s.holder.aborted, 3);
  EXPECT_FALSE(s.holder.held[0]->open());
  s.holder.answer_next("nobody hears");
  s.reactor.run();
  EXPECT_EQ(s.http.connections(), 0U);
}

TEST(Connection, a_dropped_connection_is_reset) {
  Site s;
  auto peer = s.connect();
  peer->send(get_request("/a") + get_request("/a"));
  s.holder.held[0]->drop();
  EXPECT_TRUE(peer->aborted);
  EXPECT_EQ(s.holder.aborted, 1) << "the other one hears of it";
}

TEST(Connection, can_be_taken_over_with_what_was_received_behind_the_request) {
  Site s;
  auto peer = s.connect();
  peer->send(get_request("/alone") + "raw bytes");
  peer->send(" and more");
  auto exchange = std::move(s.alone.held.front());
  auto upgraded = exchange->upgrade();
  EXPECT_EQ(upgraded.received, "raw bytes and more");
  EXPECT_TRUE(upgraded.stream->open());
  s.reactor.run();
  EXPECT_EQ(s.http.connections(), 0U);
  EXPECT_FALSE(peer->closed || peer->aborted);
}

TEST(Connection, an_idle_peer_is_let_go_after_its_time) {
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

TEST(Connection, a_head_that_drips_is_cut_off) {
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

TEST(Connection, a_body_that_drips_is_cut_off_and_its_handler_hears) {
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

TEST(Connection, a_busy_peer_is_never_timed_out) {
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

TEST(Connection, a_held_request_has_no_deadline) {
  Site s;
  auto peer = s.connect();
  peer->send(get_request("/a"));
  s.pass(600'000);
  EXPECT_FALSE(peer->closed);
  EXPECT_EQ(s.reactor.armed_timers(), 0U);
}

TEST(Connection, draining_closes_the_idle_and_lets_the_busy_finish) {
  Site s;
  auto idle = s.connect();
  auto busy = s.connect();
  busy->send(get_request("/a"));
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

TEST(Connection, a_server_that_dies_tells_the_holders_of_exchanges) {
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
  http.reset();
  EXPECT_EQ(holder.aborted, 1);
  EXPECT_FALSE(holder.held[0]->open());
  EXPECT_TRUE(peer->aborted);
}

}  // namespace
}  // namespace kith::front
