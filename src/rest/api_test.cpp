#include "rest/api.hpp"

#include "base/limits.hpp"
#include "base/names.hpp"
#include "rest/answer.hpp"
#include "rest/api_test_world.hpp"
#include "rest/openapi.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace kith::rest::testing {
namespace {

namespace limits = base::limits;
using base::Errc;
using namespace std::string_literals;

constexpr std::string_view cid = "c_AAAAAAAAAAAAAAAAAAAAAA";

std::string in(std::string_view tail) {
  return "/v1/conversations/" + std::string{cid} + std::string{tail};
}

class ApiTest : public ::testing::Test {
 protected:
  ApiWorld world_;
  std::string ann_ = world_.token("ann");
};

TEST_F(ApiTest, a_message_is_the_command_with_the_conversation_of_the_path) {
  const auto answer = world_.post(in("/messages"), R"({"text":"hi"})", ann_);
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, R"({"fine":true})");
  EXPECT_TRUE(answer.has("Content-Type: application/json\r\n"));
  EXPECT_TRUE(answer.has("Cache-Control: no-store\r\n"));
  const auto asked = world_.taken();
  EXPECT_EQ(asked.command, "message.send");
  EXPECT_EQ(asked.args, R"({"text":"hi","cid":")" + std::string{cid} + R"("})");
  EXPECT_EQ(asked.caller.app, base::AppId{1});
  EXPECT_EQ(asked.caller.user.str(), "ann");
  EXPECT_FALSE(asked.caller.application);
  EXPECT_EQ(asked.caller.settings, &world_.settings[base::AppId{1}]);
  EXPECT_EQ(asked.caller.origin.session, 0U);
}

TEST_F(ApiTest, every_route_runs_its_command) {
  const auto expect =
      [this](const Answer& answer, int status, std::string_view command, std::string_view args) {
        EXPECT_EQ(answer.status, status) << command;
        const auto asked = world_.taken();
        EXPECT_EQ(asked.command, command);
        EXPECT_EQ(asked.args, args);
      };
  const std::string named = R"("cid":")" + std::string{cid} + "\"}";
  expect(world_.post("/v1/conversations", R"({"kind":"group"})", ann_),
         201,
         "conversation.create",
         R"({"kind":"group"})");
  expect(world_.get(in(""), ann_), 200, "conversation.get", "{" + named);
  expect(world_.get(in("/messages?before=7&limit=3&x=1"), ann_),
         200,
         "message.history",
         R"({"before":7,"limit":3,)" + named);
  expect(world_.get(in("/members?limit=2&next=b%20b"), ann_),
         200,
         "member.list",
         R"({"limit":2,"next":"b b",)" + named);
  expect(world_.post(in("/members"), R"({"users":["bob"]})", ann_),
         200,
         "member.add",
         R"({"users":["bob"],)" + named);
  expect(world_.ask("DELETE " + in("/members?user=bob") + " HTTP/1.1\r\nHost: x\r\n" +
                    ApiWorld::auth(ann_) + "\r\n"),
         200,
         "member.remove",
         R"({"user":"bob",)" + named);
  expect(world_.post(in("/read"), R"({"seq":9})", ann_),
         200,
         "receipt.read",
         R"({"cursors":[{"cid":")" + std::string{cid} + R"(","seq":9}]})");
  expect(world_.get("/v1/users/ann/conversations?limit=5&next=abc", ann_),
         200,
         "conversation.list",
         R"({"limit":5,"next":"abc"})");
  expect(world_.get("/v1/presence?user=bob&user=carl", ann_),
         200,
         "presence.get",
         R"({"users":["bob","carl"]})");
}

TEST_F(ApiTest, what_it_is_may_be_read_by_all) {
  const auto answer = world_.ask(get_request("/v1/openapi.json", ""));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, openapi_json());
  EXPECT_EQ(world_.get("/v1/openapi.json", "no token").status, 401);
}

