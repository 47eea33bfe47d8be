#pragma once

#include "wire/engineio/packet.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kith::wire::engineio {

enum class TransportName : std::uint8_t { polling, websocket };

constexpr std::string_view to_text(TransportName name) noexcept {
  return name == TransportName::polling ? "polling" : "websocket";
}

// How a request is refused: the body is `json()`, but for a WebSocket upgrade the message alone,
// always with status 400.
struct Refusal {
  int code = 0;
  std::uint16_t http_status = 400;
  std::string message;

  std::string json() const;
  friend bool operator==(const Refusal&, const Refusal&) = default;
};

Refusal transport_unknown();
Refusal session_unknown();
Refusal bad_handshake_method();
Refusal bad_request();
Refusal forbidden(std::string_view message = "Forbidden");
Refusal unsupported_version();

struct TransportsAllowed {
  bool polling = true;
  bool websocket = true;
};

// What the checks need to know of a request.
struct RequestFacts {
  std::optional<TransportName> transport;  // of the query; nothing if missing or unknown
  Revision revision = Revision::v3;
  bool get = true;
  bool upgrade = false;      // asks for a WebSocket
  bool origin_valid = true;  // no control or non-ASCII bytes in the Origin header
  bool sid_given = false;
};

// What the checks need to know of the session that the sid names.
struct KnownSession {
  TransportName transport = TransportName::polling;
  Revision revision = Revision::v4;
};

// The checks before the admission hook, in the reference's order: transport, Origin, sid (known?
// transport? revision?), method, websocket without upgrade. Nothing: passed.
std::optional<Refusal> check_request(const RequestFacts& request,
                                     const std::optional<KnownSession>& session,
                                     TransportsAllowed allowed);

// The last check of a handshake, after the admission hook.
std::optional<Refusal> check_revision(Revision revision, bool allow_eio3);

struct OpenFields {
  std::string_view sid;
  bool upgrade_offered = false;
  std::uint32_t ping_interval_ms = 0;
  std::uint32_t ping_timeout_ms = 0;
  std::size_t max_payload_bytes = 0;
};

// The JSON of the open packet, the same in both revisions.
std::string open_json(const OpenFields& fields);

}  // namespace kith::wire::engineio
