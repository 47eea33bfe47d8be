#include "front/incoming.hpp"

#include "front/engine_server.hpp"
#include "front/test_world.hpp"

#include <gtest/gtest.h>

namespace kith::front {
namespace {

using testing::frames;
using testing::post_request;
using testing::Strings;
using testing::take_answer;
using testing::text_frame;
using testing::World;
namespace limits = base::limits;

constexpr std::size_t large_bytes = 15'000'000;
constexpr std::size_t large_ones = limits::incoming_bytes_max / large_bytes;  // fit together

EngineOptions large_payloads() {
  EngineOptions options;
  options.max_payload_bytes = large_bytes + 1'000;
  return options;
}

std::string begun(const std::string& whole) {
  return whole.substr(0, whole.size() - 10);
}

TEST(Incoming, those_that_hold_much_are_refused_first_and_the_smallest_never) {
  Incoming all;
  Incoming::Share mine{all};
  Incoming::Share small{all};
  EXPECT_TRUE(mine.set(limits::incoming_bytes_max));
  EXPECT_FALSE(mine.set(limits::incoming_bytes_max + 1));
  EXPECT_TRUE(small.set(limits::incoming_fair_bytes));
  EXPECT_FALSE(mine.set(2 * limits::incoming_bytes_max));
  EXPECT_FALSE(small.set(limits::incoming_fair_bytes));
  EXPECT_TRUE(small.set(limits::incoming_small_bytes));
  EXPECT_TRUE(mine.set(100));
  EXPECT_EQ(all.bytes(), 100 + limits::incoming_small_bytes);
}

TEST(Incoming, what_a_peer_held_is_given_back_when_it_dies) {
  Incoming all;
  { EXPECT_TRUE(Incoming::Share{all}.set(1'000)); }
  EXPECT_EQ(all.bytes(), 0U);
}

TEST(Incoming, websockets_with_large_messages_in_parts_are_closed_when_they_are_too_many) {
  World w(large_payloads());
  const auto whole = text_frame("4" + std::string(large_bytes, 'x'));
  std::vector<std::shared_ptr<ports::FakePeer>> peers;
  for (std::size_t i = 0; i < large_ones; ++i) {
    peers.push_back(w.open_websocket());
    peers.back()->send(begun(whole));
    w.run();
    EXPECT_FALSE(peers.back()->closed);
  }
  auto refused = w.open_websocket();
  refused->send(begun(whole));
  auto small = w.open_websocket();
  const auto hello = text_frame("4hello to you");
  small->send(begun(hello));
  w.run();
  EXPECT_EQ(frames(refused->take()), (Strings{"close 1013"}));
  EXPECT_TRUE(refused->closed);
  EXPECT_EQ(w.service.take(), (Strings{"closed transport error"}));
  small->send(hello.substr(hello.size() - 10));
  w.run();
  EXPECT_EQ(w.service.take(), (Strings{"text hello to you"}));

  peers.front()->hang_up();
  auto later = w.open_websocket();
  later->send(whole);
  w.run();
  EXPECT_FALSE(later->closed);
}

TEST(Incoming, posts_that_announce_too_much_together_come_back_later) {
  World w(large_payloads());
  const std::string body = "4" + std::string(large_bytes, 'x');
  std::vector<std::shared_ptr<ports::FakePeer>> peers;
  const auto begin = [&](const std::string& url) {
    auto peer = w.connect();
    peer->send(begun(post_request(url, body)));
    w.run();
    return peer;
  };
  for (std::size_t i = 0; i < large_ones; ++i) {
    peers.push_back(begin(w.open_session()));
    EXPECT_EQ(peers.back()->received, "");
  }
  const auto url = w.open_session();
  const auto answer = take_answer(begin(url)->received);
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.has("Retry-After: 1"));
  EXPECT_EQ(w.ask(post_request(url, "4small")).body, "ok") << "the session lives";
  EXPECT_EQ(w.service.take(), (Strings{"text small"}));

  peers.back()->hang_up();
  w.run();
  EXPECT_EQ(w.service.take(), (Strings{"closed transport error"}));
  EXPECT_EQ(w.ask(post_request(url, body)).body, "ok");
}

TEST(Incoming, a_session_that_ends_reads_no_more_of_its_post) {
  World w;
  const auto url = w.open_session();
  auto peer = w.connect();
  peer->send(begun(post_request(url, std::string(1'000, '4'))));
  w.run();
  w.service.socket().close();
  w.pass(limits::polling_close_wait_ms + 100);
  EXPECT_TRUE(peer->closed);
}

}  // namespace
}  // namespace kith::front
