#include "relay/requests.hpp"

#include <gtest/gtest.h>

#include <gmock/gmock.h>

namespace kith::bench::relay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view post =
    "POST /v1/conversations HTTP/1.1\r\nHost: h\r\non-behalf-of: ann\r\n"
    "Content-Length: 4\r\n\r\n{\"a\"";

TEST(Requests, AreReadWithTheHeadersThatCount) {
  const std::string bytes = std::string(post) + "GET";
  const auto request = parse_request(bytes);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->path, "/v1/conversations");
  EXPECT_EQ(request->owner, "ann");
  EXPECT_EQ(request->body, "{\"a\"");
  EXPECT_EQ(request->size, post.size());
  EXPECT_FALSE(request->upgrade);
}

TEST(Requests, WaitForWhatIsMissingOfThem) {
  for (std::size_t size = 0; size < post.size(); ++size)
    EXPECT_FALSE(parse_request(post.substr(0, size))) << size;
}

TEST(Requests, AreAnUpgradeWhenTheyHaveAKey) {
  const auto request = parse_request("GET /socket.io/ HTTP/1.1\r\nSec-WebSocket-Key: k\r\n\r\n");
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->upgrade);
  EXPECT_EQ(request->key, "k");
}

TEST(Requests, NameTheMembersOfAGroup) {
  EXPECT_THAT(names_in(R"({"members":["a","b c"],"x":["d"]})", "members"), ElementsAre("a", "b c"));
  EXPECT_THAT(names_in(R"({"members":[]})", "members"), IsEmpty());
  EXPECT_THAT(names_in(R"({"x":1})", "members"), IsEmpty());
  EXPECT_THAT(names_in(R"({"members":["a)", "members"), IsEmpty());
}

TEST(Requests, AreAnsweredWithTheLengthOfTheBody) {
  EXPECT_EQ(
      json_answer("201 Created", "{}"),
      "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
}

}  // namespace
}  // namespace kith::bench::relay
