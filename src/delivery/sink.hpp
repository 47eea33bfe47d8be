#pragma once

#include "base/ids.hpp"
#include "wire/engineio/message.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace kith::delivery {

// Why the server ends a session; told in `session.closed {code, retry}`.
enum class CloseCode : std::uint8_t {
  token_expired,
  session_revoked,  // by the application, as the next two
  kicked,
  banned,
  slow_reader,
  rate_limited,  // it went on and on with what was refused
  draining,
  epoch_changed,
  server_error,
};

inline constexpr std::array close_codes{CloseCode::token_expired,
                                        CloseCode::session_revoked,
                                        CloseCode::kicked,
                                        CloseCode::banned,
                                        CloseCode::slow_reader,
                                        CloseCode::rate_limited,
                                        CloseCode::draining,
                                        CloseCode::epoch_changed,
                                        CloseCode::server_error};

struct CloseInfo {
  std::string_view name;
  // Whether the client should come back by itself. If not, a DISCONNECT packet follows: without it
  // a stock client comes back.
  bool retry;
};

CloseInfo info(CloseCode code) noexcept;

// One connected client, seen from delivery: a place to put frames. No call comes back into delivery
// before it returns.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;
  virtual void send(const wire::engineio::OutMessage& message) = 0;

  // The same, of what moves the session on in a log, from the place `before`.
  virtual void send_event(const wire::engineio::OutMessage& message,
                          const base::Cid& /*cid*/,
                          base::Seq /*before*/) {
    send(message);
  }

  // Bytes sent and not yet taken by the client's socket.
  virtual std::size_t queued_bytes() const noexcept = 0;

  // One who has more queued is closed: what is not owed to him is sent only where it fits.
  virtual std::size_t outbox_bytes_max() const noexcept {
    return std::numeric_limits<std::size_t>::max();
  }

  // A session that began is at the heads of its logs: nothing more follows by itself.
  virtual void caught_up() {}

  // Has the client prove what it was sent until now: Session::on_checkpoint may be called before
  // this returns. Nothing happens while an earlier proof is due, or where polling proves by itself.
  virtual void ask_proof() {}

  // Says session.closed and closes, at the end of the tick.
  virtual void close(CloseCode code) = 0;
};

}  // namespace kith::delivery
