#pragma once

#include "base/ids.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"
#include "wire/json/parser.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kith::front {

// A public key whose other half signs an application's tokens.
struct TokenKey {
  base::AppId app{};
  std::string kid;  // empty: it has no name
  base::PublicKey key;
};

// The keys of a JWK set (RFC 7517) that tokens can be signed with: RSA (RS256), EC on P-256
// (ES256), OKP with Ed25519 (EdDSA). Others, and those for encryption, are passed over.
// `validation_failed`: it is not a JWK set, one of those keys is broken or weak, or none is left.
base::Result<std::vector<TokenKey>> read_jwks(base::AppId app,
                                              std::string_view text,
                                              wire::json::Parser& parser);

}  // namespace kith::front
