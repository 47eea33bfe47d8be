#include "front/problem.hpp"

#include "wire/http/response.hpp"
#include "wire/json/writer.hpp"

namespace kith::front {

using base::Errc;

std::string problem_json(const base::Fault& fault, std::uint16_t status) {
  const auto& about = base::info(fault.code);
  std::string text;
  wire::json::Writer json{text};
  json.begin_object().field("code", about.name).field("message", fault.text);
  json.field("retryable", about.retryable);
  if (fault.retry_after_ms > 0) json.field("retry_after_ms", fault.retry_after_ms);
  json.field("status", status).field("title", wire::http::reason_phrase(status));
  json.field("detail", fault.text).end_object();
  return text;
}

Errc code_of(std::uint16_t status) noexcept {
  switch (status) {
    case 408:
      return Errc::unavailable;
    case 413:
    case 414:
    case 431:
      return Errc::too_large;
    case 500:
      return Errc::internal;
    default:
      return Errc::validation_failed;
  }
}

}  // namespace kith::front
