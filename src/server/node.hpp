#pragma once

#include "base/log.hpp"
#include "commands/resolver.hpp"
#include "conversations/batch.hpp"
#include "conversations/home.hpp"
#include "delivery/hub.hpp"
#include "delivery/registry.hpp"
#include "front/engine_server.hpp"
#include "front/http_server.hpp"
#include "front/static_files.hpp"
#include "gateway/gateway.hpp"
#include "net/listener.hpp"
#include "net/tcp_streams.hpp"
#include "rest/api.hpp"
#include "rest/metrics.hpp"
#include "rest/probes.hpp"
#include "runtime/reactor_set.hpp"
#include "server/config.hpp"
#include "server/counters.hpp"
#include "server/features.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace kith::server {

class Node;

// All that lives on one reactor, wired: from the socket up to the conversations.
class ReactorParts final : public net::AcceptHandler {
 public:
  ReactorParts(Node& node, runtime::RealReactor& reactor);
  ~ReactorParts() override;

  void on_accepted(std::unique_ptr<ports::ReleasedStream> connection) override;
  void set_credentials(const std::shared_ptr<const front::Credentials>& credentials);

  bool idle() const noexcept {
    return engine_.sessions() == 0 && streams_.open_count() == 0 && streams_.lingering_count() == 0;
  }

  front::HttpServer& http() noexcept { return http_; }

 private:
  friend class Node;
  const commands::AppSettings& settings_of(base::AppId app);
  commands::Table make_table();
  rest::ApiOptions api_options() const;
  void add_routes();
  void count();

  Node& node_;
  runtime::RealReactor& reactor_;
  net::TcpStreams streams_;
  delivery::Registry registry_;
  conversations::Home home_;
  delivery::Hub hub_;
  std::vector<std::unique_ptr<commands::Feature>> features_;
  commands::Table table_;
  commands::Resolver resolver_;
  commands::Context context_;
  std::shared_ptr<const front::Credentials> credentials_;
  std::map<base::AppId, commands::AppSettings> settings_;  // as asked for; addresses stay
  gateway::Gateway gateway_;
  front::EngineServer engine_;
  rest::Api api_;
  rest::Probe alive_;
  rest::Probe ready_;
  rest::Metrics metrics_;
  front::StaticFiles client_files_;
  front::StaticFiles page_;
  front::NotFound not_found_;
  front::Router router_;
  front::HttpServer http_;
  std::size_t connections_max_;
  Counters counters_;
  ports::Alarm<ReactorParts, &ReactorParts::count> count_alarm_{*this};
};

// The operators' port, on one reactor.
class Operators final : public net::AcceptHandler {
 public:
  Operators(runtime::RealReactor& reactor,
            ports::StreamFactory& streams,
            front::Handler& metrics,
            front::Handler& alive,
            front::Handler& ready);
  void on_accepted(std::unique_ptr<ports::ReleasedStream> connection) override;

  front::HttpServer& http() noexcept { return http_; }

 private:
  front::NotFound not_found_;
  front::Router router_;
  front::HttpServer http_;
};

// One server process's inside: the reactors' parts and what they share. Constructed and destroyed
// while the reactors do not run.
class Node {
 public:
  struct Parts {
    const Config& config;
    runtime::ReactorSet& reactors;
    ports::Store& store;
    base::Logger& logger;
    std::size_t connections_max = 0;
  };

  explicit Node(Parts parts);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node();

  // From any thread: what is asked from now on is judged by these.
  void set_credentials(const std::shared_ptr<const front::Credentials>& credentials);

  // The endpoint as it became. Before the reactors run.
  base::Result<std::string> listen(const std::string& where);
  base::Result<std::string> listen_for_operators(const std::string& where);

  bool ready() const noexcept { return ready_ && !shared_.draining; }

  // From the main thread, while the reactors run: refuses new connections, has every client move
  // at a moment of its own within server.drain_over_ms (less when `hurry`, asked on a reactor, says
  // so), ends what was begun, says goodbye to who is left.
  void drain(const std::function<bool()>& hurry);

 private:
  friend class ReactorParts;
  // Whether `done` became true of all reactors, asked on each of them, within the time.
  bool wait(int at_most_ms, const std::function<bool(ReactorParts&)>& done);

  Parts parts_;
  conversations::Homes homes_;
  delivery::Network network_;
  FeatureNetworks features_;
  gateway::GatewayShared shared_;
  std::vector<conversations::Home*> home_of_;
  std::vector<std::unique_ptr<ReactorParts>> reactors_;
  std::unique_ptr<conversations::BatchFactory> batches_;
  std::atomic<bool> ready_{false};  // keys are known
  std::vector<const Counters*> counters_;
  std::unique_ptr<Operators> operators_;
  std::unique_ptr<net::Listener> listener_;
  std::unique_ptr<net::Listener> operators_listener_;
};

}  // namespace kith::server
