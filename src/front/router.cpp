#include "front/router.hpp"

#include <algorithm>

namespace kith::front {

void Router::add_path(std::string path, Handler& handler) {
  paths_.push_back({std::move(path), &handler});
}

void Router::add_tree(std::string prefix, Handler& handler) {
  trees_.push_back({std::move(prefix), &handler});
  std::stable_sort(trees_.begin(), trees_.end(), [](const Route& a, const Route& b) {
    return a.path.size() > b.path.size();
  });
}

Handler& Router::find(std::string_view path) const noexcept {
  for (const auto& route : paths_) {
    if (route.path == path) return *route.handler;
  }
  for (const auto& route : trees_) {
    if (path.starts_with(route.path)) return *route.handler;
  }
  return otherwise_;
}

std::size_t NotFound::admit_body(Exchange& exchange) {
  exchange.answer(Response::text(404, "Not Found"));
  return 0;
}

void NotFound::handle(std::unique_ptr<Exchange> exchange) {
  exchange->answer(Response::text(404, "Not Found"));
}

}  // namespace kith::front
