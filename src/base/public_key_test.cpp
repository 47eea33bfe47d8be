#include "base/public_key.hpp"

#include "base/encoding.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kith::base {
namespace {

// Made with the openssl tool: three keys, and what each signed of `message`.
constexpr std::string_view message = "header.payload";
constexpr std::string_view rsa_n =
    "jexJp0H5OVsDFugdsE3OuTELthn1D4ReJqsjRGCVyjf46lWjcIeeVzPT9QXulMX83vwarT-aS1Juo-"
    "atK9vPPOXJemMJCPem_GQ9XP_l2kLvXVO1K_"
    "VrGbqOd3BDaaXOkMOLOw5jTA9yq5L2ktgIlj88QzH5IzbwDwB2Jq1NA3Xw6ScmDIDpWSgqsj78sJM7xDjezsN1OqB6O4Vp"
    "EIVJZQBU-"
    "W4w4YpA4VG45FhcZ9otRE5JYWgPGaJIhWTaFcj7pxyRiamH72ObWy0bNG3IRyKfEwUeXbokgyghjofmldDtjoU9M87Xu8m"
    "v0-eSYzeYHMJasSPr6cOlz_L8RwoRhw";
constexpr std::string_view rsa_signature =
    "DA0bUsZEo8Em4xau5DvTIMXCuJ-he6U752sCp47mTjVGrUIU4WooCmxbpUXlRt_YR65Qb1bskhbAJ05CxT9sHnPyZIU_"
    "YqLjTlapEU-tnun9IlRn02y1l6pkz43WycSiWfROYNjsRZ01g_Ms6jHkJaCLAap5_"
    "libxC7DnW7mkHXBs0JdKJJhjQ1seYSUSIrv7bHLGkL0Jb8t4qT4hXHBBsexVLG61uJDjSZbk42m8MDwJ8Rms1L7MROuSQm"
    "bYimMuWP2PiMwACxTySOFCnJbjSn21R-5vhSs1ohJPwOUYzMH57zyL7Ili_kASMs1MMnIZEX5sR2XvIhr1rczhnHOFA";
constexpr std::string_view ec_x = "OMN59snU8TsPi1UNWmse_sTigwJxW1vABE_yMjxDkSg";
constexpr std::string_view ec_y = "Y1wYSiB9gd61vcViR99EGmVYzDdGAA-jMt5HABe-ocY";
constexpr std::string_view ec_signature =
    "fWT0ZtMoZ0Eh9rAK9Ua-JErNWP6nQX8sytg13AUWQmyjjUCRaeBCtmv1C3UpOy0DLsSTMdKqIKTx212t2x5Vfw";
constexpr std::string_view ed_x = "2bS1ZVTHYV_qMZ-abnch1_a5YXHAXog8uRl_fQyEwLQ";
constexpr std::string_view ed_signature =
    "3kjO6btQqYmNo8vbJ3-3PnzEw0sFKcfOsolxvFIr-NRfwTfs54PlRPlMe5lw0k3zCOF45e8Ca57svo4udMgOCQ";

std::string raw(std::string_view text) {
  return base64url_decode(text).value();
}

struct Case {
  PublicKey key;
  std::string signature;
};

std::vector<Case> cases() {
  return {{PublicKey::rsa(raw(rsa_n), raw("AQAB")).value(), raw(rsa_signature)},
          {PublicKey::p256(raw(ec_x), raw(ec_y)).value(), raw(ec_signature)},
          {PublicKey::ed25519(raw(ed_x)).value(), raw(ed_signature)}};
}

TEST(PublicKey, tells_what_its_other_half_signed) {
  for (const auto& [key, signature] : cases()) {
    EXPECT_TRUE(key.verify(message, signature));
    EXPECT_FALSE(key.verify("header.payloae", signature));
    EXPECT_FALSE(key.verify("", signature));
  }
}

TEST(PublicKey, no_bit_of_a_signature_may_differ) {
  for (const auto& [key, signature] : cases())
    for (std::size_t i = 0; i < signature.size(); i += 7) {
      auto forged = signature;
      forged[i] = static_cast<char>(forged[i] ^ 1);
      EXPECT_FALSE(key.verify(message, forged)) << i;
    }
}

TEST(PublicKey, a_signature_of_another_length_is_none) {
  for (const auto& [key, signature] : cases())
    for (const auto& forged : {std::string{},
                               signature.substr(1),
                               signature + '\0',
                               std::string(signature.size(), '\0'),
                               std::string(1'000, 'x')})
      EXPECT_FALSE(key.verify(message, forged));
}

TEST(PublicKey, one_does_not_stand_for_another) {
  const auto all = cases();
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < all.size(); ++j)
      EXPECT_EQ(all[i].key.verify(message, all[j].signature), i == j);
}

TEST(PublicKey, a_weak_or_broken_key_is_not_taken) {
  EXPECT_FALSE(PublicKey::rsa(raw(rsa_n).substr(0, 128), raw("AQAB")));
  EXPECT_FALSE(PublicKey::rsa(raw(rsa_n), ""));
  EXPECT_FALSE(PublicKey::rsa(raw(rsa_n), std::string(1, '\1')));
  EXPECT_FALSE(PublicKey::rsa(raw(rsa_n), std::string(1, '\2')));
  EXPECT_FALSE(PublicKey::rsa(std::string(2'000, 'x'), raw("AQAB")));
  EXPECT_FALSE(PublicKey::p256(raw(ec_y), raw(ec_x)));  // not on the curve
  EXPECT_FALSE(PublicKey::p256(raw(ec_x), raw(ec_y).substr(1)));
  EXPECT_FALSE(PublicKey::ed25519(raw(ed_x).substr(1)));
}

}  // namespace
}  // namespace kith::base
