#include "front/handler.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "front/connection.hpp"

namespace kith::front {

Response Response::text(std::uint16_t status, std::string body) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=UTF-8";
  response.body = std::move(body);
  return response;
}

Response Response::json(std::uint16_t status, std::string body) {
  Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

Exchange::Exchange(Connection& connection, ports::Reactor& reactor, const wire::http::Request& head)
    : connection_(&connection), reactor_(reactor), request_(&head) {}

std::string Exchange::peer_address() const {
  return connection_ == nullptr ? std::string{} : connection_->peer_address();
}

Exchange::~Exchange() {
  if (connection_ == nullptr) return;
  Response response = Response::text(500, "Internal Server Error");
  response.close = true;
  answer(std::move(response));
}

void Exchange::answer(Response response) {
  if (connection_ == nullptr) return;
  watcher_ = nullptr;
  std::exchange(connection_, nullptr)->answer(*this, std::move(response));
}

void Exchange::drop() {
  if (connection_ == nullptr) return;
  watcher_ = nullptr;
  std::exchange(connection_, nullptr)->drop(*this);
}

Exchange::Upgraded Exchange::upgrade() {
  KITH_ASSERT(connection_ != nullptr);
  watcher_ = nullptr;
  return std::exchange(connection_, nullptr)->upgrade(*this);
}

void Exchange::complete(wire::http::Request request) {
  own_ = std::move(request);
  request_ = &own_;
}

void Exchange::aborted() {
  connection_ = nullptr;
  if (auto* const watcher = std::exchange(watcher_, nullptr)) watcher->on_aborted(*this);
}

void Exchange::too_large() {
  connection_ = nullptr;
  if (auto* const watcher = std::exchange(watcher_, nullptr)) watcher->on_too_large(*this);
}

std::size_t Handler::admit_body(Exchange& /*exchange*/) {
  return base::limits::http_body_bytes_max;
}

}  // namespace kith::front
