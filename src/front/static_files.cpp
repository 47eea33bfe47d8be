#include "front/static_files.hpp"

#include "wire/http/etag.hpp"

#include <algorithm>

namespace kith::front {

StaticFiles::StaticFiles(std::span<const Asset> assets, Options options)
    : assets_(assets), options_(std::move(options)), cors_(options_.cors) {}

std::size_t StaticFiles::admit_body(Exchange& exchange) {
  exchange.answer(respond(exchange.request()));
  return 0;
}

void StaticFiles::handle(std::unique_ptr<Exchange> exchange) {
  exchange->answer(respond(exchange->request()));
}

void StaticFiles::add_headers(const wire::http::Request& request, Response& response) {
  cors_.add_headers(request, response);
}

Response StaticFiles::respond(const wire::http::Request& request) const {
  if (is_preflight(request)) return preflight_response(request, "GET, HEAD");
  if (request.method() != "GET" && request.method() != "HEAD") {
    Response refused = Response::text(405, "Method Not Allowed");
    refused.headers.emplace_back("Allow", "GET, HEAD");
    return refused;
  }
  const std::string_view path = request.path() == "/" ? options_.index : request.path();
  const auto asset = std::find_if(
      assets_.begin(), assets_.end(), [path](const Asset& entry) { return entry.path == path; });
  if (asset == assets_.end()) return Response::text(404, "Not Found");

  Response response;
  response.headers.emplace_back("Cache-Control", options_.cache_control);
  response.headers.emplace_back("ETag", asset->etag);
  const auto known = request.header("if-none-match");
  if (known && wire::http::etag_matches(*known, asset->etag)) {
    response.status = 304;
    return response;
  }
  response.content_type = asset->content_type;
  response.body = asset->bytes;
  return response;
}

}  // namespace kith::front
