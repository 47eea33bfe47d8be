#include "client/token.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"

#include <gtest/gtest.h>

namespace kith::bench {
namespace {

std::vector<std::string> parts_of(const std::string& token) {
  std::vector<std::string> parts;
  for (std::size_t from = 0, dot = 0; dot != std::string::npos; from = dot + 1) {
    dot = token.find('.', from);
    parts.push_back(token.substr(from, dot - from));
  }
  return parts;
}

TEST(Token, is_signed_over_its_header_and_claims) {
  const std::string token = sign_token({"kith", "u1", "k1", 1'800'000'000}, "secret");
  const auto parts = parts_of(token);
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(base::base64url_decode(parts[0]), R"({"alg":"HS256","typ":"JWT","kid":"k1"})");
  EXPECT_EQ(base::base64url_decode(parts[1]), R"({"iss":"kith","sub":"u1","exp":1800000000})");
  EXPECT_EQ(base::base64url_decode(parts[2]),
            base::hmac_sha256("secret", parts[0] + "." + parts[1]));
}

TEST(Token, names_no_kid_when_it_has_none) {
  const auto parts = parts_of(sign_token({"a", "b", "", 1}, "secret"));
  EXPECT_EQ(base::base64url_decode(parts[0]), R"({"alg":"HS256","typ":"JWT"})");
}

TEST(Token, of_the_example_in_the_standard_has_the_signature_given_there) {
  // RFC 7515, A.1: the key and the text that is signed.
  const auto key = base::base64url_decode(
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  ASSERT_TRUE(key);
  EXPECT_EQ(
      base::base64url_encode(base::hmac_sha256(*key,
                                               "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
                                               "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh"
                                               "0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ")),
      "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

}  // namespace
}  // namespace kith::bench
