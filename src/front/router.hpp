#pragma once

#include "front/handler.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kith::front {

// Which handler a path belongs to. One per reactor, made at start-up.
class Router {
 public:
  // What no route matches.
  explicit Router(Handler& otherwise) : otherwise_(otherwise) {}

  void add_path(std::string path, Handler& handler);
  // All paths that begin with `prefix`.
  void add_tree(std::string prefix, Handler& handler);

  // An exact path wins over trees, and the longest tree over shorter ones.
  Handler& find(std::string_view path) const noexcept;

 private:
  struct Route {
    std::string path;
    Handler* handler;
  };

  Handler& otherwise_;
  std::vector<Route> paths_;
  std::vector<Route> trees_;  // longest first
};

// Answers 404 to everything.
class NotFound final : public Handler {
 public:
  std::size_t admit_body(Exchange& exchange) override;
  void handle(std::unique_ptr<Exchange> exchange) override;
};

}  // namespace kith::front
