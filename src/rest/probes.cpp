#include "rest/probes.hpp"

namespace kith::rest {

bool is_read(const wire::http::Request& request) noexcept {
  return request.method() == "GET" || request.method() == "HEAD";
}

front::Response only_reads() {
  auto refused = front::Response::text(405, "Method Not Allowed\n");
  refused.headers.emplace_back("Allow", "GET, HEAD");
  return refused;
}

std::size_t Probe::admit_body(front::Exchange& exchange) {
  exchange.answer(respond(exchange.request()));
  return 0;
}

void Probe::handle(std::unique_ptr<front::Exchange> exchange) {
  exchange->answer(respond(exchange->request()));
}

front::Response Probe::respond(const wire::http::Request& request) const {
  if (!is_read(request)) return only_reads();
  const bool good = good_();
  auto response = front::Response::text(good ? 200 : 503, good ? "ok\n" : "not ready\n");
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace kith::rest