TEST_F(ApiTest, what_is_there_is_changed_by_a_patch) {
  const auto patch = [&](const std::string& path, const std::string& body) {
    auto request = post_request(path, body, ApiWorld::json(ann_));
    request.replace(0, 4, "PATCH");
    EXPECT_EQ(world_.ask(request).status, 200);
    return world_.taken();
  };
  const std::string named = R"("cid":")" + std::string{cid} + "\"}";
  const auto update = patch(in(""), R"({"title":null})");
  EXPECT_EQ(update.command, "conversation.update");
  EXPECT_EQ(update.args, R"({"title":null,)" + named);
  const auto role = patch(in("/members"), R"({"user":"bob","role":"admin"})");
  EXPECT_EQ(role.command, "member.update");
  EXPECT_EQ(role.args, R"({"user":"bob","role":"admin",)" + named);
}

TEST_F(ApiTest, a_member_can_also_be_removed_by_a_body) {
  auto request = post_request(in("/members"), R"({"user":"bob"})", ApiWorld::json(ann_));
  request.replace(0, 4, "DELETE");
  EXPECT_EQ(world_.ask(request).status, 200);
  EXPECT_EQ(world_.taken().args, R"({"user":"bob","cid":")" + std::string{cid} + "\"}");
}

TEST_F(ApiTest, a_path_may_name_a_conversation_by_the_applications_id_or_by_a_user) {
  world_.get("/v1/conversations/ext:order%2F7%22", ann_);
  EXPECT_EQ(world_.taken().args, R"({"external_id":"order/7\""})");
  world_.post("/v1/conversations/to:b%C3%B6b/messages", R"({"text":"hi"})", ann_);
  EXPECT_EQ(world_.taken().args, R"({"text":"hi","to":"böb"})");
}

TEST_F(ApiTest, a_read_mark_finds_its_conversation_by_the_applications_id) {
  base::Cid found;
  found.bytes[0] = 7;
  world_.store.names["order 7"] = found;
  auto peer = world_.connect();
  peer->send(
      post_request("/v1/conversations/ext:order%207/read", R"({"seq":3})", ApiWorld::json(ann_)));
  world_.reactor.run();
  EXPECT_TRUE(world_.asked.empty());
  world_.store.answer_all();
  world_.reactor.run();
  EXPECT_EQ(world_.taken().args,
            R"({"cursors":[{"cid":")" + base::to_text(found) + R"(","seq":3}]})");
  EXPECT_EQ(take_answer(peer->received).status, 200);
  EXPECT_EQ(world_.api->in_flight(), 0U);
}

TEST_F(ApiTest, a_read_mark_in_an_unknown_conversation_is_not_found) {
  auto peer = world_.connect();
  peer->send(post_request("/v1/conversations/ext:x/read", R"({"seq":3})", ApiWorld::json(ann_)));
  world_.reactor.run();
  world_.store.answer_all();
  world_.reactor.run();
  EXPECT_EQ(take_answer(peer->received).status, 404);
  EXPECT_EQ(world_.post("/v1/conversations/c_x/read", R"({"seq":3})", ann_).status, 404);
  for (const char* body : {"{}", R"({"seq":-1})", R"({"seq":"3"})", R"({"seq":9007199254740992})"})
    EXPECT_EQ(world_.post(in("/read"), body, ann_).status, 400) << body;
  EXPECT_TRUE(world_.asked.empty());
}

TEST_F(ApiTest, a_lookup_that_ends_after_the_api_is_answered_all_the_same) {
  auto peer = world_.connect();
  world_.store.names["x"] = {};
  peer->send(post_request("/v1/conversations/ext:x/read", R"({"seq":3})", ApiWorld::json(ann_)));
  world_.reactor.run();
  peer->hang_up();
  world_.reactor.run();
  world_.api.reset();
  world_.store.answer_all();
  EXPECT_TRUE(world_.asked.empty());
}

TEST_F(ApiTest, a_feature_that_was_left_out_is_said_so) {
  ApiWorld bare{{}, false};
  const auto answer = bare.post(in("/read"), R"({"seq":3})", bare.token("ann"));
  EXPECT_EQ(answer.status, 403);
  EXPECT_NE(answer.body.find("feature_disabled"), std::string::npos);
}

