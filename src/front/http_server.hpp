#pragma once

#include "front/connection.hpp"
#include "front/router.hpp"
#include "ports/reactor.hpp"
#include "ports/stream.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace kith::front {

// The HTTP connections of one reactor. Its reactor, factory and router outlive it; handlers let go
// of their exchanges before or after, as they like.
class HttpServer final : private ports::TickHook {
 public:
  HttpServer(ports::Reactor& reactor, ports::StreamFactory& streams, const Router& router);
  ~HttpServer() override;

  // The servers of all reactors, by their index, so that connections can move. Before any traffic;
  // they outlive this one's reactor.
  void set_peers(std::span<HttpServer* const> peers) { peers_.assign(peers.begin(), peers.end()); }

  // On this reactor.
  void accept(std::unique_ptr<ports::ReleasedStream> stream);
  void accept(std::unique_ptr<ports::Stream> stream);

  // Closes the connections that wait for a request; the others close behind their answers.
  void drain();

  std::size_t connections() const noexcept { return connections_.size(); }

  ports::Reactor& reactor() const noexcept { return reactor_; }

 private:
  friend class Connection;
  void on_tick_end() override;
  // Connections die at the end of the tick: one of their calls may be on the stack.
  void retire(Connection& connection);
  void move(std::size_t reactor, MovedConnection state);
  void adopt(MovedConnection state);
  void keep(std::unique_ptr<Connection> connection);

  ports::Reactor& reactor_;
  ports::StreamFactory& streams_;
  const Router& router_;
  std::vector<HttpServer*> peers_;
  boost::unordered_flat_map<const Connection*, std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Connection>> retired_;
  bool draining_ = false;
  bool dying_ = false;
};

}  // namespace kith::front
