#pragma once

#include "base/fault.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace kith::front {

inline constexpr std::string_view problem_type = "application/problem+json";  // RFC 9457

// `{code, message, retryable, retry_after_ms?}`, as over the socket, and what RFC 9457 calls them:
// status, title, detail.
std::string problem_json(const base::Fault& fault, std::uint16_t status);

// The code that goes with a status of HTTP's own.
base::Errc code_of(std::uint16_t status) noexcept;

}  // namespace kith::front
