#pragma once

#include <string_view>

// Public keys for tests, made with the openssl tool: their parts, as base64url.
namespace kith::base::testing {

inline constexpr std::string_view rsa_n =
    "jexJp0H5OVsDFugdsE3OuTELthn1D4ReJqsjRGCVyjf46lWjcIeeVzPT9QXulMX83vwarT-aS1Juo-"
    "atK9vPPOXJemMJCPem_GQ9XP_l2kLvXVO1K_"
    "VrGbqOd3BDaaXOkMOLOw5jTA9yq5L2ktgIlj88QzH5IzbwDwB2Jq1NA3Xw6ScmDIDpWSgqsj78sJM7xDjezsN1OqB6O4Vp"
    "EIVJZQBU-"
    "W4w4YpA4VG45FhcZ9otRE5JYWgPGaJIhWTaFcj7pxyRiamH72ObWy0bNG3IRyKfEwUeXbokgyghjofmldDtjoU9M87Xu8m"
    "v0-eSYzeYHMJasSPr6cOlz_L8RwoRhw";
inline constexpr std::string_view ec_x = "OMN59snU8TsPi1UNWmse_sTigwJxW1vABE_yMjxDkSg";
inline constexpr std::string_view ec_y = "Y1wYSiB9gd61vcViR99EGmVYzDdGAA-jMt5HABe-ocY";
inline constexpr std::string_view ed_x = "2bS1ZVTHYV_qMZ-abnch1_a5YXHAXog8uRl_fQyEwLQ";

}  // namespace kith::base::testing
