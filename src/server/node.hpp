#pragma once

#include "net/listener.hpp"
#include "net/proxy_gate.hpp"
#include "net/tcp_streams.hpp"
#include "net/tls_handshakes.hpp"
#include "runtime/reactor_set.hpp"
#include "server/wiring.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kith::server {

// Where one reactor's sockets come in.
class Door final : public net::AcceptHandler {
 public:
  Door(runtime::RealReactor& reactor, std::size_t connections_max)
      : streams_(reactor), connections_max_(connections_max) {}

  // From now on who comes shakes hands first.
  void set_tls(std::shared_ptr<const net::TlsContext> tls, std::chrono::milliseconds timeout);
  // Those that shake hands go.
  void close_tls() noexcept;

  void open_to(front::HttpServer& http) noexcept { http_ = &http; }

  void on_accepted(std::unique_ptr<ports::ReleasedStream> connection) override;

  net::TcpStreams& streams() noexcept { return streams_; }

  bool idle() const noexcept {
    return streams_.open_count() == 0 && streams_.lingering_count() == 0;
  }

 private:
  net::TcpStreams streams_;
  std::size_t connections_max_;
  front::HttpServer* http_ = nullptr;
  std::shared_ptr<const net::TlsContext> tls_;  // null: none
  std::unique_ptr<net::TlsHandshakes> handshakes_;
};

// The operators' port, on one reactor.
class Operators final : public net::AcceptHandler {
 public:
  Operators(ports::StreamFactory& streams, ReactorParts& parts);
  void on_accepted(std::unique_ptr<ports::ReleasedStream> connection) override;

  front::HttpServer& http() noexcept { return http_; }

 private:
  front::NotFound not_found_;
  front::Router router_;
  front::HttpServer http_;
};

// One server process's inside: the wiring on real reactors, and its sockets. Constructed and
// destroyed while the reactors do not run.
class Node {
 public:
  struct Parts {
    const Config& config;
    runtime::ReactorSet& reactors;
    ports::Store& store;
    base::Logger& logger;
    std::size_t connections_max = 0;
    std::shared_ptr<const net::TlsContext> tls;  // null: clients come without
  };

  explicit Node(Parts parts);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node();

  // From any thread: what is asked from now on is judged by these.
  // Those with a lower number than others that were set are passed over.
  void set_credentials(const std::shared_ptr<const front::Credentials>& credentials,
                       std::uint64_t number) {
    wiring_->set_credentials(credentials, number);
  }

  // From the main thread, while the reactors run: what of it may change does.
  void set_config(const std::shared_ptr<const Config>& config);
  // Likewise, if there was TLS: who comes from now on is met with this.
  void set_tls(const std::shared_ptr<const net::TlsContext>& tls);

  // Likewise: as the database has them.
  void note_revoked(std::vector<ports::RevokedUser> revoked) {
    wiring_->note_revoked(std::move(revoked));
  }

  // The endpoint as it became. Before the reactors run.
  base::Result<std::string> listen(const std::string& where);
  base::Result<std::string> listen_for_operators(const std::string& where);

  // From the main thread, while the reactors run: refuses new connections, has every client move
  // at a moment of its own within server.drain_over_ms (less when `hurry`, asked on a reactor, says
  // so), ends what was begun, says goodbye to who is left.
  void drain(const std::function<bool()>& hurry);

 private:
  const Config& config() const noexcept { return config_ ? *config_ : parts_.config; }

  bool idle(std::size_t index) noexcept;
  // Whether `done` became true of all reactors, by index, asked on each of them, within the time.
  bool wait(int at_most_ms, const std::function<bool(std::size_t)>& done);

  Parts parts_;
  std::shared_ptr<const Config> config_;  // null: that of parts_
  std::vector<std::unique_ptr<Door>> doors_;
  std::vector<std::unique_ptr<net::ProxyGate>>
      gates_;  // before the doors, if proxies say who comes
  std::unique_ptr<Wiring> wiring_;
  std::unique_ptr<Operators> operators_;
  std::unique_ptr<net::Listener> listener_;
  std::unique_ptr<net::Listener> operators_listener_;
};

}  // namespace kith::server
