#include "server/wiring.hpp"

#include "base/encoding.hpp"
#include "server/assets.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace kith::server {
namespace {

constexpr std::size_t sends_waiting_max = base::limits::lane_queue_entries_max;

front::EngineOptions engine_options(const Config& config,
                                    std::size_t sessions_max,
                                    const front::Addresses* addresses) {
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
          // A page of another origin sends a cookie only with credentials.
          .cors = {.origins = socketio.cors_origins, .credentials = !socketio.cookie.empty()},
          .cookie = {.name = socketio.cookie,
                     .path = socketio.cookie_path,
                     .http_only = socketio.cookie_http_only,
                     .same_site = socketio.cookie_same_site},
          .addresses = addresses};
}

delivery::HubOptions hub_options(const Config& config) {
  return {.catchup_events_max = config.limits.catchup_events_max,
          .slow_reader_timeout_ms = config.limits.slow_reader_timeout_ms};
}

gateway::GatewayOptions gateway_options(const Config& config, std::size_t reactors) {
  return {.connect_timeout_ms = config.socketio.connect_timeout_ms,
          .max_payload_bytes = config.socketio.max_payload_bytes,
          .connection = gateway::Paces::per_s(config.limits.connection_messages_per_s,
                                              config.limits.connection_commands_per_s),
          .user = gateway::Paces::per_s(config.limits.user_messages_per_s,
                                        config.limits.user_commands_per_s),
          .handshakes_pending_max = config.limits.handshakes_pending_max,
          .recovery_ms = config.socketio.recovery_ms,
          .recovery_bytes_max = config.socketio.recovery_bytes_max / reactors};
}

}  // namespace

front::TrustedProxies trusted_proxies(const Config& config) {
  front::TrustedProxies proxies;
  for (const auto& text : config.server.trusted_proxies)
    if (const auto network = base::IpNetwork::parse(text)) proxies.push_back(*network);
  return proxies;
}

ReactorParts::ReactorParts(Wiring& wiring, ReactorSeat seat)
    : wiring_(wiring),
      seat_(std::move(seat)),
      registry_(seat_.reactor, wiring.network_, wiring.ground_.store.meta().id_key),
      home_(seat_.reactor,
            wiring.ground_.store,
            registry_,
            wiring.homes_,
            {.loaded_max = base::limits::conversations_idle_max,
             .waiting_max = sends_waiting_max,
             .alone = seat.link == nullptr}),
      hub_(seat_.reactor,
           wiring.ground_.store,
           home_,
           wiring.network_,
           wiring.ground_.logger,
           hub_options(wiring.ground_.config)),
      features_(
          wiring.features_.make({hub_, registry_, home_, wiring.homes_, wiring.ground_.config})),
      table_(make_table()),
      resolver_(seat_.reactor, wiring.ground_.store),
      recent_(hub_),
      context_{seat_.reactor,
               wiring.ground_.store,
               wiring.homes_,
               wiring.home_of_,
               resolver_,
               wiring.ground_.logger,
               &recent_,
               &hub_.epoch()},
      gateway_({.reactor = seat_.reactor,
                .context = context_,
                .table = table_,
                .hub = hub_,
                .features = features_,
                .logger = wiring.ground_.logger,
                .shared = wiring.shared_,
                .settings_of = [this](base::AppId app) -> const commands::AppSettings& {
                  return settings_of(app);
                },
                .revocations = &revocations_},
               gateway_options(wiring.ground_.config, seat_.reactor.count())),
      engine_(seat_.reactor,
              gateway_,
              engine_options(wiring.ground_.config,
                             share_of(wiring.ground_.connections_max, seat_.reactor.count()),
                             wiring.shared_.addresses.get())),
      api_({.context = context_,
            .table = table_,
            .logger = wiring.ground_.logger,
            .settings_of = [this](base::AppId app) -> const commands::AppSettings& {
              return settings_of(app);
            },
            .budgets_of = [this](
                              const rest::Access& access,
                              rest::BudgetsReply reply) { find_budgets(access, std::move(reply)); },
            .count_refused =
                [this](const front::Exchange& exchange) {
                  const auto& addresses = wiring_.shared_.addresses;
                  return addresses ? gateway_.count_refused_token(addresses->key_of(exchange)) : 0;
                },
            .revocations = revocations_,
            .revoke =
                [this](const rest::Revocation& wish, ports::Done<rest::Revoked> done) {
                  wiring_.revoke(*this, wish, std::move(done));
                },
            .network = wiring.apis_},
           api_options()),
      alive_([] { return true; }),
      ready_([this] { return wiring_.ready(); }),
      metrics_([this] { return collect(wiring_.counters_); }),
      client_files_(client_assets(),
                    {.cors = {.origins = wiring.ground_.config.socketio.cors_origins}}),
      page_(web_assets(), {.index = "/index.html"}),
      router_(not_found_),
      http_(seat_.reactor, seat_.streams, router_) {
  add_routes();
  if (seat_.link != nullptr) begin_relay();
  count();
}

