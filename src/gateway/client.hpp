#pragma once

#include "delivery/session.hpp"
#include "delivery/sink.hpp"
#include "front/credentials.hpp"
#include "front/engine_service.hpp"
#include "gateway/gateway.hpp"
#include "wire/socketio/decoder.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kith::gateway {

// What a client says of itself when it connects.
struct ConnectRequest {
  std::string token;
  std::string dev_user;  // instead of a token, in development
  std::string device;
  std::string epoch;
  std::vector<std::pair<base::Cid, base::Seq>> cursors;
  std::string pid;     // of a connection that was lost
  std::string offset;  // of the last event it was sent
};

// One connected client: the Socket.IO side of an Engine.IO session. Only the namespace `/` exists;
// the application comes from the token.
class Client final : public front::EngineListener, public delivery::Sink {
 public:
  Client(Gateway& gateway, front::EngineSocket& socket, const front::Handshake& handshake);
  ~Client() override;

  // --- from the transport
  void on_text(std::string_view data) override;
  void on_binary(std::string_view data) override;
  void on_drained() override;
  void on_checkpoint(std::uint64_t n) override;
  void on_proved(std::uint64_t n) override;
  void on_closed(front::CloseReason reason) override;

  // --- from delivery
  void send(const wire::engineio::OutMessage& message) override;
  void send_event(const wire::engineio::OutMessage& message,
                  const base::Cid& cid,
                  base::Seq before) override;

  std::size_t queued_bytes() const noexcept override { return socket_.queued_bytes(); }

  std::size_t outbox_bytes_max() const noexcept override;
  // Says so and closes at the end of the tick: Gateway::close_later.
  void close(delivery::CloseCode code) override;

  void caught_up() override { send_reply(); }

  void say_goodbye();

  void ask_proof() override { socket_.ping_now(); }

  // Closes if it is that user's, and was not let in by a token issued after `at`.
  bool revoke(const base::UserKey& user, base::WallTime at, delivery::CloseCode why);

  // Its client is here again over another connection: what it was sent is parked, and it closes.
  void give_way(const std::string& pid, const base::UserKey& user);

  // How often its user may do something is limited now.
  void note_limits() {
    if (session_ && !user_meters_) fetch_meters();
  }

  // Says that it will be closed `after`, and closes then: `draining`.
  void move(std::chrono::milliseconds after);

  // The reply to CONNECT has waited for what follows it.
  void send_reply();

 private:
  using Packet = wire::socketio::Packet;

  void take(base::Result<std::optional<Packet>> decoded);
  void handle(const Packet& packet);
  void on_connect(const Packet& packet);
  void connect(base::Result<ConnectRequest> request);
  base::Result<front::Identity> identify(const ConnectRequest& request) const;
  base::Fault judge(const base::Fault& fault);
  base::Result<front::Identity> verify(std::string_view token) const;
  base::Result<void> check_revoked(const front::Identity& identity) const;
  void accept(const front::Identity& identity, ConnectRequest request);
  void begin_session(const front::Identity& identity,
                     ConnectRequest request,
                     std::optional<Parked> parked);
  bool restore(ConnectRequest& request, const Parked& parked);
  std::uint64_t send_stamped(const wire::engineio::OutMessage& message);
  void put(const wire::engineio::OutMessage& message);
  Places places() const;
  void park();
  void close_socket(front::CloseReason reason, std::string_view why = {});
  void refuse(const base::Fault& fault);
  wire::engineio::OutMessage hello(const front::Identity& identity, const base::Cid& user_cid);
  void fetch_meters();
  void start_expiry();
  bool warn_of_expiry();  // false: it was done, or it is not time yet
  base::Result<commands::Answer> refresh(commands::Value args);
  void on_event(const Packet& packet);
  std::uint32_t take_command(const Gateway::Counted& who);  // 0, or how many milliseconds to wait
  void note_refusal();
  void answer(std::uint64_t ack_id, const base::Result<commands::Answer>& result);
  enum class Ending : std::uint8_t { for_good, lost };
  void end_session(Ending ending = Ending::for_good);
  bool serves(std::uint64_t session) const noexcept;  // and not another, or none
  void set_pending(bool pending);
  void account_attachments();
  bool holds_too_much() const;
  void protocol_error(std::string_view what);  // static text

  void begin_connecting();  // for so long
  void set_due(std::chrono::milliseconds after);
  void watch_alarm();  // rings no later than what is due first
  void on_alarm();
  void on_due();

  static constexpr base::Instant never{std::numeric_limits<std::int64_t>::max()};

  Gateway& gateway_;
  std::uint64_t number_;  // among the gateway's clients
  front::EngineSocket& socket_;
  wire::socketio::Decoder decoder_;
  wire::socketio::Protocol protocol_;
  bool pending_ = false;      // counted among those not yet authenticated
  bool gone_ = false;         // the transport is closed or closing
  bool moving_ = false;       // due_at_ is the moment it is closed
  bool warned_ = false;       // auth.expiring was said of this token
  bool reply_waits_ = false;  // to CONNECT, at the gateway: it leaves ahead of all else
  std::uint8_t connect_attempts_ = 0;
  std::uint16_t in_flight_ = 0;
  std::optional<delivery::CloseCode> closing_;
  std::size_t attachment_bytes_ = 0;  // as counted in GatewayShared
  std::unique_ptr<delivery::Session> session_;
  std::uint64_t address_;  // where it comes from, as Addresses counts it
  Meters meters_;          // of this connection
  base::Meter refusals_;

  // What a client needs to have its session back.
  struct Recoverable {
    std::string pid;
    std::string sid;
    std::string epoch;  // when the session began
    Places began_with;  // of one that was recovered itself
    SentEvents sent = {};
    // How far it was when it began to close: what is handed out after that is not sent.
    std::optional<Places> places = {};
  };

  std::unique_ptr<Recoverable> recoverable_;  // null: not recovered when it is lost
  bool recovering_ = false;                   // another reactor was asked for the parked session
  std::shared_ptr<Meters> user_meters_;  // those of the node, once they are here; null: no limit
  base::WallTime token_expires_at_;      // 0: never
  base::WallTime token_issued_at_;       // 0: not said
  // One alarm for all that has a deadline: connecting, the token or the move; and attachments.
  base::Instant due_at_ = never;
  base::Instant attachments_due_at_ = never;
  base::Instant alarm_at_ = never;
  ports::Alarm<Client, &Client::on_alarm> alarm_{*this};
};

}  // namespace kith::gateway
