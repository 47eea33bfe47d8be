#include "server/node.hpp"

#include <atomic>
#include <chrono>
#include <poll.h>

namespace kith::server {
namespace {

// How long clients are given to take what was sent to them, at the end.
constexpr int goodbye_ms = 2'000;
constexpr int goodbye_step_ms = 10;

}  // namespace

void Door::on_accepted(std::unique_ptr<ports::ReleasedStream> connection) {
  if (streams_.open_count() >= connections_max_) return;  // dropped, which closes it
  http_->accept(std::move(connection));
}

Operators::Operators(ports::StreamFactory& streams, ReactorParts& parts)
    : router_(not_found_), http_(parts.reactor(), streams, router_) {
  router_.add_path("/metrics", parts.metrics());
  router_.add_path("/livez", parts.alive());
  router_.add_path("/readyz", parts.ready());
}

void Operators::on_accepted(std::unique_ptr<ports::ReleasedStream> connection) {
  http_.accept(std::move(connection));
}

Node::Node(Parts parts) : parts_(parts) {
  std::vector<ReactorSeat> seats;
  for (std::size_t i = 0; i < parts_.reactors.size(); ++i) {
    auto& reactor = parts_.reactors[i];
    doors_.push_back(
        std::make_unique<Door>(reactor, share_of(parts_.connections_max, parts_.reactors.size())));
    auto& streams = doors_.back()->streams();
    seats.push_back({reactor, streams, [&streams] { return streams.open_count(); }});
  }
  wiring_ = std::make_unique<Wiring>(Wiring::Ground{.config = parts_.config,
                                                    .store = parts_.store,
                                                    .logger = parts_.logger,
                                                    .connections_max = parts_.connections_max},
                                     seats);
  for (std::size_t i = 0; i < doors_.size(); ++i)
    doors_[i]->open_to((*wiring_)[i].http());
}

Node::~Node() = default;

base::Result<std::string> Node::listen(const std::string& where) {
  KITH_TRY(endpoint, net::parse_endpoint(where));
  net::ListenerOptions options;
  for (std::size_t i = 0; i < doors_.size(); ++i) {
    net::AcceptHandler* entrance = doors_[i].get();
    if (parts_.config.server.proxy_protocol) {
      gates_.push_back(std::make_unique<net::ProxyGate>(
          parts_.reactors[i],
          *entrance,
          net::ProxyGateOptions{.trusted = trusted_proxies(parts_.config)}));
      entrance = gates_.back().get();
    }
    options.seats.push_back({&parts_.reactors[i], entrance});
  }
  KITH_TRY(listener, net::Listener::listen(parts_.reactors[0], endpoint, std::move(options)));
  listener_ = std::move(listener);
  return net::to_text(listener_->endpoint());
}

base::Result<std::string> Node::listen_for_operators(const std::string& where) {
  KITH_TRY(endpoint, net::parse_endpoint(where));
  auto& first = parts_.reactors[0];
  operators_ = std::make_unique<Operators>(doors_[0]->streams(), (*wiring_)[0]);
  KITH_TRY(listener,
           net::Listener::listen(first, endpoint, {.seats = {{&first, operators_.get()}}}));
  operators_listener_ = std::move(listener);
  return net::to_text(operators_listener_->endpoint());
}

bool Node::idle(std::size_t index) noexcept {
  return (*wiring_)[index].engine().sessions() == 0 && doors_[index]->idle();
}

bool Node::wait(int at_most_ms, const std::function<bool(std::size_t)>& done) {
  for (int waited_ms = 0;; waited_ms += goodbye_step_ms) {
    std::atomic<bool> all{true};
    parts_.reactors.on_each([&](runtime::RealReactor& reactor) {
      if (!done(reactor.index())) all = false;
    });
    if (all || waited_ms >= at_most_ms) return all;
    ::poll(nullptr, 0, goodbye_step_ms);
  }
}

void Node::drain(const std::function<bool()>& hurry) {
  auto& wiring = *wiring_;
  wiring.begin_drain();
  const auto each = [&](auto call) {
    parts_.reactors.on_each([&](runtime::RealReactor& reactor) { call(wiring[reactor.index()]); });
  };
  // The door stays open until the last session is gone, for none but them: who polls comes with a
  // connection of his own each time.
  if (const std::chrono::milliseconds over{parts_.config.server.drain_over_ms}; over.count() > 0) {
    each([&](ReactorParts& parts) { parts.gateway().move_all(over); });
    wait(static_cast<int>(over.count()),
         [&](std::size_t i) { return hurry() || wiring[i].gateway().clients() == 0; });
  }
  each([](ReactorParts& parts) {
    parts.hub().flush_cursors();
    parts.flush_features();
  });
  each([](ReactorParts& parts) { parts.flush_features(); });
  parts_.store.drain();
  // What was committed was posted before this: acks leave before the goodbye.
  each([](ReactorParts& parts) { parts.gateway().close_all(delivery::CloseCode::draining); });
  wait(goodbye_ms, [&](std::size_t i) { return wiring[i].engine().sessions() == 0; });
  parts_.reactors.on_each([&](runtime::RealReactor& reactor) {
    if (reactor.index() == 0) {
      listener_->stop();
      if (operators_listener_) operators_listener_->stop();
      if (operators_) operators_->http().drain();
    }
    wiring[reactor.index()].http().drain();
  });
  wait(goodbye_ms, [this](std::size_t i) { return idle(i); });
}

}  // namespace kith::server