ReactorParts::~ReactorParts() = default;

void ReactorParts::begin_relay() {
  std::array<std::uint8_t, 12> id{};
  seat_.reactor.random().fill(id);
  relay_ = std::make_unique<delivery::Relay>(
      delivery::Relay::Parts{
          .reactor = seat_.reactor,
          .store = wiring_.ground_.store,
          .link = *seat_.link,
          .peers = *seat_.peers,
          .logger = wiring_.ground_.logger,
          .home = home_,
          .registry = registry_,
          .on_epoch = [this](const std::string& epoch) { wiring_.begin_epoch(epoch); }},
      base::base64url_encode({reinterpret_cast<const char*>(id.data()), id.size()}));
  registry_.set_relay(*relay_);
  relay_->start();
}

commands::Table ReactorParts::make_table() {
  commands::Table table;
  commands::add_all(table);
  for (std::size_t i = 0; i < features_.size(); ++i) {
    const auto bit = commands::feature_bit(i);
    features_[i]->set_served(
        [this, bit](base::AppId app) { return (settings_of(app).features_off & bit) == 0; });
    table.begin_feature(bit);
    features_[i]->add_commands(table);
  }
  table.begin_feature(0);
  add_left_out(table);
  table.close();
  return table;
}

namespace {

// Over REST: with the meters of the user, which others may let go of meanwhile.
struct RestBudget final : commands::Budget {
  std::uint32_t take(base::Instant now) override { return allowance.take(now); }

  gateway::Allowance allowance;
  std::shared_ptr<gateway::Meters> user;
};

}  // namespace

void ReactorParts::find_budgets(const rest::Access& access, rest::BudgetsReply reply) {
  const auto app = access.identity.app;
  auto found =
      [this, app, reply = std::move(reply)](std::shared_ptr<gateway::Meters> user) mutable {
        const gateway::Gateway::Counted who{app, settings_of(app), user.get()};
        auto messages = std::make_shared<RestBudget>();
        auto commands = std::make_shared<RestBudget>();
        gateway_.add_messages(messages->allowance, who);
        gateway_.add_commands(commands->allowance, who);
        messages->user = commands->user = std::move(user);
        reply({.for_commands = std::move(commands), .for_messages = std::move(messages)});
      };
  if (access.identity.application) return found(nullptr);
  gateway_.meters_of({app, access.user}, std::move(found));
}

rest::ApiOptions ReactorParts::api_options() const {
  const auto& config = this->config();
  return {.max_payload_bytes = config.socketio.max_payload_bytes,
          .cors = {.origins = config.socketio.cors_origins},
          .settings = {{"user_messages_per_s", config.limits.user_messages_per_s},
                       {"user_commands_per_s", config.limits.user_commands_per_s},
                       {"connection_messages_per_s", config.limits.connection_messages_per_s},
                       {"connection_commands_per_s", config.limits.connection_commands_per_s},
                       {"address_handshakes_per_s", config.limits.address_handshakes_per_s},
                       {"handshakes_per_s", config.limits.handshakes_per_s},
                       {"handshakes_pending_max", config.limits.handshakes_pending_max},
                       {"catchup_events_max", config.limits.catchup_events_max},
                       {"slow_reader_timeout_ms", config.limits.slow_reader_timeout_ms}}};
}

