#include "rest/answer.hpp"

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
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, R"({"code":"conflict","message":"say \"why\"","retryable":false})");
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
  EXPECT_NE(fault_json({Errc::overloaded, "", 7}).find(R"("retry_after_ms":7)"), std::string::npos);
}

TEST(RestAnswer, whoever_has_to_prove_himself_is_told_how) {
  EXPECT_EQ(header(fault_response({Errc::token_expired, ""}), "WWW-Authenticate"),
            "Bearer realm=\"kith\"");
  EXPECT_EQ(header(fault_response({Errc::forbidden, ""}), "WWW-Authenticate"), "");
}

TEST(RestAnswer, another_status_may_be_given) {
  EXPECT_EQ(fault_response({Errc::validation_failed, ""}, 405).status, 405);
}

TEST(RestAnswer, what_the_connection_says_becomes_an_object) {
  const auto code = [](std::uint16_t status) {
    auto response = front::Response::text(status, "plain");
    make_json(response);
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.content_type, "application/json");
    return response.body.substr(9, response.body.find('"', 9) - 9);
  };
  EXPECT_EQ(code(400), "validation_failed");
  EXPECT_EQ(code(408), "unavailable");
  EXPECT_EQ(code(413), "too_large");
  EXPECT_EQ(code(500), "internal");
}

TEST(RestAnswer, other_answers_stay_as_they_are) {
  auto fine = front::Response::text(200, "plain");
  make_json(fine);
  EXPECT_EQ(fine.body, "plain");
  auto fault = fault_response({Errc::not_found, "x"});
  const auto body = fault.body;
  make_json(fault);
  EXPECT_EQ(fault.body, body);
}

}  // namespace
}  // namespace kith::rest
