#pragma once

#include "base/log.hpp"
#include "commands/feature.hpp"
#include "delivery/hub.hpp"
#include "front/addresses.hpp"
#include "front/credentials.hpp"
#include "front/engine_service.hpp"
#include "front/revocations.hpp"
#include "gateway/budgets.hpp"
#include "gateway/connect_replies.hpp"
#include "gateway/greeting.hpp"
#include "gateway/recovery.hpp"
#include "wire/json/parser.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kith::gateway {

class Client;
class Gateway;

using wire::engineio::OutMessage;

struct GatewayOptions {
  std::uint32_t connect_timeout_ms = 45'000;
  std::size_t max_payload_bytes = 1'000'000;
  Paces connection;  // how often one connection may ask
  Paces user;        // and a user, over all of his connections to this node
  std::size_t handshakes_pending_max = 10'000;  // connections not yet authenticated, in all
  std::uint32_t recovery_ms = 0;                // 0: lost connections are not recovered
  std::size_t recovery_bytes_max = 0;           // of this reactor
};

// What the gateways of a node share. Counters only: everything else belongs to one reactor.
struct GatewayShared {
  std::atomic<std::size_t> pending{0};           // connections not yet authenticated
  std::atomic<std::size_t> attachment_bytes{0};  // of events whose attachments are still due
  std::atomic<bool> draining{false};
  base::Pace handshake_pace;  // how fast they are admitted, in all
  base::Meter handshakes;
  std::unique_ptr<front::Addresses> addresses;  // and for each address; null: as they come
  AppMeters apps;
  std::vector<Gateway*> gateways;  // by reactor; filled before they start
};

// What a gateway stands on; all of it outlives the gateway.
struct GatewayParts {
  ports::Reactor& reactor;
  commands::Context& context;
  const commands::Table& table;
  delivery::Hub& hub;
  const commands::Features& features;
  base::Logger& logger;
  GatewayShared& shared;
  std::function<const commands::AppSettings&(base::AppId)> settings_of;
  const front::Revocations* revocations = nullptr;  // of this reactor; none: nothing is revoked
};

using Clients = boost::unordered_flat_map<std::uint64_t, Client*>;  // by number

// A client that may be gone when an answer comes.
struct ClientRef {
  std::shared_ptr<const Clients> clients;
  std::uint64_t number = 0;

  Client* find() const {
    const auto it = clients->find(number);
    return it == clients->end() ? nullptr : it->second;
  }
};

// Makes a Client of every Engine.IO session: who it is, what it asks, what it hears. One per
// reactor.
class Gateway final : public front::EngineService, private ports::TickHook {
 public:
  Gateway(GatewayParts parts, GatewayOptions options);
  ~Gateway() override;

  std::optional<base::Fault> admit(const front::Handshake& handshake) override;
  std::unique_ptr<front::EngineListener> open(front::EngineSocket& socket,
                                              const front::Handshake& handshake) override;

  // Keys have changed: what is asked from now on is judged by these.
  void set_credentials(std::shared_ptr<const front::Credentials> credentials) {
    credentials_ = std::move(credentials);
    offers_.clear();
  }

  // From now on, whoever is connected too.
  void set_options(const GatewayOptions& options);

  // By whom one is counted: his application, and his user (null: none, or not limited).
  struct Counted {
    base::AppId app;
    const commands::AppSettings& settings;
    Meters* user = nullptr;
  };

  using MetersReply = base::MoveOnlyFunction<void(std::shared_ptr<Meters>)>;
  // The meters that count this user on the node, from the reactor that is their home: at once if it
  // is this one. Null: users are not limited.
  void meters_of(const base::UserKey& user, MetersReply reply);
  // What one may still do by those, besides what he is counted by himself.
  void add_messages(Allowance& allowance, const Counted& who);
  void add_commands(Allowance& allowance, const Counted& who);
  // A token was refused to one who comes from there. 0, or how many milliseconds he has to wait
  // before he tries again.
  std::uint32_t count_refused_token(std::uint64_t address);

  // Tells every session when it will be closed, at a moment of its own within `over`, and closes
  // it then; who is not connected yet is closed at once. At shutdown: they do not all come back
  // together.
  void move_all(std::chrono::milliseconds over);
  // Ends every session with `code`: at shutdown.
  void close_all(delivery::CloseCode code);
  // Ends the sessions of a user that were begun with what was issued until `at`; how many there
  // were.
  std::size_t revoke(const base::UserKey& user, base::WallTime at, delivery::CloseCode why);

  std::size_t clients() const noexcept { return clients_->size(); }

  std::uint64_t commands_run() const noexcept { return commands_run_; }

 private:
  friend class Client;
  template <class Call>
  void each_client(Call call);
  void note_user(const front::Identity& identity);
  const Offer& offer_to(base::AppId app);
  void close_later(std::uint64_t client);

  // --- lost connections that may be recovered, in client_recovery.cpp
  struct Stamped {
    OutMessage message;
    std::uint64_t number;
  };

  using ParkedReply = base::MoveOnlyFunction<void(std::optional<Parked>)>;

  bool recovers() const noexcept { return options_.recovery_ms > 0; }

  // An event with the offset of its number behind its arguments: one for all who are sent it at
  // once. What is no event stays as it is, with the number 0.
  Stamped stamp(const OutMessage& message);
  void note_live(const std::string& pid, std::uint64_t client);
  void forget_live(const std::string& pid, std::uint64_t client);
  void park(const std::string& pid, Parked session);
  void take_parked(const std::string& pid, const base::UserKey& user, ParkedReply reply);
  void at_home_of(const std::string& pid, base::MoveOnlyFunction<void(Gateway&)> call);
  void take_here(const std::string& pid, const base::UserKey& user, ParkedReply reply);
  void on_sweep_time();
  void on_tick_end() override;

  GatewayParts parts_;
  GatewayOptions options_;
  std::shared_ptr<const front::Credentials> credentials_;
  wire::json::Parser parser_;
  boost::unordered_flat_map<base::AppId, Offer> offers_;
  UserMeters users_;
  std::shared_ptr<Clients> clients_ = std::make_shared<Clients>();  // shared with answers to come
  std::uint64_t next_client_ = 1;
  std::vector<std::uint64_t> closing_;  // by number, at the end of the tick
  boost::unordered_flat_map<base::UserKey, std::uint64_t, base::KeyHash>
      users_noted_;  // hash of name and avatar written
  ConnectReplies replies_;
  std::uint64_t commands_run_ = 0;
  ParkedSessions parked_;  // of the pids whose home is this reactor
  ports::Alarm<Gateway, &Gateway::on_sweep_time> sweep_alarm_{*this};
  std::uint64_t stamps_ = 0;
  OutMessage stamped_from_;  // the last one that was stamped, and what it became
  OutMessage stamped_;
};

}  // namespace kith::gateway
