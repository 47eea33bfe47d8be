#include "front/credentials.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "base/names.hpp"
#include "wire/json/writer.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace kith::front {
namespace {

using base::Errc;
using base::Fault;
using base::Result;
using wire::json::Value;

namespace limits = base::limits;

constexpr std::int64_t ms_per_s = 1'000;
constexpr double year_10000_s = 253'402'300'800.0;  // above, RFC 3339 can not say it
constexpr std::string_view server_key_prefix = "sk_";

// One text for all that a forger could learn from.
constexpr Fault not_accepted{Errc::unauthenticated,
                             "the token is not accepted: sign it with a key in use of the "
                             "application that `iss` names, HS256 or as its JWK set says"};
constexpr Fault unknown_server_key{Errc::unauthenticated,
                                   "this server key is not in use: `kith app key list` shows all"};

struct TokenParts {
  std::string header;
  std::string payload;
  std::string signature;
  std::string_view signed_part;
};

std::optional<TokenParts> split(std::string_view token) {
  const auto first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  auto header = base::base64url_decode(token.substr(0, first));
  auto payload = base::base64url_decode(token.substr(first + 1, second - first - 1));
  auto signature = base::base64url_decode(token.substr(second + 1));
  if (!header || !payload || !signature) return std::nullopt;
  return TokenParts{
      std::move(*header), std::move(*payload), std::move(*signature), token.substr(0, second)};
}

// How a token says it is signed.
struct Header {
  std::optional<base::SignatureKind> kind;  // none: HS256
  std::optional<std::string> kid;
};

// Of a header that asks for nothing but what is understood here. The algorithm chooses among keys
// of that kind; it never makes a secret of a public key, and `none` ends here.
Result<Header> header_of(Value header) {
  const auto alg = header.find("alg");
  const auto name = alg ? alg->as_string() : std::nullopt;
  if (!name || header.find("crit")) return not_accepted;
  Header read;
  if (*name == "RS256")
    read.kind = base::SignatureKind::rs256;
  else if (*name == "ES256")
    read.kind = base::SignatureKind::es256;
  else if (*name == "EdDSA")
    read.kind = base::SignatureKind::eddsa;
  else if (*name != "HS256")
    return not_accepted;
  const auto kid = header.find("kid");
  if (!kid) return read;
  const auto text = kid->as_string();
  if (!text) return not_accepted;
  read.kid = std::string{*text};
  return read;
}

// Seconds since 1970, fractions allowed (RFC 7519, NumericDate). Nothing if absent.
Result<std::optional<base::WallTime>> time_of(Value payload, std::string_view name) {
  const auto value = payload.find(name);
  if (!value) return std::optional<base::WallTime>{};
  const auto seconds = value->as_double();
  if (!seconds || !std::isfinite(*seconds) || *seconds < 0 || *seconds >= year_10000_s)
    return Fault{Errc::unauthenticated,
                 "`exp`, `nbf` and `iat` of a token are numbers: seconds since 1970"};
  return std::optional{base::WallTime{static_cast<std::int64_t>(*seconds * ms_per_s)}};
}

// Empty for absent and null.
Result<std::string> text_of(Value payload,
                            std::string_view name,
                            std::size_t bytes_max,
                            const char* complaint) {
  const auto value = payload.find(name);
  if (!value || value->is_null()) return std::string{};
  const auto text = value->as_string();
  if (!text || text->size() > bytes_max || text->find('\0') != std::string_view::npos)
    return Fault{Errc::unauthenticated, complaint};
  return std::string{*text};
}

Result<base::UserId> user_of(std::optional<std::string_view> text) {
  auto user = base::parse_user(text.value_or(std::string_view{}));
  if (user.has_error())
    return Fault{Errc::unauthenticated,
                 "a user is named by 1 to 64 characters without control characters"};
  return user;
}

}  // namespace

