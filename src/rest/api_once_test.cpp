#include "base/limits.hpp"
#include "rest/api.hpp"
#include "rest/api_test_world.hpp"

#include <gtest/gtest.h>

// Writes that are sent again.
namespace kith::rest::testing {
namespace {

namespace limits = base::limits;
using base::Errc;
using namespace std::string_literals;

constexpr std::string_view cid = "c_AAAAAAAAAAAAAAAAAAAAAA";

std::string in(std::string_view tail) {
  return "/v1/conversations/" + std::string{cid} + std::string{tail};
}

class ApiOnceTest : public ::testing::Test {
 protected:
  ApiWorld world_;
  std::string ann_ = world_.token("ann");
};

TEST_F(ApiOnceTest, an_idempotency_key_is_the_client_id_of_a_body_without_one) {
  world_.post(in("/messages"), R"({"text":"hi"})", ann_, "Idempotency-Key: k \"7\"\r\n");
  EXPECT_EQ(world_.taken().args,
            R"({"client_id":"k \"7\"","text":"hi","cid":")" + std::string{cid} + "\"}");
  world_.post(
      in("/messages"), R"({"text":"hi","client_id":"body"})", ann_, "Idempotency-Key: k\r\n");
  EXPECT_EQ(
      world_.taken().args,
      R"({"client_id":"k","text":"hi","client_id":"body","cid":")" + std::string{cid} + "\"}");
  world_.post(in("/messages"), R"({"text":"hi","client_id":null})", ann_, "Idempotency-Key: k\r\n");
  EXPECT_TRUE(world_.taken().args.ends_with(R"(,"client_id":"k"})"));
  world_.post("/v1/conversations", " ", ann_, "Idempotency-Key: k\r\n");
  EXPECT_EQ(world_.taken().args, R"({"client_id":"k"})");
  const std::string long_key(limits::client_id_bytes_max, 'k');
  world_.post(in("/messages"), "{}", ann_, "Idempotency-Key: " + long_key + "\r\n");
  world_.taken();
  for (const std::string& wrong : {"a\r\nIdempotency-Key: b"s, "\xff"s, ""s, long_key + "k"})
    EXPECT_EQ(world_.post(in("/messages"), "{}", ann_, "Idempotency-Key: " + wrong + "\r\n").status,
              400)
        << wrong;
  EXPECT_TRUE(world_.asked.empty());
}

TEST_F(ApiOnceTest, what_reads_or_only_says_how_things_shall_be_takes_no_notice_of_a_key) {
  for (int i = 0; i < 2; ++i) {
    world_.post(in("/read"), R"({"seq":9})", ann_, "Idempotency-Key: \xff\r\n");
    world_.taken();
  }
}

TEST_F(ApiOnceTest, a_write_under_a_key_is_done_once_and_answered_as_often_as_it_is_sent) {
  const auto add = [&](std::string_view bearer, std::string_view who, std::string_view more) {
    return world_.post(in("/members"), R"({"users":[")" + std::string{who} + "\"]}", bearer, more);
  };
  constexpr std::string_view keyed = "Idempotency-Key: k\r\n";
  world_.answer = commands::Answer{R"({"added":["bob"]})", {}};
  EXPECT_EQ(add(ann_, "bob", keyed).body, R"({"added":["bob"]})");
  EXPECT_EQ(world_.taken().args, R"({"users":["bob"],"cid":")" + std::string{cid} + "\"}");
  world_.answer = commands::Answer{R"({"added":[]})", {}};
  EXPECT_EQ(add(ann_, "bob", keyed).body, R"({"added":["bob"]})");
  EXPECT_TRUE(world_.asked.empty());
  EXPECT_EQ(add(ann_, "carl", keyed).status, 409);
  EXPECT_TRUE(world_.asked.empty());
  // Another key, none, another user, and the application itself: each is another write.
  for (const auto& answer : {add(ann_, "bob", "Idempotency-Key: k2\r\n"),
                             add(ann_, "bob", ""),
                             add(world_.token("bob"), "bob", keyed),
                             add(server_key, "bob", keyed)}) {
    EXPECT_EQ(answer.body, R"({"added":[]})");
  }
  EXPECT_EQ(world_.asked.size(), 4U);
  EXPECT_EQ(world_.api->in_flight(), 0U);
}

