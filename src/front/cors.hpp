#pragma once

#include "front/handler.hpp"
#include "wire/http/request.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kith::front {

struct CorsOptions {
  // `https://app.example.com` each, or `*` for any. Empty: pages of other origins can not read
  // answers.
  std::vector<std::string> origins;
  // Lets the listed origins send cookies. Never for `*`.
  bool credentials = false;
};

// Which pages of other origins may use a path, by an explicit list.
class Cors {
 public:
  explicit Cors(CorsOptions options);

  // The headers of an answer, errors too.
  void add_headers(const wire::http::Request& request, Response& response) const;
  // Browsers do not apply CORS to WebSockets, so the server judges: no Origin (not a browser), an
  // allowed one, or the host's own.
  bool allows_websocket(const wire::http::Request& request) const noexcept;

 private:
  bool listed(std::string_view origin) const noexcept;

  CorsOptions options_;
  bool any_ = false;
};

// An OPTIONS request with Access-Control-Request-Method.
bool is_preflight(const wire::http::Request& request) noexcept;
// The answer of a preflight but for the headers that `Cors::add_headers` adds to every answer.
Response preflight_response(const wire::http::Request& request, std::string_view methods);

}  // namespace kith::front
