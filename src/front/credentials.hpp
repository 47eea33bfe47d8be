#pragma once

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "front/jwks.hpp"
#include "ports/store.hpp"
#include "wire/json/parser.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

// Who is asking: users' tokens, applications' server keys, and the names that development mode
// believes.
namespace kith::front {

// Who somebody proved to be.
struct Identity {
  base::AppId app{};
  std::string app_name;
  base::UserId user;         // empty for an application
  bool application = false;  // a server key, which names nobody
  std::string kid;           // of that key
  std::string name;          // as the token says; empty: nothing said
  std::string avatar;
  base::WallTime expires_at;  // ms 0: never
  base::WallTime issued_at;   // ms 0: not said
};

enum class DevMode : bool { off, on };

// The application of `kith serve --dev`.
inline constexpr std::string_view dev_app = "default";

// An immutable view of the applications and their keys, replaced as a whole when they change. Safe
// to read from any thread. Faults are `unauthenticated`, and `token_expired` for what was good
// once; which part of a forged token was wrong is said only where that helps whoever signs
// honestly.
class Credentials {
 public:
  // `extra`: keys that live in memory only; `public_keys`: those of JWK sets. The names, kids and
  // secrets are copied.
  Credentials(ports::Directory directory,
              DevMode dev,
              std::vector<ports::AppKeyRow> extra = {},
              std::vector<TokenKey> public_keys = {});
  Credentials(const Credentials&) = delete;
  Credentials& operator=(const Credentials&) = delete;

  // A JWT signed by a key of the application that `iss` names, the one that `kid` names, or any if
  // it names none: HS256 by a signing key in use; RS256, ES256 and EdDSA by one of its JWK set,
  // each by keys of that kind only. `sub` is the user, `exp` (seconds since 1970, as `nbf` and
  // `iat`) is required. The parser is used for two texts; its former value is gone.
  base::Result<Identity> verify_token(std::string_view token,
                                      base::WallTime now,
                                      wire::json::Parser& parser) const;

  // `sk_KID_SECRET`, a server key in use.
  base::Result<Identity> verify_server_key(std::string_view bearer) const;

  // A user of the application `default`, on his word; in development mode only.
  base::Result<Identity> dev_user(std::string_view user) const;

  // Null if there is none. Lives as long as this object, as what the others give.
  const ports::AppRow* find_app(std::string_view name) const;
  const std::string* app_name(base::AppId app) const;
  // What new tokens of an application are signed with: the youngest signing key in use.
  const ports::AppKeyRow* signing_key(base::AppId app) const;

  DevMode dev() const noexcept { return dev_; }

 private:
  struct Claims;

  base::Result<Claims> claims_of(wire::json::Value payload, base::WallTime now) const;
  struct Signed;

  bool signed_by_app(base::AppId app, const Signed& text) const;
  bool signed_by_secret(base::AppId app, const Signed& text) const;

  const ports::Directory directory_;  // never changes: the tables below point into it
  const std::vector<ports::AppKeyRow> extra_;
  const std::vector<TokenKey> public_keys_;
  const DevMode dev_;
  std::map<std::string_view, const ports::AppRow*> apps_by_name_;
  std::map<base::AppId, const ports::AppRow*> apps_;
  std::multimap<base::AppId, const ports::AppKeyRow*> signing_keys_;      // in use
  std::multimap<std::string_view, const ports::AppKeyRow*> server_keys_;  // in use; by kid
};

// What a new token says.
struct TokenClaims {
  std::string_view app;   // iss
  std::string_view user;  // sub
  std::string_view kid;
  base::WallTime issued_at;
  base::WallTime expires_at;  // cut to whole seconds, as issued_at
  std::string_view name;      // these two are left out if empty
  std::string_view avatar;
};

// A JWT signed with HS256. `secret` is the HMAC key.
std::string sign_token(const TokenClaims& claims, std::string_view secret);

}  // namespace kith::front
