#include "rest/answer.hpp"

#include "wire/http/response.hpp"
#include "wire/http/tokens.hpp"
#include "wire/json/writer.hpp"

#include <algorithm>

namespace kith::rest {
namespace {

using base::Errc;
using base::Fault;

constexpr std::uint32_t ms_per_s = 1'000;

Fault fault_of(std::uint16_t status) {
  switch (status) {
    case 408:
      return {Errc::unavailable, "the request did not arrive in time: send it again"};
    case 413:
      return {Errc::too_large, "the body is too large: see max_payload_bytes of GET /v1/limits"};
    case 500:
      return {Errc::internal, "the request was not answered: try again"};
    default:
      return {Errc::validation_failed, "the body was broken off or is malformed"};
  }
}

}  // namespace

std::string problem_json(const Fault& fault, std::uint16_t status) {
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

front::Response fault_response(const Fault& fault, std::uint16_t status) {
  if (status == 0) status = base::info(fault.code).http_status;
  auto response = front::Response::json(status, problem_json(fault, status));
  response.content_type = problem_type;
  if (response.status == 401)
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"kith\"");
  if (fault.retry_after_ms > 0)
    response.headers.emplace_back("Retry-After",
                                  std::to_string((fault.retry_after_ms - 1) / ms_per_s + 1));
  return response;
}

void make_problem(front::Response& response) {
  if (response.status < 400 || response.content_type == problem_type) return;
  response.content_type = problem_type;
  response.body = problem_json(fault_of(response.status), response.status);
  response.shared_body = nullptr;
}

namespace {

// `q=0`, `q=0.0`, ...: not that one.
bool is_refused(std::string_view parameters) {
  const auto q = parameters.find("q=0");
  if (q == std::string_view::npos) return false;
  return parameters.substr(q + 3, parameters.find(';', q) - q - 3).find_first_of("123456789") ==
         std::string_view::npos;
}

}  // namespace

bool accepts_json(std::string_view accept) noexcept {
  if (accept.empty()) return true;
  while (!accept.empty()) {
    const auto comma = std::min(accept.find(','), accept.size());
    const auto range = accept.substr(0, comma);
    accept.remove_prefix(std::min(comma + 1, accept.size()));
    const auto semicolon = std::min(range.find(';'), range.size());
    const auto type = wire::http::trim(range.substr(0, semicolon));
    for (const std::string_view fits : {"*/*", "application/*", "application/json"})
      if (wire::http::equal_ignoring_case(type, fits) && !is_refused(range.substr(semicolon)))
        return true;
  }
  return false;
}

}  // namespace kith::rest
