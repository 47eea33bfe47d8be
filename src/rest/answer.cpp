#include "rest/answer.hpp"

#include "wire/http/response.hpp"
#include "wire/http/tokens.hpp"

namespace kith::rest {
namespace {

using base::Fault;

constexpr std::uint32_t ms_per_s = 1'000;

const char* text_of(std::uint16_t status) noexcept {
  switch (status) {
    case 408:
      return "the request did not arrive in time: send it again";
    case 413:
      return "the body is too large: see max_payload_bytes of GET /v1/limits";
    case 500:
      return "the request was not answered: try again";
    default:
      return "the body was broken off or is malformed";
  }
}

}  // namespace

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
  response.body =
      problem_json({front::code_of(response.status), text_of(response.status)}, response.status);
  response.shared_body = nullptr;
}

namespace {

// What stands before the separator, which goes too; all, if there is none.
std::string_view take_until(std::string_view& text, char separator) noexcept {
  const auto at = text.find(separator);
  const auto part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return part;
}

// `q=0`, `q=0.0`, ...: not that one.
bool is_refused(std::string_view parameters) noexcept {
  while (!parameters.empty()) {
    const auto parameter = wire::http::trim(take_until(parameters, ';'));
    if (parameter.starts_with("q=0"))
      return parameter.find_first_of("123456789") == std::string_view::npos;
  }
  return false;
}

}  // namespace

bool accepts_json(std::string_view accept) noexcept {
  if (accept.empty()) return true;
  while (!accept.empty()) {
    auto range = take_until(accept, ',');
    const auto type = wire::http::trim(take_until(range, ';'));
    for (const std::string_view fits : {"*/*", "application/*", "application/json"})
      if (wire::http::equal_ignoring_case(type, fits) && !is_refused(range)) return true;
  }
  return false;
}

}  // namespace kith::rest
