#pragma once

#include "front/engine_server.hpp"
#include "front/engine_service.hpp"
#include "front/handler.hpp"
#include "front/sid.hpp"
#include "front/websocket_link.hpp"
#include "wire/engineio/session.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace kith::front {

// One session of an EngineServer: the machine of wire/engineio with its requests and sockets around
// it.
class EngineSession final : public EngineSocket,
                            private wire::engineio::SessionOutput,
                            private ExchangeWatcher,
                            private WebSocketOwner {
 public:
  EngineSession(EngineServer& server,
                const Sid& sid,
                wire::engineio::Revision revision,
                bool base64_only);
  ~EngineSession() override;

  void open_polling(std::unique_ptr<Exchange> exchange, const Handshake& handshake);
  void open_websocket(std::unique_ptr<Exchange> exchange, const Handshake& handshake);

  void get(std::unique_ptr<Exchange> exchange, std::string_view t);
  // The head of a POST, which announces so many bytes. False: it was answered.
  bool begin_post(Exchange& exchange, std::size_t bytes);
  void finish_post(std::unique_ptr<Exchange> exchange);
  // It is complete and will be refused, or its head asks for something else: it was no POST then.
  void forget_post(Exchange& exchange);
  void probe(std::unique_ptr<Exchange> exchange, bool base64_only);

  wire::engineio::KnownSession known() const noexcept;

  const Sid& id() const noexcept { return sid_; }

  int revision() const noexcept override { return static_cast<int>(session_.revision()); }

  std::string_view sid() const noexcept override { return sid_.view(); }

  std::size_t send(const OutMessage& message) override;
  std::size_t queued_bytes() const noexcept override;
  bool polling() const noexcept override;
  bool writable() const noexcept override;
  void close(CloseReason reason, std::string_view why) override;
  bool ping_now() override;
  ports::Reactor& reactor() const noexcept override;

 private:
  using Lane = wire::engineio::Lane;

  void answer_held_poll(const wire::engineio::PollAnswer& answer) override;
  void drop_open_post() override;
  void write(Lane lane, std::string bytes) override;
  void write(Lane lane,
             const base::SharedBytes& bytes,
             std::size_t offset,
             std::size_t length) override;
  void adopt_probe() override;
  void close_websocket(Lane lane, CloseReason reason) override;
  void want_flush() override;
  void on_text(std::string_view data) override;
  void on_binary(std::string_view data) override;
  void on_checkpoint(std::uint64_t n) override;
  void on_proved(std::uint64_t n) override;
  void on_closed(CloseReason reason) override;
  void on_gone() override;

  void on_aborted(Exchange& exchange) override;
  void on_too_large(Exchange& exchange) override;

  void on_link_text(WebSocketLink& link, std::string_view text) override;
  void on_link_binary(WebSocketLink& link, std::string_view bytes) override;
  void on_link_pong(WebSocketLink& link, std::string_view payload) override;
  void on_link_drained(WebSocketLink& link) override;
  void on_link_closed(WebSocketLink& link, bool error) override;

  void on_flush_time();
  void on_alarm();

  // What only a session without its WebSocket needs.
  struct Polled final : ports::TickHook {
    Polled(EngineSession& s, Incoming& incoming) : session(s), post_bytes(incoming) {}

    void on_tick_end() override { session.on_flush_time(); }

    EngineSession& session;
    std::unique_ptr<WebSocketLink> probe;
    std::unique_ptr<Exchange> held_poll;
    Exchange* open_post = nullptr;  // its body is being read
    Incoming::Share post_bytes;
  };

  Polled& polled();

  std::string open_json(bool upgrade_offered) const;
  std::unique_ptr<WebSocketLink> accept(Exchange& exchange, std::string& received);
  WebSocketLink* link(Lane lane) const noexcept;
  Lane lane_of(const WebSocketLink& link) const noexcept;
  base::Instant now() const noexcept;
  bool reads_post(const Exchange& exchange) const noexcept;
  Exchange* end_post();
  void introduce(const Handshake& handshake);
  void tell_closed(CloseReason reason);
  void settle();

  EngineServer& server_;
  std::unique_ptr<EngineListener> listener_;  // from `open` to `on_closed`
  std::unique_ptr<WebSocketLink> transport_;
  std::unique_ptr<Polled> polled_;
  ports::Alarm<EngineSession, &EngineSession::on_alarm> alarm_{*this};
  base::Instant alarm_at_{};
  base::Instant drain_check_at_;
  Sid sid_;
  std::string_view why_;                     // the server closes
  std::optional<CloseReason> closed_early_;  // while the listener was being made
  bool above_low_ = false;                   // on_drained is due
  std::uint8_t drain_checks_ = 0;            // since then
  wire::engineio::Session session_;
};

}  // namespace kith::front
