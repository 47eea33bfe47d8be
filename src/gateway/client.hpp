#pragma once

#include "delivery/session.hpp"
#include "delivery/sink.hpp"
#include "front/credentials.hpp"
#include "front/engine_service.hpp"
#include "gateway/gateway.hpp"
#include "wire/socketio/decoder.hpp"

#include <cstdint>
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
};

// One connected client: the Socket.IO side of an Engine.IO session. Only the namespace `/` exists;
// the application comes from the token.
class Client final : public front::EngineListener, public delivery::Sink, private ports::TickHook {
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

  std::size_t queued_bytes() const noexcept override { return socket_.queued_bytes(); }

  std::size_t outbox_bytes_max() const noexcept override;
  void close(delivery::CloseCode code) override;

  void ask_proof() override { socket_.ping_now(); }

  // Says that it will be closed `after`, and closes then: `draining`.
  void move(std::chrono::milliseconds after);

 private:
  using Packet = wire::socketio::Packet;

  void take(base::Result<std::optional<Packet>> decoded);
  void handle(const Packet& packet);
  void on_connect(const Packet& packet);
  void connect(const base::Result<ConnectRequest>& request);
  base::Result<front::Identity> identify(const ConnectRequest& request) const;
  void accept(front::Identity identity, ConnectRequest request);
  void refuse(const base::Fault& fault);
  void say_hello();
  void fetch_budget();
  void start_expiry();
  void on_event(const Packet& packet);
  void answer(std::uint64_t ack_id, const base::Result<commands::Answer>& result);
  void end_session();
  bool serves(std::uint64_t session) const noexcept;  // and not another, or none
  void set_pending(bool pending);
  void account_attachments();
  bool holds_too_much() const;
  void protocol_error(std::string_view what);  // static text

  void on_connect_timeout();
  void on_attachments_timeout();
  void on_token_expired();
  void on_tick_end() override;  // closes

  Gateway& gateway_;
  std::uint64_t number_;  // among the gateway's clients
  front::EngineSocket& socket_;
  wire::socketio::Decoder decoder_;
  wire::socketio::Protocol protocol_;
  bool pending_ = false;  // counted among those not yet authenticated
  bool gone_ = false;     // the transport is closed or closing
  bool moving_ = false;   // expiry_alarm_ is the moment it is closed
  std::uint8_t connect_attempts_ = 0;
  std::uint16_t in_flight_ = 0;
  std::size_t attachment_bytes_ = 0;  // as counted in GatewayShared
  std::optional<delivery::CloseCode> closing_;
  std::unique_ptr<front::Identity> identity_;
  std::unique_ptr<delivery::Session> session_;
  std::shared_ptr<commands::Budget> budget_;
  std::shared_ptr<Client*> self_;
  ports::Alarm<Client, &Client::on_connect_timeout> connect_alarm_{*this};
  ports::Alarm<Client, &Client::on_attachments_timeout> attachments_alarm_{*this};
  ports::Alarm<Client, &Client::on_token_expired> expiry_alarm_{*this};
};

}  // namespace kith::gateway
