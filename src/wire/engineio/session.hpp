#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "wire/engineio/checks.hpp"
#include "wire/engineio/message.hpp"
#include "wire/engineio/packet.hpp"
#include "wire/engineio/payload.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kith::wire::engineio {

struct SessionOptions {
  std::uint32_t ping_interval_ms = 25'000;
  std::uint32_t ping_timeout_ms = 20'000;
  std::uint32_t upgrade_timeout_ms = 10'000;
};

enum class CloseReason : std::uint8_t {
  transport_close,  // the peer went away or said so
  transport_error,  // overlapping or aborted requests, a ping in the wrong direction, a failed
                    // write
  ping_timeout,
  parse_error,
  forced_close,  // the application closed
  server_shutting_down,
};
std::string_view to_text(CloseReason reason) noexcept;

// A WebSocket of the session: the transport, or one that is still probing.
enum class Lane : std::uint8_t { transport, probe };

// The answer of a poll; shared, because it is kept until the next poll proves it.
struct PollAnswer {
  base::SharedBytes body;
  PayloadForm form = PayloadForm::text;
};

// What the session asks of its owner and tells it. The owner may call `send`, `close` and
// `ping_now` from `on_text`, `on_binary`, `on_checkpoint` and `on_proved`, and must not destroy the
// session inside any call.
class SessionOutput {
 public:
  SessionOutput() = default;
  SessionOutput(const SessionOutput&) = delete;
  SessionOutput& operator=(const SessionOutput&) = delete;
  virtual ~SessionOutput() = default;

  virtual void answer_held_poll(const PollAnswer& answer) = 0;
  virtual void drop_open_post() = 0;  // destroy the connection of the POST that is being received
  virtual void write(Lane lane, std::string bytes) = 0;
  virtual void write(Lane lane,
                     const base::SharedBytes& bytes,
                     std::size_t offset,
                     std::size_t length) = 0;
  virtual void adopt_probe() = 0;  // the probe is the transport from now on
  virtual void close_websocket(Lane lane, CloseReason reason) = 0;  // after what was written
  virtual void want_flush() = 0;  // call `flush` at the end of this tick

  virtual void on_text(std::string_view data) = 0;
  virtual void on_binary(std::string_view data) = 0;
  // All that was sent before has this number or less; `on_proved(n)`: all up to n was received.
  // Numbers rise.
  virtual void on_checkpoint(std::uint64_t n) = 0;
  virtual void on_proved(std::uint64_t n) = 0;
  virtual void on_closed(CloseReason reason) = 0;  // once; nothing is delivered afterwards
  virtual void on_gone() = 0;  // once, after on_closed: no request will be answered, forget the sid
};

// One session of the server, as a machine without I/O: polling | probing | websocket | closing |
// closed. Time comes in as an argument, and `next_deadline` says when `on_deadline` is due.
class Session {
 public:
  // The open packet itself is sent by `open_polling` or `open_websocket`.
  Session(SessionOutput& output,
          const SessionOptions& options,
          Revision revision,
          bool base64_only);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // The answer of the handshake GET.
  [[nodiscard]] PollAnswer open_polling(std::string_view json, base::Instant now);
  // The handshake came over a WebSocket (`Lane::transport`), which gets the open packet.
  void open_websocket(std::string_view json, base::Instant now);

  // What a GET is to do: `answer` if there is one, else hold it or refuse it (400, empty body).
  struct PollDecision {
    enum class Kind : std::uint8_t { answer, hold, refuse } kind = Kind::refuse;
    PollAnswer answer;
  };

  // `t` is the query's, possibly empty.
  [[nodiscard]] PollDecision on_get(std::string_view t, base::Instant now);
  void on_get_aborted();  // of the held one

  // False: refuse the POST with 400 and an empty body, without `on_post`.
  [[nodiscard]] bool on_post_begin();
  // False: 400; true: 200 `ok`.
  [[nodiscard]] bool on_post(PayloadForm form, std::string_view body, base::Instant now);
  void on_post_aborted();
  void on_post_refused();  // too large: answered 413, which the client judges

  // False: there is a WebSocket already, or the session ends: accept it and close it at once.
  [[nodiscard]] bool on_probe_opened(bool base64_only, base::Instant now);
  // Text is valid UTF-8, messages are whole.
  void on_websocket_text(Lane lane, std::string_view text, base::Instant now);
  void on_websocket_binary(Lane lane, std::string_view bytes, base::Instant now);
  void on_websocket_pong(Lane lane, std::string_view payload);
  void on_websocket_closed(Lane lane, CloseReason reason = CloseReason::transport_close);

  // Nothing after the session closed.
  void send(const OutMessage& message);
  void flush();
  // Sends what is queued, then closes. A polling session without an open GET waits for one for
  // `polling_close_wait_ms`.
  void close(CloseReason reason, base::Instant now);
  // The heartbeat (revision 3: a WebSocket ping), early. False: one is in flight, or polling proves
  // by itself.
  bool ping_now(base::Instant now);

  base::Instant next_deadline() const noexcept;
  void on_deadline(base::Instant now);

  Revision revision() const noexcept { return revision_; }

  TransportName transport() const noexcept {
    return websocket_ ? TransportName::websocket : TransportName::polling;
  }

  bool closed() const noexcept { return state_ >= State::closing; }

  bool gone() const noexcept { return state_ == State::closed; }

  // Waiting for polls: what is queued, and the last answer until the next GET proves it.
  std::size_t queued_bytes() const noexcept;

 private:
  enum class State : std::uint8_t { polling, websocket, closing, closed };
  enum class Heartbeat : std::uint8_t { ping_due, pong_due, client_ping_due };
  struct Polling;

  bool probing() const noexcept;
  void forget_probe();
  void start(base::Instant now);
  void handle(const Packet& packet, base::Instant now);
  void handle_ping(base::Instant now);
  void handle_pong(base::Instant now);
  void handle_probe(const Packet& packet, base::Instant now);
  void switch_to_websocket(base::Instant now);
  void drop_probe();
  void release_poll_for_upgrade();
  void queue(OutMessage packet);
  void send_control(PacketType type);
  void write_packet(const OutMessage& packet);
  void write_binary_of_v3(const OutMessage& packet);
  void send_heartbeat(base::Instant now);
  void send_websocket_ping();
  PollAnswer take_answer();
  PollAnswer bare_answer(PacketType type) const;
  void answer_held(PollAnswer answer);
  void number_answer();
  void fail(CloseReason reason);
  void end(CloseReason reason);

  SessionOutput& output_;
  const SessionOptions& options_;
  std::unique_ptr<Polling> polling_;  // null once the session has its WebSocket
  base::Instant heartbeat_at_{};
  base::Instant websocket_ping_at_{};  // revision 3 over WebSocket
  std::uint64_t last_checkpoint_ = 0;
  std::uint64_t ping_checkpoint_ = 0;  // of the ping in flight; 0: none
  State state_ = State::polling;
  Heartbeat heartbeat_ = Heartbeat::ping_due;
  Revision revision_;
  bool base64_only_;  // of the present transport
  bool websocket_ = false;
};

}  // namespace kith::wire::engineio
