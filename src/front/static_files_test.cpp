#include "front/static_files.hpp"

#include "front/test_world.hpp"

#include <gtest/gtest.h>

namespace kith::front {
namespace {

using testing::get_request;
using testing::take_answer;

constexpr Asset assets[] = {
    {"/index.html", "<p>hi", "text/html; charset=utf-8", "\"v1\""},
    {"/app.js", "alert(1)", "application/javascript; charset=utf-8", "\"v2\""},
};

struct Site {
  Site()
      : files(assets, {"public, max-age=0", "/index.html", {{"*"}}}),
        streams(reactor),
        router(files),
        http(reactor, streams, router) {}

  testing::Answer ask(std::string_view request, bool bodyless = false) {
    auto peer = std::make_shared<ports::FakePeer>();
    http.accept(std::make_unique<ports::FakeStream>(reactor, peer));
    peer->send(request);
    reactor.run();
    return take_answer(peer->received, bodyless);
  }

  base::ManualClock clock;
  ports::FakeReactor reactor{clock};
  StaticFiles files;
  ports::FakeStreamFactory streams;
  Router router;
  HttpServer http;
};

TEST(StaticFiles, are_served_with_their_type_and_etag) {
  Site s;
  const auto answer = s.ask(get_request("/app.js?v=1"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "alert(1)");
  EXPECT_TRUE(answer.has("Content-Type: application/javascript; charset=utf-8\r\n"));
  EXPECT_TRUE(answer.has("ETag: \"v2\"\r\n"));
  EXPECT_TRUE(answer.has("Cache-Control: public, max-age=0\r\n"));
  EXPECT_TRUE(answer.has("Access-Control-Allow-Origin: *\r\n"));
}

TEST(StaticFiles, the_root_is_the_index) {
  Site s;
  EXPECT_EQ(s.ask(get_request("/")).body, "<p>hi");
}

TEST(StaticFiles, a_known_etag_is_answered_without_a_body) {
  Site s;
  for (const auto* known : {"\"v2\"", "W/\"v2\"", "\"x\", \"v2\"", "*"}) {
    const auto answer =
        s.ask(get_request("/app.js", "If-None-Match: " + std::string{known} + "\r\n"));
    EXPECT_EQ(answer.status, 304) << known;
    EXPECT_FALSE(answer.has("Content-Length"));
    EXPECT_TRUE(answer.has("ETag: \"v2\"\r\n"));
  }
  EXPECT_EQ(s.ask(get_request("/app.js", "If-None-Match: \"v1\"\r\n")).status, 200);
}

TEST(StaticFiles, head_tells_the_length) {
  Site s;
  const auto answer = s.ask("HEAD /app.js HTTP/1.1\r\nHost: x\r\n\r\n", true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.has("Content-Length: 8\r\n"));
}

TEST(StaticFiles, nothing_else_is_there) {
  Site s;
  for (const auto* path : {"/app.j",
                           "/app.js/",
                           "/../app.js",
                           "/%2e%2e/app.js",
                           "/etc/passwd",
                           "//app.js",
                           "/index.html%00"})
    EXPECT_GE(s.ask(get_request(path)).status, 400) << path;
}

TEST(StaticFiles, other_methods_are_refused_and_a_preflight_is_answered) {
  Site s;
  EXPECT_EQ(s.ask(testing::post_request("/app.js", "x")).status, 405);
  EXPECT_EQ(s.ask("DELETE /app.js HTTP/1.1\r\nHost: x\r\n\r\n").status, 405);
  EXPECT_EQ(s.ask("OPTIONS /app.js HTTP/1.1\r\nHost: x\r\nOrigin: http://y\r\n"
                  "Access-Control-Request-Method: GET\r\n\r\n")
                .status,
            204);
}

}  // namespace
}  // namespace kith::front
