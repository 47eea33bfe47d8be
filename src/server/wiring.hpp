#pragma once

#include "base/log.hpp"
#include "commands/resolver.hpp"
#include "conversations/batch.hpp"
#include "conversations/home.hpp"
#include "delivery/hub.hpp"
#include "delivery/registry.hpp"
#include "delivery/relay.hpp"
#include "front/engine_server.hpp"
#include "front/http_server.hpp"
#include "front/revocations.hpp"
#include "front/static_files.hpp"
#include "gateway/gateway.hpp"
#include "gateway/recent.hpp"
#include "ports/stream.hpp"
#include "rest/api.hpp"
#include "rest/metrics.hpp"
#include "rest/probes.hpp"
#include "server/config.hpp"
#include "server/counters.hpp"
#include "server/features.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

// How the floors below are put together. Stands on ports only, so that the simulation runs the very
// wiring of the product.
namespace kith::server {

class Wiring;

// Of each reactor, of a number in all.
constexpr std::size_t share_of(std::size_t in_all, std::size_t reactors) {
  return std::max<std::size_t>(1, in_all / reactors);
}

// server.trusted_proxies, read.
front::TrustedProxies trusted_proxies(const Config& config);

// A reactor, what makes its streams, and how many of those are open.
// With a link and peers there are other nodes.
struct ReactorSeat {
  ports::Reactor& reactor;
  ports::StreamFactory& streams;
  std::function<std::size_t()> streams_open;
  ports::BrokerLink* link = nullptr;
  ports::Peers* peers = nullptr;
};

// All that lives on one reactor: from the socket up to the conversations.
class ReactorParts final {
 public:
  ReactorParts(Wiring& wiring, ReactorSeat seat);
  ~ReactorParts();

  // Those that were read earlier, by their number, than others that came already are passed over.
  void set_credentials(const std::shared_ptr<const front::Credentials>& credentials,
                       std::uint64_t number);
  // What of it may change while it runs: limits, and the settings of applications.
  void set_config(std::shared_ptr<const Config> config);
  // What was issued until then is refused, and what was begun with it ends; how much that was.
  std::size_t revoke(const base::UserKey& user, base::WallTime at, delivery::CloseCode why);

  ports::Reactor& reactor() noexcept { return seat_.reactor; }

  conversations::Home& home() noexcept { return home_; }

  delivery::Hub& hub() noexcept { return hub_; }

  void flush_features();

  delivery::Relay* relay() noexcept { return relay_.get(); }

  gateway::Gateway& gateway() noexcept { return gateway_; }

  front::EngineServer& engine() noexcept { return engine_; }

  front::HttpServer& http() noexcept { return http_; }

  // --- what the operators' port shows as well
  front::Handler& metrics() noexcept { return metrics_; }

  front::Handler& alive() noexcept { return alive_; }

  front::Handler& ready() noexcept { return ready_; }

 private:
  friend class Wiring;
  const commands::AppSettings& settings_of(base::AppId app);
  commands::Table make_table();
  const Config& config() const noexcept;
  void find_budgets(const rest::Access& access, rest::BudgetsReply reply);
  rest::ApiOptions api_options() const;
  void add_routes();
  void begin_relay();
  void count();

  Wiring& wiring_;
  ReactorSeat seat_;
  delivery::Registry registry_;
  conversations::Home home_;
  delivery::Hub hub_;
  std::unique_ptr<delivery::Relay> relay_;  // none: no other nodes
  commands::Features features_;
  commands::Table table_;
  commands::Resolver resolver_;
  gateway::RecentOfHub recent_;
  commands::Context context_;
  std::shared_ptr<const front::Credentials> credentials_;
  std::uint64_t credentials_number_ = 0;
  std::shared_ptr<const Config> config_;  // null: the one it began with
  front::Revocations revocations_;
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
  Counters counters_;
  ports::Alarm<ReactorParts, &ReactorParts::count> count_alarm_{*this};
};

// The parts of all reactors of a node, and what they share. Constructed and destroyed while the
// reactors do not run.
class Wiring {
 public:
  struct Ground {
    const Config& config;
    ports::Store& store;
    base::Logger& logger;
    std::size_t connections_max = 0;
  };

  Wiring(Ground ground, const std::vector<ReactorSeat>& seats);
  Wiring(const Wiring&) = delete;
  Wiring& operator=(const Wiring&) = delete;
  ~Wiring();

  std::size_t size() const noexcept { return reactors_.size(); }

  ReactorParts& operator[](std::size_t index) noexcept { return *reactors_[index]; }

  // From any thread: what is asked from now on is judged by these.
  void set_credentials(const std::shared_ptr<const front::Credentials>& credentials,
                       std::uint64_t number = 0);

  // From any thread, likewise (see ReactorParts).
  void set_config(const std::shared_ptr<const Config>& config);

  // From any thread: as the database has them.
  void note_revoked(std::vector<ports::RevokedUser> revoked);

  // From any thread: what comes new is refused from now on.
  void begin_drain() noexcept { shared_.draining = true; }

  // From any thread: the database's history is another one. Nothing that is known of the old one
  // is kept, and every session comes back.
  void begin_epoch(const std::string& epoch);

  // From any thread.
  bool ready() const noexcept { return keys_known_ && !shared_.draining; }

 private:
  friend class ReactorParts;
  void revoke(ReactorParts& asker, const rest::Revocation& wish, ports::Done<rest::Revoked> done);

  Ground ground_;
  conversations::Homes homes_;
  delivery::Network network_;
  FeatureLines features_;
  gateway::GatewayShared shared_;
  rest::ApiNetwork apis_;
  std::vector<conversations::Home*> home_of_;
  std::vector<std::unique_ptr<ReactorParts>> reactors_;
  std::unique_ptr<conversations::BatchFactory> batches_;
  std::atomic<bool> keys_known_{false};
  std::vector<const Counters*> counters_;
};

}  // namespace kith::server
