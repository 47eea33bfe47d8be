#include "server/node.hpp"

#include "server/assets.hpp"

#include <algorithm>
#include <chrono>
#include <poll.h>

namespace kith::server {
namespace {

constexpr std::size_t sends_waiting_max = base::limits::lane_queue_entries_max;
// How long clients are given to take what was sent to them, at the end.
constexpr int goodbye_ms = 2'000;
constexpr int goodbye_step_ms = 10;

// Of each reactor, of a number in all.
std::size_t share_of(std::size_t in_all, std::size_t reactors) {
  return std::max<std::size_t>(1, in_all / reactors);
}

front::EngineOptions engine_options(const Config& config, std::size_t sessions_max) {
  const auto& socketio = config.socketio;
  const auto offers = [&](std::string_view name) {
    return std::find(socketio.transports.begin(), socketio.transports.end(), name) !=
           socketio.transports.end();
  };
  return {.session = {.ping_interval_ms = socketio.ping_interval_ms,
                      .ping_timeout_ms = socketio.ping_timeout_ms,
                      .upgrade_timeout_ms = socketio.upgrade_timeout_ms},
          .max_payload_bytes = socketio.max_payload_bytes,
          .sessions_max = sessions_max,
          .allow_eio3 = socketio.allow_eio3,
          .transports = {.polling = offers("polling"), .websocket = offers("websocket")},
          .cors = {.origins = socketio.cors_origins}};
}

gateway::GatewayOptions gateway_options(const Config& config) {
  return {.connect_timeout_ms = config.socketio.connect_timeout_ms,
          .max_payload_bytes = config.socketio.max_payload_bytes,
          .user_messages_per_s = config.limits.user_messages_per_s,
          .handshakes_pending_max = config.limits.handshakes_pending_max};
}

}  // namespace

ReactorParts::ReactorParts(Node& node, runtime::RealReactor& reactor)
    : node_(node),
      reactor_(reactor),
      streams_(reactor),
      registry_(reactor, node.network_, node.parts_.store.meta().id_key),
      home_(reactor,
            node.parts_.store,
            registry_,
            node.homes_,
            {.loaded_max = base::limits::conversations_idle_max, .waiting_max = sends_waiting_max}),
      hub_(reactor,
           node.parts_.store,
           home_,
           node.network_,
           node.parts_.logger,
           {.catchup_events_max = node.parts_.config.limits.catchup_events_max,
            .slow_reader_timeout_ms = node.parts_.config.limits.slow_reader_timeout_ms}),
      features_(make_features(hub_, node.features_)),
      table_(make_table()),
      resolver_(reactor, node.parts_.store),
      context_{reactor, node.parts_.store, node.homes_, node.home_of_, resolver_},
      gateway_({.reactor = reactor,
                .context = context_,
                .table = table_,
                .hub = hub_,
                .features = features_,
                .logger = node.parts_.logger,
                .shared = node.shared_,
                .settings_of = [this](base::AppId app) -> const commands::AppSettings& {
                  return settings_of(app);
                }},
               gateway_options(node.parts_.config)),
      engine_(reactor,
              gateway_,
              engine_options(node.parts_.config,
                             share_of(node.parts_.connections_max, reactor.count()))),
      api_({.context = context_,
            .table = table_,
            .logger = node.parts_.logger,
            .settings_of = [this](base::AppId app) -> const commands::AppSettings& {
              return settings_of(app);
            },
            .budget_of = [this](const base::UserKey& user) { return gateway_.budget_of(user); }},
           api_options()),
      alive_([] { return true; }),
      ready_([this] { return node_.ready(); }),
      metrics_([this] { return collect(node_.counters_); }),
      client_files_(client_assets(),
                    {.cors = {.origins = node.parts_.config.socketio.cors_origins}}),
      page_(web_assets(), {.index = "/index.html"}),
      router_(not_found_),
      http_(reactor, streams_, router_),
      connections_max_(share_of(node.parts_.connections_max, reactor.count())) {
  add_routes();
  count();
}

ReactorParts::~ReactorParts() = default;

commands::Table ReactorParts::make_table() {
  commands::Table table;
  commands::add_all(table);
  for (const auto& feature : features_)
    feature->add_commands(table);
  return table;
}

rest::ApiOptions ReactorParts::api_options() const {
  const auto& config = node_.parts_.config;
  return {.max_payload_bytes = config.socketio.max_payload_bytes,
          .cors = {.origins = config.socketio.cors_origins},
          .settings = {{"user_messages_per_s", config.limits.user_messages_per_s},
                       {"catchup_events_max", config.limits.catchup_events_max},
                       {"slow_reader_timeout_ms", config.limits.slow_reader_timeout_ms}}};
}

void ReactorParts::count() {
  const auto set = [](auto& counter, std::uint64_t value) {
    counter.store(value, std::memory_order_relaxed);
  };
  set(counters_.connections, streams_.open_count());
  set(counters_.sessions, hub_.sessions());
  set(counters_.channels, hub_.channels());
  set(counters_.loaded, home_.loaded_count());
  set(counters_.delivered, hub_.delivered());
  set(counters_.fell_behind, hub_.behind());
  set(counters_.commands, gateway_.commands_run() + api_.commands_run());
  reactor_.arm(count_alarm_, std::chrono::seconds{1});
}

void ReactorParts::add_routes() {
  router_.add_tree("/v1/", api_);
  router_.add_path("/livez", alive_);
  router_.add_path("/readyz", ready_);
  router_.add_path("/socket.io", engine_);
  router_.add_tree("/socket.io/", engine_);
  for (const auto& asset : client_assets())
    router_.add_path(std::string{asset.path}, client_files_);
  if (!node_.parts_.config.dev) return;
  router_.add_path("/metrics", metrics_);
  router_.add_path("/", page_);
  for (const auto& asset : web_assets())
    router_.add_path(std::string{asset.path}, page_);
}

const commands::AppSettings& ReactorParts::settings_of(base::AppId app) {
  const auto [it, fresh] = settings_.try_emplace(app);
  if (fresh && credentials_) {
    const auto* name = credentials_->app_name(app);
    const auto& from = node_.parts_.config.app(name == nullptr ? std::string_view{} : *name);
    it->second = {.text_bytes_max = from.text_bytes_max,
                  .custom_bytes_max = from.custom_bytes_max,
                  .members_max = from.members_max};
  }
  return it->second;
}

void ReactorParts::on_accepted(std::unique_ptr<ports::ReleasedStream> connection) {
  if (streams_.open_count() >= connections_max_) return;  // dropped, which closes it
  http_.accept(std::move(connection));
}

void ReactorParts::set_credentials(const std::shared_ptr<const front::Credentials>& credentials) {
  credentials_ = credentials;
  gateway_.set_credentials(credentials);
  api_.set_credentials(credentials);
}

Operators::Operators(runtime::RealReactor& reactor,
                     ports::StreamFactory& streams,
                     front::Handler& metrics,
                     front::Handler& alive,
                     front::Handler& ready)
    : router_(not_found_), http_(reactor, streams, router_) {
  router_.add_path("/metrics", metrics);
  router_.add_path("/livez", alive);
  router_.add_path("/readyz", ready);
}

void Operators::on_accepted(std::unique_ptr<ports::ReleasedStream> connection) {
  http_.accept(std::move(connection));
}

Node::Node(Parts parts) : parts_(parts) {
  const auto count = parts_.reactors.size();
  for (std::size_t i = 0; i < count; ++i)
    homes_.reactors.push_back(&parts_.reactors[i]);
  network_.homes = &homes_;
  for (std::size_t i = 0; i < count; ++i)
    reactors_.push_back(std::make_unique<ReactorParts>(*this, parts_.reactors[i]));
  if (const auto per_s = parts_.config.limits.handshakes_per_s; per_s > 0)
    shared_.handshakes = std::make_unique<gateway::RateBudget>(per_s);
  std::vector<front::HttpServer*> peers;
  for (const auto& reactor : reactors_) {
    homes_.sinks.push_back(&reactor->home_);
    home_of_.push_back(&reactor->home_);
    network_.hubs.push_back(&reactor->hub_);
    network_.registries.push_back(&reactor->registry_);
    shared_.gateways.push_back(&reactor->gateway_);
    peers.push_back(&reactor->http_);
    counters_.push_back(&reactor->counters_);
  }
  for (const auto& reactor : reactors_) {
    reactor->context_.home_of = home_of_;
    reactor->http_.set_peers(peers);
  }
  batches_ = std::make_unique<conversations::BatchFactory>(
      conversations::BatchContext{.homes = &homes_, .id_key = parts_.store.meta().id_key});
  parts_.store.start(*batches_);
}

Node::~Node() = default;

void Node::set_credentials(const std::shared_ptr<const front::Credentials>& credentials) {
  for (const auto& reactor : reactors_)
    reactor->reactor_.post(
        [parts = reactor.get(), credentials] { parts->set_credentials(credentials); });
  ready_ = true;
}

base::Result<std::string> Node::listen(const std::string& where) {
  KITH_TRY(endpoint, net::parse_endpoint(where));
  net::ListenerOptions options;
  for (const auto& reactor : reactors_)
    options.seats.push_back({&reactor->reactor_, reactor.get()});
  KITH_TRY(listener, net::Listener::listen(parts_.reactors[0], endpoint, std::move(options)));
  listener_ = std::move(listener);
  return net::to_text(listener_->endpoint());
}

base::Result<std::string> Node::listen_for_operators(const std::string& where) {
  KITH_TRY(endpoint, net::parse_endpoint(where));
  auto& first = *reactors_[0];
  operators_ = std::make_unique<Operators>(
      first.reactor_, first.streams_, first.metrics_, first.alive_, first.ready_);
  KITH_TRY(listener,
           net::Listener::listen(
               first.reactor_, endpoint, {.seats = {{&first.reactor_, operators_.get()}}}));
  operators_listener_ = std::move(listener);
  return net::to_text(operators_listener_->endpoint());
}

bool Node::wait(int at_most_ms, const std::function<bool(ReactorParts&)>& done) {
  for (int waited_ms = 0;; waited_ms += goodbye_step_ms) {
    std::atomic<bool> all{true};
    parts_.reactors.on_each([&](runtime::RealReactor& reactor) {
      if (!done(*reactors_[reactor.index()])) all = false;
    });
    if (all || waited_ms >= at_most_ms) return all;
    ::poll(nullptr, 0, goodbye_step_ms);
  }
}

void Node::drain(const std::function<bool()>& hurry) {
  shared_.draining = true;
  const auto each = [this](auto call) {
    parts_.reactors.on_each(
        [&](runtime::RealReactor& reactor) { call(*reactors_[reactor.index()]); });
  };
  // The door stays open until the last session is gone, for none but them: who polls comes with a
  // connection of his own each time.
  if (const std::chrono::milliseconds over{parts_.config.server.drain_over_ms}; over.count() > 0) {
    each([&](ReactorParts& parts) { parts.gateway_.move_all(over); });
    wait(static_cast<int>(over.count()),
         [&](const ReactorParts& parts) { return hurry() || parts.gateway_.clients() == 0; });
  }
  each([](ReactorParts& parts) { parts.hub_.flush_cursors(); });
  parts_.store.drain();
  // What was committed was posted before this: acks leave before the goodbye.
  each([](ReactorParts& parts) { parts.gateway_.close_all(delivery::CloseCode::draining); });
  wait(goodbye_ms, [](const ReactorParts& parts) { return parts.engine_.sessions() == 0; });
  parts_.reactors.on_each([this](runtime::RealReactor& reactor) {
    if (reactor.index() == 0) {
      listener_->stop();
      if (operators_listener_) operators_listener_->stop();
      if (operators_) operators_->http().drain();
    }
    reactors_[reactor.index()]->http_.drain();
  });
  wait(goodbye_ms, [](const ReactorParts& parts) { return parts.idle(); });
}

}  // namespace kith::server