TEST_F(ApiTest, a_fault_of_a_command_is_its_status_and_an_object) {
  world_.answer = base::Fault{base::Errc::rate_limited, "too many messages", 1'500};
  const auto limited = world_.post(in("/messages"), "{}", ann_);
  EXPECT_EQ(limited.status, 429);
  EXPECT_TRUE(limited.has("Retry-After: 2\r\n"));
  EXPECT_EQ(limited.body, problem_json(world_.answer.error(), 429));
  world_.answer = base::Fault{base::Errc::not_found, "no such conversation"};
  EXPECT_EQ(world_.get(in(""), ann_).status, 404);
}

TEST_F(ApiTest, an_answer_may_come_later_or_after_the_client_has_gone) {
  world_.hold = true;
  auto patient = world_.connect();
  auto gone = world_.connect();
  patient->send(get_request(in(""), ApiWorld::auth(ann_)));
  gone->send(get_request(in(""), ApiWorld::auth(ann_)));
  world_.reactor.run();
  EXPECT_EQ(take_answer(patient->received).status, 0);
  EXPECT_EQ(world_.api->in_flight(), 2U);
  gone->hang_up();
  world_.reactor.run();
  for (auto& reply : world_.held)
    reply(world_.answer);
  world_.held.clear();
  world_.reactor.run();
  EXPECT_EQ(take_answer(patient->received).status, 200);
  EXPECT_EQ(gone->received, "");
  EXPECT_EQ(world_.api->in_flight(), 0U);
  EXPECT_EQ(world_.api->commands_run(), 2U);
}

TEST_F(ApiTest, a_command_that_forgets_to_answer_is_an_internal_error) {
  world_.hold = true;
  auto peer = world_.connect();
  peer->send(get_request(in(""), ApiWorld::auth(ann_)));
  world_.reactor.run();
  world_.held.clear();
  world_.reactor.run();
  const auto answer = take_answer(peer->received);
  EXPECT_EQ(answer.status, 500);
  EXPECT_NE(answer.body.find(R"("code":"internal")"), std::string::npos);
  EXPECT_EQ(world_.api->in_flight(), 0U);
}

TEST_F(ApiTest, more_than_so_many_commands_at_once_are_refused) {
  world_.hold = true;
  std::vector<std::shared_ptr<ports::FakePeer>> peers;
  for (std::size_t i = 0; i < limits::rest_in_flight_max; ++i) {
    peers.push_back(world_.connect());
    peers.back()->send(get_request(in(""), ApiWorld::auth(ann_)));
  }
  world_.reactor.run();
  EXPECT_EQ(world_.api->in_flight(), limits::rest_in_flight_max);
  const auto refused = world_.get(in(""), ann_);
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(refused.has("Retry-After: 1\r\n"));
  EXPECT_NE(refused.body.find(R"("code":"overloaded")"), std::string::npos);
  world_.held.clear();
  world_.hold = false;
  EXPECT_EQ(world_.get(in(""), ann_).status, 200);
}

// ---- who asks

TEST_F(ApiTest, nobody_and_the_wrong_one_are_told_how_to_prove_who_they_are) {
  for (const std::string& headers : {std::string{},
                                     ApiWorld::auth("x.y.z"),
                                     ApiWorld::auth(""),
                                     ApiWorld::auth("sk_srv_wrong"),
                                     "Authorization: Basic YTpi\r\n"s,
                                     ApiWorld::auth(ann_) + ApiWorld::auth(ann_)}) {
    const auto answer = world_.ask(get_request(in(""), headers));
    EXPECT_EQ(answer.status, 401) << headers;
    EXPECT_TRUE(answer.has("WWW-Authenticate: Bearer realm=\"kith\"\r\n"));
    EXPECT_NE(answer.body.find(R"("code":"unauthenticated")"), std::string::npos);
  }
  EXPECT_TRUE(world_.asked.empty());
}

TEST_F(ApiTest, an_expired_token_is_said_so) {
  world_.reactor.advance(std::chrono::minutes{2});
  const auto answer = world_.get(in(""), ann_);
  EXPECT_EQ(answer.status, 401);
  EXPECT_NE(answer.body.find(R"("code":"token_expired")"), std::string::npos);
}

TEST_F(ApiTest, a_server_key_is_the_application_or_acts_for_a_user) {
  world_.get(in("/members"), server_key);
  auto asked = world_.taken();
  EXPECT_TRUE(asked.caller.application);
  EXPECT_TRUE(asked.caller.server_key);
  EXPECT_TRUE(asked.caller.user.empty());
  world_.ask(get_request(in(""), ApiWorld::auth(server_key) + "On-Behalf-Of: b%C3%B6b\r\n"));
  asked = world_.taken();
  EXPECT_FALSE(asked.caller.application);
  EXPECT_TRUE(asked.caller.server_key);
  EXPECT_EQ(asked.caller.user.str(), "böb");
  world_.get("/v1/users/carl/conversations", server_key);
  EXPECT_EQ(world_.taken().caller.user.str(), "carl");
}

TEST_F(ApiTest, on_behalf_of_is_for_server_keys_and_names_one_user) {
  const auto with = [this](std::string_view bearer, std::string_view headers) {
    return world_.ask(get_request(in(""), ApiWorld::auth(bearer) + std::string{headers})).status;
  };
  EXPECT_EQ(with(ann_, "On-Behalf-Of: bob\r\n"), 403);
  EXPECT_EQ(with(ann_, "On-Behalf-Of: ann\r\n"), 403);
  EXPECT_EQ(with(server_key, "On-Behalf-Of: \r\n"), 400);
  EXPECT_EQ(with(server_key, "On-Behalf-Of: %zz\r\n"), 400);
  EXPECT_EQ(with(server_key, "On-Behalf-Of: %ff\r\n"), 400);
  EXPECT_EQ(with(server_key, "On-Behalf-Of: a\r\nOn-Behalf-Of: b\r\n"), 400);
  EXPECT_EQ(with(server_key, "On-Behalf-Of: " + std::string(65, 'x') + "\r\n"), 400);
  EXPECT_TRUE(world_.asked.empty());
}

TEST_F(ApiTest, what_a_server_key_changes_is_recorded) {
  const std::string behalf = "On-Behalf-Of: ann\r\n";
  world_.post(in("/messages"), R"({"text":"secret words"})", server_key, behalf);
  world_.ask(post_request("/v1/users/bob/tokens", "{}", ApiWorld::json(server_key)));
  world_.ask(get_request(in(""), ApiWorld::auth(server_key) + behalf));  // looks only
  world_.post(in("/messages"), R"({"text":"hi"})", ann_);                // for himself
  world_.post(in("/members"), R"({"users":["cid"]})", server_key);       // as the application
  EXPECT_EQ(
      world_.log.lines,
      (std::vector<std::string>{
          "level=audit event=acted_for app=shop kid=srv user=ann what=message.send in=" +
              std::string{cid} + R"( seq="" code=ok)",
          R"(level=audit event=acted_for app=shop kid=srv user=bob what=token in="" seq="" code=ok)",
          R"(level=audit event=acted app=shop kid=srv user="" what=member.add in=)" +
              std::string{cid} + R"( seq="" code=ok)"}));
}

TEST_F(ApiTest, nobody_reads_the_list_of_another_user) {
  EXPECT_EQ(world_.get("/v1/users/bob/conversations", ann_).status, 403);
  EXPECT_EQ(world_
                .ask(get_request("/v1/users/bob/conversations",
                                 ApiWorld::auth(server_key) + "On-Behalf-Of: ann\r\n"))
                .status,
            403);
  EXPECT_EQ(world_.get("/v1/users/%ff/conversations", ann_).status, 400);
  EXPECT_TRUE(world_.asked.empty());
}

TEST_F(ApiTest, before_the_keys_are_known_only_the_limits_answer) {
  world_.api->set_credentials(nullptr);
  EXPECT_EQ(world_.get(in(""), ann_).status, 503);
  EXPECT_EQ(world_.ask(get_request("/v1/limits")).status, 200);
}

// ---- tokens

TEST_F(ApiTest, a_server_key_makes_tokens_that_are_accepted) {
  const auto answer =
      world_.post("/v1/users/b%C3%B6b/tokens", R"({"ttl_s":60,"name":"Bob"})", server_key);
  ASSERT_EQ(answer.status, 201);
  EXPECT_NE(answer.body.find(R"("expires_at":"2026-01-01T10:01:00.000Z")"), std::string::npos);
  const auto at = answer.body.find(R"("token":")") + 9;
  const auto made = answer.body.substr(at, answer.body.find('"', at) - at);
  const front::Credentials credentials{test_directory(), front::DevMode::off};
  wire::json::Parser parser;
  const auto identity = credentials.verify_token(made, world_.clock.wall(), parser);
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->user.str(), "böb");
  EXPECT_EQ(identity->name, "Bob");
  EXPECT_EQ(identity->app_name, "shop");
  EXPECT_EQ(world_.get(in(""), made).status, 200);
}

