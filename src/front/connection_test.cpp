#include "front/connection.hpp"

#include "base/limits.hpp"
#include "front/connection_test_site.hpp"

#include <gtest/gtest.h>

namespace kith::front {
namespace {

using testing::get_request;
using testing::post_request;
using testing::Site;
using testing::take_answer;

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
  s.reactor.run();
  EXPECT_EQ(s.alone.held.size(), 1U);
  s.alone.answer_next("done");
  s.reactor.run();
  EXPECT_EQ(take_answer(peer->received).body, "done");
  EXPECT_GE(take_answer(peer->received).status, 400) << "then it is read, and is no request";
}

TEST(Connection, a_peer_that_asks_on_and_reads_no_answers_is_not_heard_until_it_reads) {
  Site s;
  s.holder.at_once = true;
  s.holder.body_bytes_max = base::limits::http_unsent_bytes_max;
  const auto large = post_request("/a", std::string(50'000, 'x'));
  constexpr int asked = 100;
  auto peer = s.connect();
  peer->stall();
  std::string all;
  for (int i = 0; i < asked; ++i)
    all += large;
  peer->send(all);
  s.reactor.run();
  EXPECT_LE(s.holder.heads, 10);
  int answered = 0;
  for (peer->read_again(); answered < asked; ++answered) {
    s.reactor.run();
    if (take_answer(peer->received).status != 200) break;
  }
  EXPECT_EQ(answered, asked);
}

TEST(Connection, answers_given_later_hold_back_what_follows_too) {
  Site s;
  auto peer = s.connect();
  peer->stall();
  peer->send(get_request("/a"));
  s.reactor.run();
  s.holder.answer_next(std::string(base::limits::http_unsent_bytes_max, 'x'));
  peer->send(get_request("/a"));
  s.reactor.run();
  EXPECT_TRUE(s.holder.held.empty());
  peer->read_again();
  s.reactor.run();
  EXPECT_EQ(s.holder.held.size(), 1U);
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
  s.reactor.run();
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
  const auto refusal = take_answer(peer->received);
  EXPECT_EQ(refusal.status, 400);
  EXPECT_TRUE(refusal.has("Content-Type: application/problem+json"));
  EXPECT_NE(refusal.body.find(R"("code":"validation_failed")"), std::string::npos) << refusal.body;
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

}  // namespace
}  // namespace kith::front
