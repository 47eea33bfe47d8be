#include "rest/api.hpp"
#include "rest/api_test_world.hpp"

#include <gtest/gtest.h>

// DELETE /v1/users/{id}/sessions, and what it does to tokens.
namespace kith::rest::testing {
namespace {

const std::string conversation = "/v1/conversations/c_AAAAAAAAAAAAAAAAAAAAAA";

class ApiRevokeTest : public ::testing::Test {
 protected:
  ApiWorld world_;
  std::string ann_ = world_.token("ann");
};

TEST_F(ApiRevokeTest, a_server_key_ends_a_users_sessions_and_his_tokens) {
  const auto end = [&](std::string_view user, std::string_view bearer) {
    return world_.ask("DELETE /v1/users/" + std::string{user} +
                      "/sessions HTTP/1.1\r\nHost: x\r\n" + ApiWorld::auth(bearer) + "\r\n");
  };
  EXPECT_EQ(world_.get(conversation, ann_).status, 200);
  EXPECT_EQ(end("ann", ann_).status, 403);
  EXPECT_TRUE(world_.revoked.empty());
  const auto done = end("ann", server_key);
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.body, R"({"revoked_at":"2026-01-01T10:00:00.000Z","sessions":2})");
  EXPECT_EQ(world_.revoked, (std::vector<base::UserKey>{{base::AppId{1}, base::UserId{"ann"}}}));
  EXPECT_EQ(
      world_.log.lines.back(),
      R"(level=audit event=acted_for app=shop kid=srv user=ann what=sessions in="" seq="" code=ok)");
  EXPECT_EQ(world_.get(conversation, ann_).status, 401);
  EXPECT_EQ(world_.get(conversation, world_.token("bob")).status, 200);
}

TEST_F(ApiRevokeTest, a_server_key_says_why_it_ends_a_users_sessions) {
  const auto end = [&](const std::string& query) {
    return world_.ask("DELETE /v1/users/ann/sessions" + query + " HTTP/1.1\r\nHost: x\r\n" +
                      ApiWorld::auth(server_key) + "\r\n");
  };
  for (const auto* code : {"", "?code=session_revoked", "?code=kicked", "?code=banned"})
    EXPECT_EQ(end(code).status, 200) << code;
  EXPECT_EQ(world_.revoked_why,
            (std::vector{
                Ending::session_revoked, Ending::session_revoked, Ending::kicked, Ending::banned}));
  EXPECT_EQ(end("?code=tired").status, 400);
  EXPECT_EQ(world_.revoked.size(), 4U);
}

TEST_F(ApiRevokeTest, a_token_made_in_the_moment_of_a_revocation_is_a_new_one) {
  world_.revocations.note({base::AppId{1}, base::UserId{"ann"}}, world_.clock.wall());
  EXPECT_EQ(world_.get(conversation, world_.token("ann")).status, 401);
  const auto made = world_.post("/v1/users/ann/tokens", "{}", server_key);
  ASSERT_EQ(made.status, 201);
  const auto token = made.body.substr(10, made.body.find('"', 10) - 10);
  world_.asked.clear();
  EXPECT_EQ(world_.get(conversation, token).status, 200);
}

TEST_F(ApiRevokeTest, sessions_that_could_not_be_ended_are_said_to_be_there) {
  world_.revoke_fault = base::Fault{base::Errc::unavailable, "later"};
  const auto answer = world_.ask("DELETE /v1/users/ann/sessions HTTP/1.1\r\nHost: x\r\n" +
                                 ApiWorld::auth(server_key) + "\r\n");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(world_.api->in_flight(), 0U);
}

}  // namespace
}  // namespace kith::rest::testing
