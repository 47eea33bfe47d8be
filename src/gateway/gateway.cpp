#include "gateway/gateway.hpp"

#include "base/limits.hpp"
#include "gateway/client.hpp"

namespace kith::gateway {

Gateway::Gateway(GatewayParts parts, GatewayOptions options)
    : parts_(std::move(parts)),
      options_(options),
      parser_(wire::json::Parser::Options{.capacity_bytes_max = options.max_payload_bytes}),
      replies_(parts_.reactor,
               [this](std::uint64_t client) {
                 ClientRef{clients_, client}.find()->send_reply();
               }),
      parked_(std::chrono::milliseconds{options.recovery_ms}, options.recovery_bytes_max) {}

Gateway::~Gateway() = default;

std::optional<base::Fault> Gateway::admit(const front::Handshake& handshake) {
  auto& shared = parts_.shared;
  if (shared.draining)
    return base::Fault{base::Errc::draining, "this server is shutting down: try another", 1'000};
  const auto now = parts_.reactor.clock().now();
  if (shared.addresses)
    if (const auto wait_ms = shared.addresses->take(handshake.address, now))
      return base::Fault{base::Errc::rate_limited,
                         "too many connect from your address: come back a little later",
                         wait_ms};
  if (shared.pending.load(std::memory_order_relaxed) >= options_.handshakes_pending_max)
    return base::Fault{
        base::Errc::overloaded, "too many connections wait to be authenticated: come back", 1'000};
  if (const auto wait_ms = shared.handshakes.take(shared.handshake_pace, now))
    return base::Fault{
        base::Errc::overloaded, "too many connect at once: come back a little later", wait_ms};
  return std::nullopt;
}

std::unique_ptr<front::EngineListener> Gateway::open(front::EngineSocket& socket,
                                                     const front::Handshake& handshake) {
  return std::make_unique<Client>(*this, socket, handshake);
}

void Gateway::meters_of(const base::UserKey& user, MetersReply reply) {
  if (!options_.user.limit()) return reply(nullptr);
  const auto& reactors = parts_.context.homes.reactors;
  const auto home = base::KeyHash{}(user) % reactors.size();
  auto* const owner = parts_.shared.gateways[home];
  const auto get = [owner, user] {
    return owner->users_.get(user, owner->parts_.reactor.clock().now());
  };
  if (owner == this) return reply(get());
  reactors[home]->post([get, back = &parts_.reactor, reply = std::move(reply)]() mutable {
    back->post([meters = get(), reply = std::move(reply)]() mutable { reply(std::move(meters)); });
  });
}

void Gateway::add_messages(Allowance& allowance, const Counted& who) {
  if (who.user != nullptr) allowance.add(who.user->messages, options_.user.messages);
  if (const auto per_s = who.settings.messages_per_s; per_s > 0)
    allowance.add(parts_.shared.apps.get(who.app).messages, base::Pace::per_s(per_s));
}

void Gateway::add_commands(Allowance& allowance, const Counted& who) {
  if (who.user != nullptr) allowance.add(who.user->commands, options_.user.commands);
  if (const auto per_s = who.settings.commands_per_s; per_s > 0)
    allowance.add(parts_.shared.apps.get(who.app).commands, base::Pace::per_s(per_s));
}

std::uint32_t Gateway::count_refused_token(std::uint64_t address) {
  if (!parts_.shared.addresses) return 0;
  return parts_.shared.addresses->take(address, parts_.reactor.clock().now());
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

void Gateway::set_options(const GatewayOptions& options) {
  options_ = options;
  offers_.clear();
  if (options_.user.limit()) each_client([](Client& client) { client.note_limits(); });
}

void Gateway::close_all(delivery::CloseCode code) {
  each_client([code](Client& client) { client.close(code); });
}

std::size_t Gateway::revoke(const base::UserKey& user, base::WallTime at, delivery::CloseCode why) {
  std::size_t closed = 0;
  for (const auto& [number, client] : *clients_)  // closed at the end of the tick, not now
    if (client->revoke(user, at, why)) ++closed;
  return closed;
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
