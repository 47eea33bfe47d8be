#include "client/token.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "client/json_text.hpp"

namespace kith::bench {

std::string sign_token(const TokenClaims& claims, std::string_view key) {
  JsonObject header;
  header.text("alg", "HS256").text("typ", "JWT");
  if (!claims.kid.empty()) header.text("kid", claims.kid);
  JsonObject body;
  body.text("iss", claims.app).text("sub", claims.user);
  body.count("exp", static_cast<std::uint64_t>(claims.expires_s));
  std::string token = base::base64url_encode(std::move(header).take());
  token += '.';
  base::append_base64url(token, std::move(body).take());
  const std::string signature = base::hmac_sha256(key, token);
  token += '.';
  base::append_base64url(token, signature);
  return token;
}

}  // namespace kith::bench
