#include "front/http_server.hpp"

#include "base/assert.hpp"

namespace kith::front {

HttpServer::HttpServer(ports::Reactor& reactor, ports::StreamFactory& streams, const Router& router)
    : reactor_(reactor), streams_(streams), router_(router) {}

HttpServer::~HttpServer() {
  dying_ = true;  // nothing leaves the table while it is walked
  for (auto& [key, connection] : connections_)
    connection->abandon();
}

void HttpServer::accept(std::unique_ptr<ports::ReleasedStream> stream) {
  accept(streams_.adopt(std::move(stream)));
}

void HttpServer::accept(std::unique_ptr<ports::Stream> stream) {
  auto connection = std::make_unique<Connection>(*this, std::move(stream));
  auto& started = *connection;
  keep(std::move(connection));
  started.start();
  if (draining_) started.drain();
}

void HttpServer::keep(std::unique_ptr<Connection> connection) {
  const auto* const key = connection.get();
  connections_.emplace(key, std::move(connection));
}

void HttpServer::drain() {
  draining_ = true;
  std::vector<Connection*> all;
  all.reserve(connections_.size());
  for (auto& [key, connection] : connections_)
    all.push_back(connection.get());
  for (auto* connection : all)
    connection->drain();
}

void HttpServer::retire(Connection& connection) {
  if (dying_) return;
  const auto found = connections_.find(&connection);
  if (found == connections_.end()) return;
  retired_.push_back(std::move(found->second));
  connections_.erase(found);
  reactor_.at_tick_end(*this);
}

void HttpServer::on_tick_end() {
  // Their destructors may retire others.
  const auto retired = std::exchange(retired_, {});
}

void HttpServer::move(std::size_t reactor, MovedConnection state) {
  KITH_ASSERT(reactor < peers_.size());
  auto& peer = *peers_[reactor];
  base::Task task = [&peer, moved = std::move(state)]() mutable { peer.adopt(std::move(moved)); };
  peer.reactor_.try_post(
      task);  // refused: the other reactor is flooded, the connection closes here
}

void HttpServer::adopt(MovedConnection state) {
  auto connection = std::make_unique<Connection>(*this, streams_.adopt(std::move(state.stream)));
  auto& started = *connection;
  keep(std::move(connection));
  started.resume(std::move(state));
}

}  // namespace kith::front