void ReactorParts::count() {
  const auto set = [](auto& counter, std::uint64_t value) {
    counter.store(value, std::memory_order_relaxed);
  };
  set(counters_.connections, seat_.streams_open());
  set(counters_.sessions, hub_.sessions());
  set(counters_.channels, hub_.channels());
  set(counters_.loaded, home_.loaded_count());
  set(counters_.delivered, hub_.delivered());
  set(counters_.fell_behind, hub_.behind());
  set(counters_.commands, gateway_.commands_run() + api_.commands_run());
  seat_.reactor.arm(count_alarm_, std::chrono::seconds{1});
}

void ReactorParts::add_routes() {
  router_.add_tree("/v1/", api_);
  router_.add_path("/livez", alive_);
  router_.add_path("/readyz", ready_);
  router_.add_path("/socket.io", engine_);
  router_.add_tree("/socket.io/", engine_);
  for (const auto& asset : client_assets())
    router_.add_path(std::string{asset.path}, client_files_);
  if (!wiring_.ground_.config.dev) return;
  router_.add_path("/metrics", metrics_);
  router_.add_path("/", page_);
  for (const auto& asset : web_assets())
    router_.add_path(std::string{asset.path}, page_);
}

void ReactorParts::flush_features() {
  for (const auto& feature : features_)
    feature->flush();
}

const commands::AppSettings& ReactorParts::settings_of(base::AppId app) {
  const auto [it, fresh] = settings_.try_emplace(app);
  if (fresh && credentials_) {
    const auto* name = credentials_->app_name(app);
    const auto& from = config().app(name == nullptr ? std::string_view{} : *name);
    it->second = {.text_bytes_max = from.text_bytes_max,
                  .custom_bytes_max = from.custom_bytes_max,
                  .members_max = from.members_max,
                  .messages_per_s = from.messages_per_s,
                  .commands_per_s = from.commands_per_s,
                  .features_off = switched_off(features_, from.features)};
    if (from.deliver_within)
      it->second.deliver_within = std::chrono::milliseconds{*from.deliver_within};
    else
      it->second.deliver_within.reset();
  }
  return it->second;
}

void ReactorParts::set_credentials(const std::shared_ptr<const front::Credentials>& credentials,
                                   std::uint64_t number) {
  if (number < credentials_number_) return;
  credentials_number_ = number;
  credentials_ = credentials;
  gateway_.set_credentials(credentials);
  api_.set_credentials(credentials);
}

const Config& ReactorParts::config() const noexcept {
  return config_ ? *config_ : wiring_.ground_.config;
}

void ReactorParts::set_config(std::shared_ptr<const Config> config) {
  config_ = std::move(config);
  hub_.set_options(hub_options(*config_));
  gateway_.set_options(gateway_options(*config_, seat_.reactor.count()));
  api_.set_settings(api_options().settings);
  // In their places, which commands at work refer to.
  auto places = std::exchange(settings_, {});
  for (auto& [app, settings] : places)
    settings = settings_of(app);
  settings_ = std::move(places);
}

std::size_t ReactorParts::revoke(const base::UserKey& user,
                                 base::WallTime at,
                                 delivery::CloseCode why) {
  revocations_.note(user, at);
  return gateway_.revoke(user, at, why);
}

