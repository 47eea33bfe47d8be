#include "rest/answer.hpp"

#include "wire/json/writer.hpp"

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

std::string fault_json(const Fault& fault) {
  const auto& about = base::info(fault.code);
  std::string text;
  wire::json::Writer json{text};
  json.begin_object().field("code", about.name).field("message", fault.text);
  json.field("retryable", about.retryable);
  if (fault.retry_after_ms > 0) json.field("retry_after_ms", fault.retry_after_ms);
  json.end_object();
  return text;
}

front::Response fault_response(const Fault& fault, std::uint16_t status) {
  auto response = front::Response::json(status == 0 ? base::info(fault.code).http_status : status,
                                        fault_json(fault));
  if (response.status == 401)
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"kith\"");
  if (fault.retry_after_ms > 0)
    response.headers.emplace_back("Retry-After",
                                  std::to_string((fault.retry_after_ms - 1) / ms_per_s + 1));
  return response;
}

void make_json(front::Response& response) {
  if (response.status < 400 || response.content_type == "application/json") return;
  response.content_type = "application/json";
  response.body = fault_json(fault_of(response.status));
  response.shared_body = nullptr;
}

}  // namespace kith::rest