TEST_F(ApiTest, a_token_lives_a_day_if_nothing_is_said) {
  const auto answer = world_.post("/v1/users/bob/tokens", "", server_key);
  EXPECT_EQ(answer.status, 201);
  EXPECT_NE(answer.body.find(R"("expires_at":"2026-01-02T10:00:00.000Z")"), std::string::npos);
}

TEST_F(ApiTest, wrong_wishes_for_a_token_are_refused) {
  const auto status = [this](std::string_view body) {
    return world_.post("/v1/users/bob/tokens", body, server_key).status;
  };
  EXPECT_EQ(status(R"({"ttl_s":315360000})"), 201);
  for (const char* ttl : {"315360001", "0", "-1", "1.5", "\"60\"", "1e400", "[]"})
    EXPECT_EQ(status(R"({"ttl_s":)" + std::string{ttl} + "}"), 400) << ttl;
  EXPECT_EQ(status(R"({"name":7})"), 400);
  EXPECT_EQ(status(R"({"name":")" + std::string(129, 'x') + "\"}"), 413);
  EXPECT_EQ(status(R"({"avatar":")" + std::string(2049, 'x') + "\"}"), 413);
  EXPECT_EQ(world_.post("/v1/users/%0a/tokens", "", server_key).status, 400);
}

