#include "front/jwks.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kith::front {
namespace {

using base::SignatureKind;

constexpr auto app = static_cast<base::AppId>(2);
const std::string rsa_n =
    "jexJp0H5OVsDFugdsE3OuTELthn1D4ReJqsjRGCVyjf46lWjcIeeVzPT9QXulMX83vwarT-aS1Juo-"
    "atK9vPPOXJemMJCPem_GQ9XP_l2kLvXVO1K_"
    "VrGbqOd3BDaaXOkMOLOw5jTA9yq5L2ktgIlj88QzH5IzbwDwB2Jq1NA3Xw6ScmDIDpWSgqsj78sJM7xDjezsN1OqB6O4Vp"
    "EIVJZQBU-"
    "W4w4YpA4VG45FhcZ9otRE5JYWgPGaJIhWTaFcj7pxyRiamH72ObWy0bNG3IRyKfEwUeXbokgyghjofmldDtjoU9M87Xu8m"
    "v0-eSYzeYHMJasSPr6cOlz_L8RwoRhw";
const std::string rsa =
    R"({"kty":"RSA","kid":"r","use":"sig","alg":"RS256","e":"AQAB","n":")" + rsa_n + R"("})";
const std::string ec =
    R"({"kty":"EC","crv":"P-256","kid":"e","x":"OMN59snU8TsPi1UNWmse_sTigwJxW1vABE_yMjxDkSg",)"
    R"("y":"Y1wYSiB9gd61vcViR99EGmVYzDdGAA-jMt5HABe-ocY"})";
const std::string ed =
    R"({"kty":"OKP","crv":"Ed25519","x":"2bS1ZVTHYV_qMZ-abnch1_a5YXHAXog8uRl_fQyEwLQ"})";

std::string set(const std::string& keys) {
  return R"({"keys":[)" + keys + "]}";
}

base::Result<std::vector<TokenKey>> read(const std::string& text) {
  wire::json::Parser parser;
  return read_jwks(app, text, parser);
}

TEST(Jwks, keys_of_three_kinds_are_read_with_their_names) {
  const auto keys = read(set(rsa + "," + ec + "," + ed));
  ASSERT_TRUE(keys.has_value());
  ASSERT_EQ(keys->size(), 3U);
  EXPECT_EQ((*keys)[0].kid, "r");
  EXPECT_EQ((*keys)[0].key.kind(), SignatureKind::rs256);
  EXPECT_EQ((*keys)[0].app, app);
  EXPECT_EQ((*keys)[1].kid, "e");
  EXPECT_EQ((*keys)[1].key.kind(), SignatureKind::es256);
  EXPECT_EQ((*keys)[2].kid, "");
  EXPECT_EQ((*keys)[2].key.kind(), SignatureKind::eddsa);
}

TEST(Jwks, what_tokens_are_not_signed_with_is_passed_over) {
  const auto keys = read(set(R"({"kty":"oct","k":"AAAA"},{"kty":"EC","crv":"P-384","x":"","y":""},)"
                             R"({"kty":"RSA","use":"enc","n":"x","e":"AQAB"},7,{},)"
                             R"({"kty":"RSA","alg":"PS256","n":"x","e":"AQAB"},)" +
                             ed));
  ASSERT_TRUE(keys.has_value());
  EXPECT_EQ(keys->size(), 1U);
}

TEST(Jwks, a_broken_key_is_an_error_and_not_passed_over) {
  EXPECT_TRUE(read(set(ed + R"(,{"kty":"RSA","n":"AQAB","e":"AQAB"})")).has_error());
  EXPECT_TRUE(read(set(R"({"kty":"EC","crv":"P-256","x":"!","y":"!"})")).has_error());
  EXPECT_TRUE(read(set(R"({"kty":"OKP","crv":"Ed25519"})")).has_error());
}

TEST(Jwks, what_is_no_set_or_has_no_key_of_use_is_refused) {
  std::string many = ed;
  for (int i = 0; i < 100; ++i)
    many += "," + ed;
  for (const auto& text : {std::string{},
                           std::string{"[]"},
                           std::string{"{}"},
                           std::string{R"({"keys":7})"},
                           set(""),
                           set(R"({"kty":"oct","k":"AAAA"})"),
                           set(many)})
    EXPECT_TRUE(read(text).has_error()) << text.substr(0, 40);
}

}  // namespace
}  // namespace kith::front
