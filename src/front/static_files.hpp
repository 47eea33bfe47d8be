#pragma once

#include "front/cors.hpp"
#include "front/handler.hpp"

#include <span>
#include <string>
#include <string_view>

namespace kith::front {

// A file in the binary. All views live as long as the program.
struct Asset {
  std::string_view path;  // as requested: `/index.html`
  std::string_view bytes;
  std::string_view content_type;
  std::string_view etag;  // with its quotes
};

// Serves a table of files by GET and HEAD, with 304 for a known ETag. The table is the whole list:
// no path reaches a file system.
class StaticFiles final : public Handler {
 public:
  struct Options {
    std::string_view cache_control = "no-cache";
    std::string_view index;  // the asset for `/`, if any
    CorsOptions cors;
  };

  StaticFiles(std::span<const Asset> assets, Options options);

  std::size_t admit_body(Exchange& exchange) override;
  void handle(std::unique_ptr<Exchange> exchange) override;
  void add_headers(const wire::http::Request& request, Response& response) override;

 private:
  Response respond(const wire::http::Request& request) const;

  std::span<const Asset> assets_;
  Options options_;
  Cors cors_;
};

}  // namespace kith::front