TEST_F(ApiTest, users_make_no_tokens_not_even_their_own) {
  EXPECT_EQ(world_.post("/v1/users/ann/tokens", "", ann_).status, 403);
  EXPECT_EQ(world_.post("/v1/users/bob/tokens", "", ann_).status, 403);
}

TEST_F(ApiTest, an_application_without_a_signing_key_makes_no_tokens) {
  const auto answer = world_.post("/v1/users/bob/tokens", "", keyless_server_key);
  EXPECT_EQ(answer.status, 409);
  EXPECT_NE(answer.body.find("kith app key add"), std::string::npos);
}

// ---- the shape of requests

TEST_F(ApiTest, unknown_paths_and_methods_are_said_so) {
  for (const char* target : {"/v1/",
                             "/v1/nothing",
                             "/v1/conversations/",
                             "/v1/conversations//messages",
                             "/v1/conversations/x/",
                             "/v1/conversations/x/messages/1",
                             "/v1%2Flimits",
                             "/v1/users/ann"}) {
    const auto answer = world_.get(target, ann_);
    EXPECT_EQ(answer.status, 404) << target;
    EXPECT_NE(answer.body.find(R"("code":"not_found")"), std::string::npos);
  }
  const auto wrong = world_.ask("PUT " + in("/members") + " HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_TRUE(wrong.has("Allow: GET, HEAD, POST, PATCH, DELETE\r\n"));
  const auto options = world_.ask("OPTIONS " + in("/read") + " HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(options.status, 204);
  EXPECT_TRUE(options.has("Allow: POST\r\n"));
}

TEST_F(ApiTest, head_is_get_without_its_body) {
  auto peer = world_.connect();
  auto request = get_request(in(""), ApiWorld::auth(ann_));
  peer->send(request.replace(0, 3, "HEAD"));
  world_.reactor.run();
  const auto answer = take_answer(peer->received, true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(peer->received, "");
}

TEST_F(ApiTest, a_body_is_json_and_says_so) {
  const auto with = [this](std::string_view headers) {
    return world_
        .ask(post_request(in("/messages"), "{}", ApiWorld::auth(ann_) + std::string{headers}))
        .status;
  };
  EXPECT_EQ(with(""), 415);
  EXPECT_EQ(with("Content-Type: text/plain\r\n"), 415);
  EXPECT_EQ(with("Content-Type: application/x-www-form-urlencoded\r\n"), 415);
  EXPECT_EQ(with("Content-Type: application/json\r\nContent-Encoding: gzip\r\n"), 415);
  EXPECT_EQ(with("Content-Type: APPLICATION/JSON ; charset=utf-8\r\n"), 201);
  auto get = post_request(in("/messages"), "{}", ApiWorld::json(ann_));
  EXPECT_EQ(world_.ask("GET" + get.substr(4)).status, 400);
}

TEST_F(ApiTest, a_body_that_is_no_object_is_refused) {
  for (const std::string& body : {"["s,
                                  "[]"s,
                                  "7"s,
                                  "null"s,
                                  "{"s,
                                  "}"s,
                                  "{}}"s,
                                  "{}{}"s,
                                  R"({"a":1,})"s,
                                  R"({"a":"})"s,
                                  R"({"a":{})"s,
                                  R"({"a":"\})"s,
                                  R"({a:1})"s,
                                  "{\"a\":\"\xff\"}"s,
                                  "{\"a\":\"\x01\"}"s,
                                  "\xef\xbb\xbf{}"s})
    EXPECT_EQ(world_.post(in("/messages"), body, ann_).status, 400) << body;
  EXPECT_EQ(world_
                .post(in("/messages"),
                      R"({"a":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}",
                      ann_)
                .status,
            413);
  EXPECT_TRUE(world_.asked.empty());
  EXPECT_EQ(world_.post(in("/messages"), " \r\n{ } \n", ann_).status, 201);
}

