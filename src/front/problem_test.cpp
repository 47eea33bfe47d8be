#include "front/problem.hpp"

#include <gtest/gtest.h>

namespace kith::front {
namespace {

using base::Errc;

TEST(Problem, says_the_same_in_our_words_and_in_those_of_the_standard) {
  EXPECT_EQ(problem_json({Errc::rate_limited, "wait", 1'500}, 429),
            R"({"code":"rate_limited","message":"wait","retryable":true,"retry_after_ms":1500,)"
            R"("status":429,"title":"Too Many Requests","detail":"wait"})");
}

TEST(Problem, a_status_of_https_own_has_a_code) {
  EXPECT_EQ(code_of(400), Errc::validation_failed);
  EXPECT_EQ(code_of(408), Errc::unavailable);
  for (const int status : {413, 414, 431})
    EXPECT_EQ(code_of(static_cast<std::uint16_t>(status)), Errc::too_large);
  EXPECT_EQ(code_of(500), Errc::internal);
  EXPECT_EQ(code_of(505), Errc::validation_failed);
}

}  // namespace
}  // namespace kith::front