struct Credentials::Claims {
  base::UserId user;
  std::string name;
  std::string avatar;
  base::WallTime expires_at;
  base::WallTime issued_at;
};

struct Credentials::Signed {
  const Header& header;
  std::string_view text;
  std::string_view signature;

  bool may_be_by(std::string_view kid) const { return !header.kid || *header.kid == kid; }
};

Credentials::Credentials(ports::Directory directory,
                         DevMode dev,
                         std::vector<ports::AppKeyRow> extra,
                         std::vector<TokenKey> public_keys)
    : directory_(std::move(directory)),
      extra_(std::move(extra)),
      public_keys_(std::move(public_keys)),
      dev_(dev) {
  for (const auto& app : directory_.apps) {
    apps_by_name_.emplace(app.name, &app);
    apps_.emplace(app.id, &app);
  }
  for (const auto* keys : {&directory_.keys, &extra_}) {
    for (const auto& key : *keys) {
      if (key.retired_at.ms != 0 || key.secret.empty() || !apps_.contains(key.app)) continue;
      if (key.kind == ports::KeyKind::signing) signing_keys_.emplace(key.app, &key);
      if (key.kind == ports::KeyKind::server) server_keys_.emplace(key.kid, &key);
    }
  }
}

Result<Identity> Credentials::verify_token(std::string_view token,
                                           base::WallTime now,
                                           wire::json::Parser& parser) const {
  if (token.size() > limits::token_bytes_max)
    return Fault{Errc::unauthenticated, "the token is larger than token_bytes_max: put less in it"};
  const auto parts = split(token);
  if (!parts) return not_accepted;
  const auto first = parser.parse(parts->header);
  if (first.has_error()) return not_accepted;
  KITH_TRY(header, header_of(*first));

  const auto payload = parser.parse(parts->payload);
  if (payload.has_error()) return not_accepted;
  const auto issuer = payload->find("iss");
  const auto app_text = issuer ? issuer->as_string() : std::nullopt;
  const auto* app = app_text ? find_app(*app_text) : nullptr;
  if (app == nullptr || !signed_by_app(app->id, {header, parts->signed_part, parts->signature}))
    return not_accepted;

  KITH_TRY(claims, claims_of(*payload, now));
  return Identity{.app = app->id,
                  .app_name = app->name,
                  .user = std::move(claims.user),
                  .name = std::move(claims.name),
                  .avatar = std::move(claims.avatar),
                  .expires_at = claims.expires_at,
                  .issued_at = claims.issued_at};
}

bool Credentials::signed_by_app(base::AppId app, const Signed& text) const {
  if (!text.header.kind) return signed_by_secret(app, text);
  return std::any_of(public_keys_.begin(), public_keys_.end(), [&](const auto& one) {
    return one.app == app && one.key.kind() == *text.header.kind && text.may_be_by(one.kid) &&
           one.key.verify(text.text, text.signature);
  });
}

bool Credentials::signed_by_secret(base::AppId app, const Signed& text) const {
  bool good = false;
  for (auto [at, end] = signing_keys_.equal_range(app); at != end; ++at)
    if (const auto& key = *at->second; text.may_be_by(key.kid))
      good |=
          base::equal_in_constant_time(base::hmac_sha256(key.secret, text.text), text.signature);
  return good;
}