TEST_F(ApiTest, a_body_of_the_largest_size_is_taken_and_a_larger_one_is_not) {
  ApiWorld small{{.max_payload_bytes = 100}};
  const auto body = [](std::size_t bytes) {
    return R"({"text":")" + std::string(bytes - 11, 'x') + "\"}";
  };
  const auto token = small.token("ann");
  EXPECT_EQ(small.post(in("/messages"), body(100), token).status, 201);
  const auto large = small.post(in("/messages"), body(101), token);
  EXPECT_EQ(large.status, 413);
  EXPECT_NE(large.body.find(R"("code":"too_large")"), std::string::npos);
  const auto chunked =
      small.ask("POST " + in("/messages") + " HTTP/1.1\r\nHost: x\r\n" + ApiWorld::json(token) +
                "Transfer-Encoding: chunked\r\n\r\n65\r\n" + body(101) + "\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.status, 413);
  // The largest that can be set is read too.
  EXPECT_EQ(world_.post(in("/messages"), body(1'000'000), ann_).status, 201);
}

TEST_F(ApiTest, the_bodies_being_read_are_bounded_and_given_back) {
  const auto opening = "POST " + in("/messages") + " HTTP/1.1\r\nHost: x\r\n" +
                       ApiWorld::json(ann_) + "Content-Length: 1000000\r\n\r\n";
  std::vector<std::shared_ptr<ports::FakePeer>> peers;
  for (std::size_t bytes = 0; bytes + 1'000'000 <= limits::rest_bodies_bytes_max;
       bytes += 1'000'000) {
    peers.push_back(world_.connect());
    peers.back()->send(opening);
  }
  auto late = world_.connect();
  late->send(opening);
  world_.reactor.run();
  EXPECT_EQ(take_answer(late->received).status, 503);
  EXPECT_EQ(world_.get(in(""), ann_).status, 200);
  for (auto& peer : peers)
    peer->hang_up();
  world_.reactor.run();
  auto again = world_.connect();
  again->send(opening);
  world_.reactor.run();
  EXPECT_EQ(again->received, "");
  again->send(R"({"text":")" + std::string(1'000'000 - 11, 'x') + "\"}");
  world_.reactor.run();
  EXPECT_EQ(take_answer(again->received).status, 201);
}

