#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kith::base {

// Every error a caller can see. The wire name, HTTP status and retry rule of each are in fault.cpp.
enum class Errc : std::uint8_t {
  unauthenticated,
  token_expired,
  forbidden,
  not_member,
  not_found,
  validation_failed,
  conflict,
  too_large,
  rate_limited,
  quota_exceeded,
  feature_disabled,
  unknown_event,
  unavailable,
  draining,
  overloaded,
  internal,
};
inline constexpr std::size_t errc_count = 16;

struct ErrcInfo {
  Errc code;
  std::string_view name;  // as in `{code}` on the wire and in metric labels
  std::uint16_t http_status;
  bool retryable;
};

const ErrcInfo& info(Errc code) noexcept;

// An error value. `text` is a string literal that says what to do next and holds no user data.
struct Fault {
  Errc code = Errc::internal;
  const char* text = "";
  std::uint32_t retry_after_ms = 0;  // 0: not said

  friend bool operator==(const Fault& a, const Fault& b) noexcept { return a.code == b.code; }
};

}  // namespace kith::base
