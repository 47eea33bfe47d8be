#include "rest/access.hpp"

#include "base/names.hpp"
#include "wire/http/percent.hpp"
#include "wire/http/tokens.hpp"

#include <optional>

namespace kith::rest {
namespace {

using base::Errc;
using base::Fault;
using base::Result;

// What stands behind `Bearer`.
Result<std::string_view> bearer_of(const wire::http::Request& request) {
  constexpr std::string_view scheme = "Bearer ";
  constexpr Fault missing{Errc::unauthenticated,
                          "say who asks: `Authorization: Bearer` and a token or a server key"};
  if (request.header_count("authorization") != 1) return missing;
  const auto value = request.header_or("authorization", {});
  if (!wire::http::equal_ignoring_case(value.substr(0, scheme.size()), scheme)) return missing;
  return wire::http::trim(value.substr(scheme.size()));
}

}  // namespace

Result<Access> authenticate(const wire::http::Request& request,
                            const Judges& judges,
                            base::WallTime now,
                            wire::json::Parser& parser) {
  KITH_TRY(bearer, bearer_of(request));
  const bool server_key = bearer.starts_with("sk_");
  KITH_TRY(identity,
           server_key ? judges.credentials.verify_server_key(bearer)
                      : judges.credentials.verify_token(bearer, now, parser));
  KITH_CHECK(judges.revocations.check(identity));
  Access access{.identity = std::move(identity), .user = {}};
  access.user = access.identity.user;
  const auto behalf = request.header("on-behalf-of");
  if (!behalf) return access;
  if (!server_key)
    return Fault{Errc::forbidden, "On-Behalf-Of is for server keys: a user acts for himself"};
  const auto name = wire::http::percent_decode(*behalf);
  if (request.header_count("on-behalf-of") != 1 || !name)
    return Fault{Errc::validation_failed, "On-Behalf-Of names one user, percent-encoded"};
  KITH_TRY(user, base::parse_user(*name));
  access.user = std::move(user);
  return access;
}

Result<void> act_for(Access& access, std::string_view user) {
  KITH_TRY(named, base::parse_user(user));
  if (!access.user.empty() && access.user != named)
    return Fault{Errc::forbidden, "this belongs to another user"};
  access.user = std::move(named);
  return {};
}

}  // namespace kith::rest