Wiring::Wiring(Ground ground, const std::vector<ReactorSeat>& seats) : ground_(ground) {
  for (const auto& seat : seats)
    homes_.reactors.push_back(&seat.reactor);
  network_.homes = &homes_;
  shared_.handshake_pace = base::Pace::per_s(ground_.config.limits.handshakes_per_s);
  if (const auto per_s = ground_.config.limits.address_handshakes_per_s; per_s > 0)
    shared_.addresses =
        std::make_unique<front::Addresses>(trusted_proxies(ground_.config),
                                           base::Pace::per_s(per_s),
                                           seats.front().reactor.random().next_u64());
  for (const auto& seat : seats)
    reactors_.push_back(std::make_unique<ReactorParts>(*this, seat));
  std::vector<front::HttpServer*> peers;
  for (const auto& reactor : reactors_) {
    homes_.sinks.push_back(&reactor->home_);
    home_of_.push_back(&reactor->home_);
    network_.hubs.push_back(&reactor->hub_);
    network_.registries.push_back(&reactor->registry_);
    shared_.gateways.push_back(&reactor->gateway_);
    apis_.apis.push_back(&reactor->api_);
    peers.push_back(&reactor->http_);
    counters_.push_back(&reactor->counters_);
  }
  for (const auto& reactor : reactors_) {
    reactor->context_.home_of = home_of_;
    reactor->http_.set_peers(peers);
  }
  batches_ = std::make_unique<conversations::BatchFactory>(
      conversations::BatchContext{.homes = &homes_, .id_key = ground_.store.meta().id_key});
  ground_.store.start(*batches_);
}

Wiring::~Wiring() = default;

void Wiring::set_credentials(const std::shared_ptr<const front::Credentials>& credentials,
                             std::uint64_t number) {
  for (const auto& reactor : reactors_)
    reactor->reactor().post([parts = reactor.get(), credentials, number] {
      parts->set_credentials(credentials, number);
    });
  keys_known_ = true;
}

void Wiring::set_config(const std::shared_ptr<const Config>& config) {
  for (const auto& reactor : reactors_)
    reactor->reactor().post([parts = reactor.get(), config] { parts->set_config(config); });
}

void Wiring::note_revoked(std::vector<ports::RevokedUser> revoked) {
  if (revoked.empty()) return;
  const auto all = std::make_shared<const std::vector<ports::RevokedUser>>(std::move(revoked));
  for (const auto& reactor : reactors_)
    reactor->reactor().post([parts = reactor.get(), all] {
      for (const auto& [user, at] : *all)
        parts->revocations_.note(user, at);
    });
}

namespace {

// A revocation that is stored, while reactors carry it out.
struct Revoking {
  std::size_t reactors_left = 0;
  rest::Revoked result;
  ports::Done<rest::Revoked> done;
};

delivery::CloseCode close_code(rest::Ending why) noexcept {
  switch (why) {
    case rest::Ending::kicked:
      return delivery::CloseCode::kicked;
    case rest::Ending::banned:
      return delivery::CloseCode::banned;
    case rest::Ending::session_revoked:
      break;
  }
  return delivery::CloseCode::session_revoked;
}

}  // namespace

void Wiring::revoke(ReactorParts& asker,
                    const rest::Revocation& wish,
                    ports::Done<rest::Revoked> done) {
  auto entry = std::make_unique<conversations::RevokeEntry>();
  entry->asker = asker.reactor().index();
  entry->ts = asker.reactor().clock().wall();
  entry->user = wish.user;
  entry->done = [this,
                 back = &asker.reactor(),
                 user = wish.user,
                 why = close_code(wish.why),
                 done = std::move(done)](base::Result<conversations::RevokeResult> stored) mutable {
    if (stored.has_error()) return done(stored.error());
    const auto revoking =
        std::make_shared<Revoking>(Revoking{reactors_.size(), {.at = stored->at}, std::move(done)});
    for (const auto& reactor : reactors_)
      reactor->reactor().post(
          [parts = reactor.get(), back, user, why, at = stored->at, mine = revoking]() mutable {
            const auto closed = parts->revoke(user, at, why);
            // Moved: the answer is destroyed on the reactor that asked.
            back->post([revoking = std::move(mine), closed] {
              revoking->result.sessions += closed;
              if (--revoking->reactors_left == 0) revoking->done(revoking->result);
            });
          });
  };
  asker.home().submit(std::move(entry));
}

void Wiring::begin_epoch(const std::string& epoch) {
  for (const auto& reactor : reactors_)
    reactor->reactor().post([parts = reactor.get(), epoch] {
      if (parts->hub().epoch() == epoch) return;
      parts->hub().begin_epoch(epoch);
      parts->home().forget_all();
      parts->gateway().close_all(delivery::CloseCode::epoch_changed);
    });
}

}  // namespace kith::server
