#include "rest/answer.hpp"

#include "wire/http/response.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace kith::rest {
namespace {

using base::Errc;

std::string header(const front::Response& response, std::string_view name) {
  const auto at = std::find_if(response.headers.begin(),
                               response.headers.end(),
                               [name](const auto& entry) { return entry.first == name; });
  return at == response.headers.end() ? "" : at->second;
}

TEST(RestAnswer, a_fault_is_an_object_with_the_status_of_its_code) {
  const auto response = fault_response({Errc::conflict, "say \"why\""});
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"code":"conflict","message":"say \"why\"","retryable":false,)"
            R"("status":409,"title":"Conflict","detail":"say \"why\""})");
  EXPECT_TRUE(response.headers.empty());
}

TEST(RestAnswer, a_wait_is_said_in_milliseconds_and_in_whole_seconds_rounded_up) {
  const auto after = [](std::uint32_t ms) {
    return header(fault_response({Errc::overloaded, "", ms}), "Retry-After");
  };
  EXPECT_EQ(after(0), "");
  EXPECT_EQ(after(1), "1");
  EXPECT_EQ(after(1'000), "1");
  EXPECT_EQ(after(1'001), "2");
  EXPECT_EQ(after(4'294'967'295), "4294968");
  EXPECT_NE(problem_json({Errc::overloaded, "", 7}, 503).find(R"("retry_after_ms":7)"),
            std::string::npos);
}

TEST(RestAnswer, whoever_has_to_prove_himself_is_told_how) {
  EXPECT_EQ(header(fault_response({Errc::token_expired, ""}), "WWW-Authenticate"),
            "Bearer realm=\"kith\"");
  EXPECT_EQ(header(fault_response({Errc::forbidden, ""}), "WWW-Authenticate"), "");
}

TEST(RestAnswer, another_status_may_be_given) {
  const auto response = fault_response({Errc::validation_failed, ""}, 405);
  EXPECT_EQ(response.status, 405);
  EXPECT_NE(response.body.find(R"("status":405,"title":"Method Not Allowed")"), std::string::npos);
}

TEST(RestAnswer, every_code_has_a_status_with_a_title) {
  for (std::size_t i = 0; i < base::errc_count; ++i) {
    const auto status = base::info(static_cast<Errc>(i)).http_status;
    EXPECT_FALSE(wire::http::reason_phrase(status).empty()) << status;
  }
  for (const std::uint16_t status : {405, 406, 408, 413, 415})
    EXPECT_FALSE(wire::http::reason_phrase(status).empty()) << status;
}

TEST(RestAnswer, whoever_takes_json_says_so_in_one_of_many_ways) {
  for (const char* accept : {"",
                             "*/*",
                             "application/json",
                             "Application/JSON; charset=utf-8",
                             "text/html, application/*;q=0.1",
                             "text/html,*/*;q=0.8",
                             "application/json;q=0, */*"})
    EXPECT_TRUE(accepts_json(accept)) << accept;
  for (const char* accept : {"text/html",
                             "application/json;q=0",
                             "application/json; q=0.000 , text/*",
                             "application/jsonx",
                             ",",
                             "application/problem+json"})
    EXPECT_FALSE(accepts_json(accept)) << accept;
}

TEST(RestAnswer, what_the_connection_says_becomes_an_object) {
  const auto code = [](std::uint16_t status) {
    auto response = front::Response::text(status, "plain");
    make_problem(response);
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.content_type, "application/problem+json");
    return response.body.substr(9, response.body.find('"', 9) - 9);
  };
  EXPECT_EQ(code(400), "validation_failed");
  EXPECT_EQ(code(408), "unavailable");
  EXPECT_EQ(code(413), "too_large");
  EXPECT_EQ(code(500), "internal");
}

TEST(RestAnswer, other_answers_stay_as_they_are) {
  auto fine = front::Response::text(200, "plain");
  make_problem(fine);
  EXPECT_EQ(fine.body, "plain");
  auto fault = fault_response({Errc::not_found, "x"});
  const auto body = fault.body;
  make_problem(fault);
  EXPECT_EQ(fault.body, body);
}

}  // namespace
}  // namespace kith::rest
