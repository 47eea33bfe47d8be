#pragma once

#include "base/fault.hpp"
#include "front/handler.hpp"
#include "ports/reactor.hpp"
#include "wire/engineio/message.hpp"
#include "wire/engineio/session.hpp"
#include "wire/http/query.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

// What front/ offers to those who speak over Engine.IO (gateway/).
namespace kith::front {

using wire::engineio::CloseReason;
using wire::engineio::OutMessage;

// Who knocks: the handshake request of a session. Lives as long as the call it is passed to.
struct Handshake {
  int revision = 4;  // of Engine.IO: 3 or 4
  wire::engineio::TransportName transport = wire::engineio::TransportName::polling;
  const wire::http::Query& query;      // the application's names and Engine.IO's
  const Exchange* exchange = nullptr;  // its headers; the peer's address in `admit` only
  std::uint64_t address = 0;           // as Addresses counts where it comes from; 0: not counted
};

// A session towards its listener. Lives until some time after `on_closed`; no call is wrong before
// the listener dies.
class EngineSocket {
 public:
  EngineSocket() = default;
  EngineSocket(const EngineSocket&) = delete;
  EngineSocket& operator=(const EngineSocket&) = delete;
  virtual ~EngineSocket() = default;

  virtual int revision() const noexcept = 0;
  virtual std::string_view sid() const noexcept = 0;
  // All messages of a tick leave together. Dropped once closed. Returns queued_bytes(), with it.
  virtual std::size_t send(const OutMessage& message) = 0;
  // Not yet taken by the kernel, or (polling) not yet proved by the next poll.
  virtual std::size_t queued_bytes() const noexcept = 0;
  virtual bool polling() const noexcept = 0;
  // What a volatile event asks: would a message leave in this tick?
  virtual bool writable() const noexcept = 0;
  // Sends what is queued, then closes. Calls `on_closed` before it returns. `why` is static text
  // that tells the peer what to do; the close frame of a WebSocket carries it.
  virtual void close(CloseReason reason = CloseReason::forced_close, std::string_view why = {}) = 0;
  // An early heartbeat, which proves at its answer. False: one is in flight, or polling proves by
  // itself.
  virtual bool ping_now() = 0;
  virtual ports::Reactor& reactor() const noexcept = 0;
};

// Hears one session. May send, close and ping from any call. Belongs to its socket, which destroys
// it at the end of the tick in which `on_closed` was called.
class EngineListener {
 public:
  EngineListener() = default;
  EngineListener(const EngineListener&) = delete;
  EngineListener& operator=(const EngineListener&) = delete;
  virtual ~EngineListener() = default;

  virtual void on_text(std::string_view data) = 0;    // valid UTF-8; lives until the call returns
  virtual void on_binary(std::string_view data) = 0;  // likewise
  // queued_bytes() fell below `outbox_low_bytes` after it was above.
  virtual void on_drained() = 0;
  // What was sent before has the number `n` or less; on_proved: all of it up to `n` arrived.
  virtual void on_checkpoint(std::uint64_t n) = 0;
  virtual void on_proved(std::uint64_t n) = 0;
  virtual void on_closed(CloseReason reason) = 0;
};

class EngineService {
 public:
  EngineService() = default;
  EngineService(const EngineService&) = delete;
  EngineService& operator=(const EngineService&) = delete;
  virtual ~EngineService() = default;

  // May this session begin? Changes nothing: the handshake may still fail. The fault's text is
  // shown to the client; `overloaded` and other retryable faults keep their HTTP status and
  // Retry-After.
  virtual std::optional<base::Fault> admit(const Handshake& handshake) = 0;
  // The session is open; its first poll or frame has been written. Never null. Sending is fine
  // already.
  virtual std::unique_ptr<EngineListener> open(EngineSocket& socket,
                                               const Handshake& handshake) = 0;
};

}  // namespace kith::front
