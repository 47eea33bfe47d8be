#include "front/engine_server.hpp"
#include "front/test_world.hpp"

#include <gtest/gtest.h>

namespace kith::front {
namespace {

using testing::get_request;
using testing::post_request;
using testing::upgrade_request;
using testing::World;

TEST(EngineHandshake, the_handshake_names_a_session_of_128_random_bits) {
  World w;
  const auto answer = w.ask(get_request("/socket.io/?EIO=4&transport=polling"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.has("Content-Type: text/plain; charset=UTF-8"));
  EXPECT_TRUE(answer.has("Cache-Control: no-store"));
  EXPECT_TRUE(answer.body.starts_with("0{\"sid\":\""));
  EXPECT_TRUE(answer.body.ends_with(
      "\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000,"
      "\"maxPayload\":1000000}"));
  EXPECT_NE(w.open_session(), w.open_session());
}

TEST(EngineHandshake, the_path_needs_no_trailing_slash) {
  World w;
  EXPECT_EQ(w.ask(get_request("/socket.io?EIO=4&transport=polling")).status, 200);
  EXPECT_EQ(w.ask(get_request("/socket.io/x?EIO=4&transport=polling")).status, 404);
}

TEST(EngineHandshake, the_service_sees_who_knocks) {
  World w;
  w.ask(get_request("/socket.io/?EIO=4&transport=polling&token=a%20b&t=x",
                    "Origin: https://app.example.com\r\n"));
  EXPECT_EQ(w.service.last.revision, 4);
  EXPECT_EQ(w.service.last.query.find("token"), "a b");
  EXPECT_EQ(w.service.last.origin, "https://app.example.com");
  EXPECT_EQ(w.service.last.peer_address, "203.0.113.7");
}

TEST(EngineHandshake, every_error_has_its_json) {
  EngineOptions options;
  options.allow_eio3 = false;
  World w(options);
  const auto get = [&w](std::string_view target) { return w.ask(get_request(target)); };
  auto answer = get("/socket.io/?EIO=4&transport=abc");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"code":0,"message":"Transport unknown"})");
  EXPECT_TRUE(answer.has("Content-Type: application/json"));
  EXPECT_EQ(get("/socket.io/").body, R"({"code":0,"message":"Transport unknown"})");
  EXPECT_EQ(get("/socket.io/?EIO=4&transport=polling&sid=abc").body,
            R"({"code":1,"message":"Session ID unknown"})");
  EXPECT_EQ(get("/socket.io/?EIO=4&transport=polling&sid=__proto__").body,
            R"({"code":1,"message":"Session ID unknown"})");
  EXPECT_EQ(w.ask(post_request("/socket.io/?EIO=4&transport=polling", "4")).body,
            R"({"code":2,"message":"Bad handshake method"})");
  EXPECT_EQ(w.ask(post_request("/socket.io/?EIO=4&transport=polling", "")).body,
            R"({"code":2,"message":"Bad handshake method"})");
  EXPECT_EQ(get("/socket.io/?EIO=4&transport=websocket").body,
            R"({"code":3,"message":"Bad request"})");
  EXPECT_EQ(get("/socket.io/?EIO=3&transport=polling").body,
            R"({"code":5,"message":"Unsupported protocol version"})");
  EXPECT_EQ(get("/socket.io/?transport=polling").body,
            R"({"code":5,"message":"Unsupported protocol version"})");
  auto url = w.open_session();
  url.replace(url.find("EIO=4"), 5, "EIO=3");
  EXPECT_EQ(get(url).body, R"({"code":3,"message":"Bad request"})");
  EXPECT_EQ(w.ask(get_request("/socket.io/?EIO=4&transport=polling", "Origin: \xc3\xa4\r\n")).body,
            R"({"code":3,"message":"Bad request"})");
}

TEST(EngineHandshake, a_refused_admission_is_forbidden_and_a_full_house_says_when_to_return) {
  World w;
  w.service.refusal = base::Fault{base::Errc::forbidden, "go away"};
  auto answer = w.ask(get_request("/socket.io/?EIO=4&transport=polling"));
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.body, R"({"code":4,"message":"go away"})");
  w.service.refusal = base::Fault{base::Errc::overloaded, "try again", 1500};
  answer = w.ask(get_request("/socket.io/?EIO=4&transport=polling"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.has("Retry-After: 2"));
  EXPECT_EQ(w.seats[0]->engine.sessions(), 0U);
  answer = w.ask(upgrade_request("/socket.io/?EIO=4&transport=websocket"));
  EXPECT_EQ(answer.status, 503);
}

TEST(EngineHandshake, sessions_are_no_more_than_they_may_be) {
  EngineOptions options;
  options.sessions_max = 2;
  World w(options);
  w.open_session();
  auto second = w.open_websocket();
  const auto refused = w.ask(get_request("/socket.io/?EIO=4&transport=polling"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(refused.has("Retry-After: 1"));
  EXPECT_EQ(w.ask(upgrade_request("/socket.io/?EIO=4&transport=websocket")).status, 503);
  second->hang_up();
  w.run();
  EXPECT_EQ(w.ask(get_request("/socket.io/?EIO=4&transport=polling")).status, 200);
}

TEST(EngineHandshake, other_methods_do_no_harm) {
  World w;
  const auto url = w.open_session();
  EXPECT_EQ(w.ask("DELETE " + url + " HTTP/1.1\r\nHost: x\r\n\r\n").status, 405);
  EXPECT_EQ(w.ask("PUT " + url + " HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc").status,
            405);
  EXPECT_TRUE(w.service.take().empty());
}

TEST(EngineHandshake, cors_headers_are_on_all_answers) {
  EngineOptions options;
  options.cors.origins = {"https://app.example.com"};
  World w(options);
  const std::string origin = "Origin: https://app.example.com\r\n";
  for (const auto* target :
       {"/socket.io/?EIO=4&transport=polling", "/socket.io/?EIO=4&transport=x"}) {
    const auto answer = w.ask(get_request(target, origin));
    EXPECT_TRUE(answer.has("Access-Control-Allow-Origin: https://app.example.com\r\n"));
    EXPECT_TRUE(answer.has("Vary: Origin\r\n"));
  }
  const auto preflight =
      w.ask("OPTIONS /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n" + origin +
            "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x-a\r\n\r\n");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_TRUE(preflight.has("Access-Control-Allow-Methods: GET, POST"));
  EXPECT_TRUE(preflight.has("Access-Control-Allow-Headers: x-a"));
  EXPECT_TRUE(preflight.has("Access-Control-Allow-Origin: https://app.example.com"));
  const auto foreign = w.ask(
      get_request("/socket.io/?EIO=4&transport=polling", "Origin: https://evil.example.com\r\n"));
  EXPECT_FALSE(foreign.has("Access-Control"));
}

TEST(EngineHandshake, a_cookie_with_the_sid_is_set_once_where_it_is_asked_for) {
  EngineOptions options;
  options.cookie = {.name = "io"};
  World w(options);
  auto answer = w.ask(get_request("/socket.io/?EIO=4&transport=polling"));
  const auto sid = answer.body.substr(answer.body.find("\"sid\":\"") + 7, Sid::chars);
  EXPECT_TRUE(answer.has("Set-Cookie: io=" + sid + "; Path=/; HttpOnly; SameSite=Lax\r\n"));
  answer = w.ask(post_request("/socket.io/?EIO=4&transport=polling&sid=" + sid, "40"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.has("Set-Cookie"));
  EXPECT_FALSE(w.ask(upgrade_request("/socket.io/?EIO=4&transport=websocket")).has("Set-Cookie"));
  EXPECT_FALSE(World{}.ask(get_request("/socket.io/?EIO=4&transport=polling")).has("Set-Cookie"));
}

TEST(EngineHandshake, a_cookie_says_what_its_options_say) {
  const SidCookie strict{.name = "lb", .path = "/socket.io/", .same_site = "strict"};
  EXPECT_EQ(strict.value("S"), "lb=S; Path=/socket.io/; HttpOnly; SameSite=Strict");
  const SidCookie open{.name = "lb", .path = "/", .http_only = false, .same_site = "none"};
  EXPECT_EQ(open.value("S"), "lb=S; Path=/; SameSite=None; Secure");
}

TEST(EngineHandshake, a_flood_of_handshakes_leaves_nothing_behind) {
  World w;
  for (int i = 0; i < 500; ++i)
    w.open_session();
  EXPECT_EQ(w.seats[0]->engine.sessions(), 500U);
  w.pass(46'000);
  EXPECT_EQ(w.seats[0]->engine.sessions(), 0U);
  w.pass(75'000);
  EXPECT_EQ(w.seats[0]->http.connections(), 0U);
  EXPECT_EQ(w.seats[0]->reactor.armed_timers(), 0U);
}

}  // namespace
}  // namespace kith::front
