#include "front/cors.hpp"

#include "wire/http/tokens.hpp"

#include <algorithm>

namespace kith::front {
namespace {

constexpr std::string_view preflight_age_s = "600";

// `https://host:port` without its scheme; nothing for `null` and the like.
std::string_view authority_of(std::string_view origin) noexcept {
  const auto slashes = origin.find("://");
  return slashes == std::string_view::npos ? std::string_view{} : origin.substr(slashes + 3);
}

// A proxy may have cut the port off the Host header.
bool same_host(std::string_view authority, std::string_view host) noexcept {
  if (authority.empty() || host.empty()) return false;
  if (wire::http::equal_ignoring_case(authority, host)) return true;
  const bool host_has_port = host.rfind(':') != std::string_view::npos && host.back() != ']';
  const auto colon = authority.rfind(':');
  if (host_has_port || colon == std::string_view::npos || authority.back() == ']') return false;
  return wire::http::equal_ignoring_case(authority.substr(0, colon), host);
}

}  // namespace

Cors::Cors(CorsOptions options) : options_(std::move(options)) {
  any_ = std::erase(options_.origins, "*") > 0;
}

bool Cors::listed(std::string_view origin) const noexcept {
  return std::any_of(options_.origins.begin(), options_.origins.end(), [origin](const auto& entry) {
    return wire::http::equal_ignoring_case(entry, origin);
  });
}

void Cors::add_headers(const wire::http::Request& request, Response& response) const {
  if (options_.origins.empty() && !any_) return;
  const auto origin = request.header("origin");
  if (origin && listed(*origin)) {
    response.headers.emplace_back("Access-Control-Allow-Origin", *origin);
    if (options_.credentials)
      response.headers.emplace_back("Access-Control-Allow-Credentials", "true");
  } else if (any_) {
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
  }
  // A cache must not give one origin's answer to another.
  if (!options_.origins.empty()) response.headers.emplace_back("Vary", "Origin");
}

bool Cors::allows_websocket(const wire::http::Request& request) const noexcept {
  const auto origin = request.header("origin");
  if (!origin || any_ || listed(*origin)) return true;
  return same_host(authority_of(*origin), request.header_or("host", {}));
}

bool is_preflight(const wire::http::Request& request) noexcept {
  return request.method() == "OPTIONS" && request.header("access-control-request-method");
}

Response preflight_response(const wire::http::Request& request, std::string_view methods) {
  Response response;
  response.status = 204;
  response.headers.emplace_back("Access-Control-Allow-Methods", methods);
  if (const auto wanted = request.header("access-control-request-headers"))
    response.headers.emplace_back("Access-Control-Allow-Headers", *wanted);
  response.headers.emplace_back("Access-Control-Max-Age", preflight_age_s);
  return response;
}

}  // namespace kith::front