// Of a payload whose signature was checked: what is said here is said to the one who signed.
Result<Credentials::Claims> Credentials::claims_of(Value payload, base::WallTime now) const {
  KITH_TRY(expires_at, time_of(payload, "exp"));
  KITH_TRY(not_before, time_of(payload, "nbf"));
  KITH_TRY(issued_at, time_of(payload, "iat"));
  if (!expires_at) return Fault{Errc::unauthenticated, "a token needs `exp`: seconds since 1970"};
  if (*expires_at <= now)
    return Fault{Errc::token_expired, "the token has expired: come back with a new one"};
  if (not_before && not_before->ms > now.ms + limits::token_clock_skew_ms)
    return Fault{Errc::unauthenticated, "the token is not valid yet: see its `nbf`"};

  Claims claims{.expires_at = *expires_at, .issued_at = issued_at.value_or(base::WallTime{})};
  const auto subject = payload.find("sub");
  KITH_TRY(user, user_of(subject ? subject->as_string() : std::nullopt));
  constexpr const char* name_complaint = "`name` of a token is a text of at most 128 characters";
  KITH_TRY(name, text_of(payload, "name", limits::name_chars_max * 4, name_complaint));
  if (base::utf8_length(name) > limits::name_chars_max)
    return Fault{Errc::unauthenticated, name_complaint};
  KITH_TRY(avatar,
           text_of(payload,
                   "avatar",
                   limits::avatar_bytes_max,
                   "`avatar` of a token is a text of at most 2048 bytes"));
  claims.user = std::move(user);
  claims.name = std::move(name);
  claims.avatar = std::move(avatar);
  return claims;
}

Result<Identity> Credentials::verify_server_key(std::string_view bearer) const {
  if (bearer.size() > limits::token_bytes_max || !bearer.starts_with(server_key_prefix))
    return unknown_server_key;
  const auto rest = bearer.substr(server_key_prefix.size());
  const auto underscore = rest.find('_');  // a kid has none, a secret may
  if (underscore == std::string_view::npos) return unknown_server_key;
  const auto hash = base::sha256(rest.substr(underscore + 1));
  const auto [begin, end] = server_keys_.equal_range(rest.substr(0, underscore));
  for (auto at = begin; at != end; ++at) {
    const auto& key = *at->second;
    if (!base::equal_in_constant_time(hash, key.secret)) continue;
    return Identity{
        .app = key.app, .app_name = apps_.at(key.app)->name, .application = true, .kid = key.kid};
  }
  return unknown_server_key;
}

Result<Identity> Credentials::dev_user(std::string_view user) const {
  const auto* app = find_app(dev_app);
  if (dev_ == DevMode::off || app == nullptr)
    return Fault{Errc::unauthenticated,
                 "give a token: only `kith serve --dev` takes a user's bare name"};
  KITH_TRY(named, user_of(user));
  return Identity{.app = app->id, .app_name = app->name, .user = std::move(named)};
}

const ports::AppRow* Credentials::find_app(std::string_view name) const {
  const auto found = apps_by_name_.find(name);
  return found == apps_by_name_.end() ? nullptr : found->second;
}

const std::string* Credentials::app_name(base::AppId app) const {
  const auto found = apps_.find(app);
  return found == apps_.end() ? nullptr : &found->second->name;
}

const ports::AppKeyRow* Credentials::signing_key(base::AppId app) const {
  const ports::AppKeyRow* youngest = nullptr;
  for (auto [at, end] = signing_keys_.equal_range(app); at != end; ++at)
    if (youngest == nullptr || at->second->created_at >= youngest->created_at)
      youngest = at->second;
  return youngest;
}

std::string sign_token(const TokenClaims& claims, std::string_view secret) {
  std::string header;
  wire::json::Writer{header}
      .begin_object()
      .field("alg", "HS256")
      .field("typ", "JWT")
      .field("kid", claims.kid)
      .end_object();
  std::string payload;
  wire::json::Writer body{payload};
  body.begin_object().field("iss", claims.app).field("sub", claims.user);
  body.field("iat", claims.issued_at.ms / ms_per_s).field("exp", claims.expires_at.ms / ms_per_s);
  if (!claims.name.empty()) body.field("name", claims.name);
  if (!claims.avatar.empty()) body.field("avatar", claims.avatar);
  body.end_object();
  std::string token = base::base64url_encode(header);
  token += '.';
  base::append_base64url(token, payload);
  const std::string signature = base::hmac_sha256(secret, token);
  token += '.';
  base::append_base64url(token, signature);
  return token;
}

}  // namespace kith::front