TEST_F(ApiOnceTest, one_key_names_one_write_whatever_its_path_and_method) {
  constexpr std::string_view keyed = "Idempotency-Key: k\r\n";
  EXPECT_EQ(world_.post("/v1/conversations", R"({"title":"a"})", ann_, keyed).status, 201);
  EXPECT_EQ(world_.post("/v1/conversations", R"({"title":"a"})", ann_, keyed).status, 201);
  EXPECT_EQ(world_.post("/v1/conversations", R"({"title":"b"})", ann_, keyed).status, 409);
  EXPECT_EQ(world_.post(in("/members"), R"({"title":"a"})", ann_, keyed).status, 409);
  auto patch =
      post_request(in("/members"), R"({"title":"a"})", ApiWorld::json(ann_) + std::string{keyed});
  patch.replace(0, 4, "PATCH");
  EXPECT_EQ(world_.ask(patch).status, 409);
  EXPECT_EQ(world_.asked.size(), 1U);
}

TEST_F(ApiOnceTest, who_sends_a_write_again_while_it_is_done_waits_for_its_answer) {
  world_.hold = true;
  auto first = world_.connect();
  auto second = world_.connect();
  const auto request = post_request(
      in("/members"), R"({"users":["bob"]})", ApiWorld::json(ann_) + "Idempotency-Key: k\r\n");
  first->send(request);
  world_.reactor.run();
  second->send(request);
  world_.reactor.run();
  EXPECT_EQ(world_.asked.size(), 1U);
  EXPECT_EQ(world_.api->in_flight(), 2U);
  world_.held.at(0)(commands::Answer{R"({"added":["bob"]})", {}});
  world_.reactor.run();
  EXPECT_EQ(take_answer(first->received).body, R"({"added":["bob"]})");
  EXPECT_EQ(take_answer(second->received).body, R"({"added":["bob"]})");
  world_.held.clear();
  EXPECT_EQ(world_.api->in_flight(), 0U);
}

TEST_F(ApiOnceTest, a_write_that_failed_or_was_dropped_is_tried_again_under_its_key) {
  world_.hold = true;
  const auto request = post_request(
      in("/members"), R"({"users":["bob"]})", ApiWorld::json(ann_) + "Idempotency-Key: k\r\n");
  std::vector<std::shared_ptr<ports::FakePeer>> peers;
  for (int i = 0; i < 3; ++i) {
    peers.push_back(world_.connect());
    peers.back()->send(request);
    world_.reactor.run();
  }
  world_.held.at(0)(base::Fault{Errc::unavailable, "later"});
  world_.reactor.run();
  EXPECT_EQ(take_answer(peers[0]->received).status, 503);
  ASSERT_EQ(world_.held.size(), 2U);
  world_.held.at(1) = {};  // never answered
  world_.reactor.run();
  EXPECT_EQ(take_answer(peers[1]->received).status, 500);
  ASSERT_EQ(world_.held.size(), 3U);
  world_.held.at(2)(commands::Answer{R"({"added":["bob"]})", {}});
  world_.reactor.run();
  EXPECT_EQ(take_answer(peers[2]->received).status, 200);
}

TEST_F(ApiOnceTest, a_user_is_thrown_out_once_under_a_key) {
  const auto request = "DELETE /v1/users/ann/sessions HTTP/1.1\r\nHost: x\r\n" +
                       ApiWorld::auth(server_key) + "Idempotency-Key: k\r\n\r\n";
  const auto first = world_.ask(request);
  world_.reactor.advance(std::chrono::seconds{5});
  EXPECT_EQ(world_.ask(request).body, first.body);
  EXPECT_EQ(world_.revoked.size(), 1U);
}

}  // namespace
}  // namespace kith::rest::testing
