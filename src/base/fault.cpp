#include "base/fault.hpp"

#include "base/assert.hpp"

#include <array>

namespace kith::base {
namespace {

constexpr std::array<ErrcInfo, errc_count> table{{
    {Errc::unauthenticated, "unauthenticated", 401, false},
    {Errc::token_expired, "token_expired", 401, true},
    {Errc::forbidden, "forbidden", 403, false},
    {Errc::not_member, "not_member", 403, false},
    {Errc::not_found, "not_found", 404, false},
    {Errc::validation_failed, "validation_failed", 400, false},
    {Errc::conflict, "conflict", 409, false},
    {Errc::too_large, "too_large", 413, false},
    {Errc::rate_limited, "rate_limited", 429, true},
    {Errc::quota_exceeded, "quota_exceeded", 403, false},
    {Errc::feature_disabled, "feature_disabled", 403, false},
    {Errc::unknown_event, "unknown_event", 404, false},
    {Errc::unavailable, "unavailable", 503, true},
    {Errc::draining, "draining", 503, true},
    {Errc::overloaded, "overloaded", 503, true},
    {Errc::internal, "internal", 500, true},
}};

}  // namespace

const ErrcInfo& info(Errc code) noexcept {
  const auto index = static_cast<std::size_t>(code);
  KITH_ASSERT(index < table.size());
  KITH_ASSERT(table[index].code == code);
  return table[index];
}

}  // namespace kith::base
