#include "front/jwks.hpp"

#include "base/encoding.hpp"
#include "base/limits.hpp"

#include <optional>

namespace kith::front {
namespace {

using base::Errc;
using base::Fault;
using base::PublicKey;
using base::Result;
using wire::json::Value;

constexpr Fault no_set{Errc::validation_failed,
                       R"(a JWK set is a JSON object {"keys": [...]} of at most 100 keys)"};
constexpr Fault broken_key{Errc::validation_failed,
                           "a key of the set is broken or weak: RSA takes 2,048 to 8,192 bits, EC "
                           "the curve P-256, OKP Ed25519"};
constexpr Fault no_key{Errc::validation_failed,
                       "no key of the set signs with RS256, ES256 or EdDSA"};

std::string_view text_of(Value key, std::string_view name) {
  const auto value = key.find(name);
  return value ? value->as_string().value_or(std::string_view{}) : std::string_view{};
}

std::string bytes_of(Value key, std::string_view name) {
  return base::base64url_decode(text_of(key, name)).value_or(std::string{});
}

// Absent, or as it must be.
bool says(Value key, std::string_view name, std::string_view wanted) {
  return !key.find(name) || text_of(key, name) == wanted;
}

bool of_use(Value key) {
  const auto type = text_of(key, "kty");
  if (!says(key, "use", "sig")) return false;
  if (type == "RSA") return says(key, "alg", "RS256");
  if (type == "EC") return says(key, "alg", "ES256") && text_of(key, "crv") == "P-256";
  return type == "OKP" && says(key, "alg", "EdDSA") && text_of(key, "crv") == "Ed25519";
}

std::optional<PublicKey> public_key_of(Value key) {
  const auto type = text_of(key, "kty");
  if (type == "RSA") return PublicKey::rsa(bytes_of(key, "n"), bytes_of(key, "e"));
  if (type == "EC") return PublicKey::p256(bytes_of(key, "x"), bytes_of(key, "y"));
  return PublicKey::ed25519(bytes_of(key, "x"));
}

}  // namespace

Result<std::vector<TokenKey>> read_jwks(base::AppId app,
                                        std::string_view text,
                                        wire::json::Parser& parser) {
  const auto set = parser.parse(text);
  if (set.has_error() || !set->is_object()) return no_set;
  const auto keys = set->find("keys");
  if (!keys || !keys->is_array() || keys->size() > base::limits::jwks_keys_max) return no_set;
  std::vector<TokenKey> read;
  for (const auto key : keys->items()) {
    if (!of_use(key)) continue;
    auto made = public_key_of(key);
    if (!made) return broken_key;
    read.push_back({app, std::string{text_of(key, "kid")}, std::move(*made)});
  }
  if (read.empty()) return no_key;
  return read;
}

}  // namespace kith::front
