#pragma once

#include "front/engine_service.hpp"
#include "wire/json/parser.hpp"

#include <memory>
#include <optional>

// What a conformance test needs of a server and Kith's commands do not use: echoed events, acks and
// attachments in both directions, several namespaces.
namespace kith::echo {

// Socket.IO. Namespaces `/` and `/custom` take everyone, `/refuse` nobody. A connected socket gets
// `auth` with what it connected with. It answers these events:
//   message (args)           -> event message-back with the same arguments
//   message-with-ack (args)  -> acknowledges with the same arguments
//   emit-with-ack (args)     -> event emit-with-ack that asks for an ack; the answer comes back as
//   message-back send-binary              -> event binary {a: <01 02 03>, b: [<04>]} leave ->
//   DISCONNECT of the namespace close                    -> closes the connection
// All with attachments wherever the arguments have them. One instance per reactor.
class SocketIoEcho final : public front::EngineService {
 public:
  std::optional<base::Fault> admit(const front::Handshake& handshake) override;
  std::unique_ptr<front::EngineListener> open(front::EngineSocket& socket,
                                              const front::Handshake& handshake) override;

 private:
  wire::json::Parser parser_;
};

// Engine.IO alone: every message comes back.
class EngineIoEcho final : public front::EngineService {
 public:
  std::optional<base::Fault> admit(const front::Handshake& handshake) override;
  std::unique_ptr<front::EngineListener> open(front::EngineSocket& socket,
                                              const front::Handshake& handshake) override;
};

}  // namespace kith::echo
