#include "gateway/gateway.hpp"

#include "base/limits.hpp"
#include "gateway/client.hpp"

namespace kith::gateway {

Gateway::Gateway(GatewayParts parts, GatewayOptions options)
    : parts_(std::move(parts)),
      options_(options),
      parser_(wire::json::Parser::Options{.capacity_bytes_max = options.max_payload_bytes}),
      budgets_(options.user_messages_per_s) {}

Gateway::~Gateway() = default;

std::optional<base::Fault> Gateway::admit(const front::Handshake& /*handshake*/) {
  if (parts_.shared.draining)
    return base::Fault{base::Errc::draining, "this server is shutting down: try another", 1'000};
  if (parts_.shared.pending.load(std::memory_order_relaxed) >= options_.handshakes_pending_max)
    return base::Fault{
        base::Errc::overloaded, "too many connections wait to be authenticated: come back", 1'000};
  if (parts_.shared.handshakes)
    if (const auto wait_ms = parts_.shared.handshakes->take(parts_.reactor.clock().now()))
      return base::Fault{
          base::Errc::overloaded, "too many connect at once: come back a little later", wait_ms};
  return std::nullopt;
}

std::unique_ptr<front::EngineListener> Gateway::open(front::EngineSocket& socket,
                                                     const front::Handshake& handshake) {
  return std::make_unique<Client>(*this, socket, handshake);
}

std::shared_ptr<commands::Budget> Gateway::budget_of(const base::UserKey& user) {
  if (options_.user_messages_per_s == 0) return nullptr;
  return budgets_.get(user, parts_.reactor.clock().now());
}

template <class Call>
void Gateway::each_client(Call call) {
  std::vector<std::uint64_t> all;
  all.reserve(clients_->size());
  for (const auto& [number, client] : *clients_)
    all.push_back(number);
  for (const auto number : all)
    if (auto* client = ClientRef{clients_, number}.find()) call(*client);
}

void Gateway::close_all(delivery::CloseCode code) {
  each_client([code](Client& client) { client.close(code); });
}

void Gateway::close_sessions_of(const base::UserKey& user, delivery::CloseCode code) {
  const auto& reactors = parts_.context.homes.reactors;
  for (std::size_t i = 0; i < reactors.size(); ++i) {
    auto* const gateway = parts_.shared.gateways[i];
    if (gateway == this)
      close_sessions_here(user, code);
    else
      reactors[i]->post([gateway, user, code] { gateway->close_sessions_here(user, code); });
  }
}

// Closing waits for the end of the tick: nobody leaves the list meanwhile.
void Gateway::close_sessions_here(const base::UserKey& user, delivery::CloseCode code) {
  for (const auto& [number, client] : *clients_)
    if (client->is_of(user)) client->close(code);
}

const Offer& Gateway::offer_to(base::AppId app) {
  const auto known = offers_.find(app);
  if (known != offers_.end()) return known->second;
  auto offer = make_offer(parts_.settings_of(app), options_.max_payload_bytes, parts_.features);
  return offers_.emplace(app, std::move(offer)).first->second;
}

void Gateway::close_later(std::uint64_t client) {
  closing_.push_back(client);
  parts_.reactor.at_tick_end(*this);
}

void Gateway::on_tick_end() {
  for (const auto number : std::exchange(closing_, {}))
    if (auto* client = ClientRef{clients_, number}.find()) client->say_goodbye();
}

void Gateway::move_all(std::chrono::milliseconds over) {
  const auto slots = static_cast<std::uint64_t>(std::max<std::int64_t>(1, over.count()));
  each_client([&](Client& client) {
    client.move(std::chrono::milliseconds{parts_.reactor.random().next_u64() % slots});
  });
}

void Gateway::note_user(const front::Identity& identity) {
  if (identity.name.empty() && identity.avatar.empty()) return;
  const base::UserKey key{identity.app, identity.user};
  const auto hash = base::hash_bytes(identity.avatar, base::hash_bytes(identity.name));
  if (const auto known = users_noted_.find(key);
      known != users_noted_.end() && known->second == hash)
    return;
  auto entry = std::make_unique<conversations::UserEntry>();
  entry->asker = parts_.reactor.index();
  entry->user = key;
  entry->name = identity.name;
  entry->avatar = identity.avatar;
  if (!parts_.context.home().submit(std::move(entry))) return;  // the next connect tries again
  if (users_noted_.size() >= base::limits::users_noted_max) users_noted_.clear();
  users_noted_[key] = hash;
}

}  // namespace kith::gateway