TEST_F(ApiTest, a_strangers_body_is_not_read) {
  auto peer = world_.connect();
  peer->send("POST " + in("/messages") + " HTTP/1.1\r\nHost: x\r\n" + ApiWorld::json("x.y.z") +
             "Content-Length: 1000000\r\n\r\n");
  world_.reactor.run();
  EXPECT_EQ(take_answer(peer->received).status, 401);
  EXPECT_TRUE(peer->closed);
}

TEST_F(ApiTest, a_body_that_never_comes_ends_with_a_fault) {
  auto peer = world_.connect();
  peer->send("POST " + in("/messages") + " HTTP/1.1\r\nHost: x\r\n" + ApiWorld::json(ann_) +
             "Content-Length: 10\r\n\r\n{");
  world_.reactor.advance(std::chrono::milliseconds{limits::http_body_timeout_ms + 100});
  const auto answer = take_answer(peer->received);
  EXPECT_EQ(answer.status, 408);
  EXPECT_TRUE(answer.has("Content-Type: application/problem+json\r\n"));
  EXPECT_NE(answer.body.find(R"("code":"unavailable")"), std::string::npos);
}

TEST_F(ApiTest, pages_of_allowed_origins_read_answers_and_errors) {
  ApiWorld open{{.cors = {.origins = {"https://app.example"}, .credentials = false}}};
  const std::string origin = "Origin: https://app.example\r\n";
  const auto good = open.ask(get_request(in(""), ApiWorld::auth(open.token("ann")) + origin));
  EXPECT_TRUE(good.has("Access-Control-Allow-Origin: https://app.example\r\n"));
  const auto bad = open.ask(get_request(in(""), origin));
  EXPECT_EQ(bad.status, 401);
  EXPECT_TRUE(bad.has("Access-Control-Allow-Origin: https://app.example\r\n"));
  const auto preflight =
      open.ask("OPTIONS " + in("/messages") + " HTTP/1.1\r\nHost: x\r\n" + origin +
               "Access-Control-Request-Method: POST\r\n"
               "Access-Control-Request-Headers: authorization, content-type\r\n\r\n");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_TRUE(preflight.has("Access-Control-Allow-Methods: GET, HEAD, POST, PATCH, DELETE\r\n"));
  EXPECT_TRUE(preflight.has("Access-Control-Allow-Headers: authorization, content-type\r\n"));
  const auto foreign = open.ask(
      get_request(in(""), ApiWorld::auth(open.token("ann")) + "Origin: https://x.example\r\n"));
  EXPECT_FALSE(foreign.has("Access-Control-Allow-Origin"));
}

TEST_F(ApiTest, the_limits_are_shown_to_all_and_an_applications_own_to_its_users) {
  ApiWorld world{{.max_payload_bytes = 5'000, .settings = {{"user_messages_per_s", 50}}}};
  world.settings[base::AppId{1}].text_bytes_max = 77;
  const auto open = world.ask(get_request("/v1/limits"));
  EXPECT_EQ(open.status, 200);
  EXPECT_NE(open.body.find(R"("text_bytes_max":16384)"), std::string::npos);
  EXPECT_NE(open.body.find(R"("max_payload_bytes":5000)"), std::string::npos);
  EXPECT_NE(open.body.find(R"("user_messages_per_s":50)"), std::string::npos);
  EXPECT_NE(world.get("/v1/limits", world.token("ann")).body.find(R"("text_bytes_max":77)"),
            std::string::npos);
  EXPECT_EQ(world.get("/v1/limits", "x.y.z").status, 401);
}

RC_GTEST_PROP(ApiProperty, whatever_a_body_holds_it_is_answered, (std::string body)) {
  ApiWorld world;
  const auto answer = world.post(in("/messages"), body, world.token("ann"));
  RC_ASSERT(answer.status == 400 || answer.status == 201);
}

}  // namespace
}  // namespace kith::rest::testing
