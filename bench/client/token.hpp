#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kith::bench {

struct TokenClaims {
  std::string_view app;
  std::string_view user;
  std::string_view kid;  // empty: the header names none
  std::int64_t expires_s = 0;
};

// A JWT signed with HS256.
std::string sign_token(const TokenClaims& claims, std::string_view key);

}  // namespace kith::bench
