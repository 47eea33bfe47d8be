#pragma once

#include "front/handler.hpp"

#include <functional>
#include <memory>

namespace kith::rest {

// GET or HEAD.
bool is_read(const wire::http::Request& request) noexcept;
// 405 for everything else.
front::Response only_reads();

// `GET /livez` and `GET /readyz`, each with its own: 200 `ok` or 503 `not ready`. For those who
// start, watch and route to the process; they say nothing about it but that.
class Probe final : public front::Handler {
 public:
  // Called on the reactor that was asked.
  explicit Probe(std::function<bool()> good) : good_(std::move(good)) {}

  std::size_t admit_body(front::Exchange& exchange) override;
  void handle(std::unique_ptr<front::Exchange> exchange) override;

 private:
  front::Response respond(const wire::http::Request& request) const;

  std::function<bool()> good_;
};

}  // namespace kith::rest
