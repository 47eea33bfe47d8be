#include "wire/engineio/checks.hpp"

namespace kith::wire::engineio {
namespace {

// Messages come from hooks too: what JSON forbids in a string is escaped.
void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      out.append("\\u00");
      out.push_back(hex[byte >> 4]);
      out.push_back(hex[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

}  // namespace

std::string Refusal::json() const {
  std::string out = "{\"code\":" + std::to_string(code) + ",\"message\":";
  append_json_string(out, message);
  out.push_back('}');
  return out;
}

Refusal transport_unknown() {
  return {0, 400, "Transport unknown"};
}

Refusal session_unknown() {
  return {1, 400, "Session ID unknown"};
}

Refusal bad_handshake_method() {
  return {2, 400, "Bad handshake method"};
}

Refusal bad_request() {
  return {3, 400, "Bad request"};
}

Refusal forbidden(std::string_view message) {
  return {4, 403, std::string{message}};
}

Refusal unsupported_version() {
  return {5, 400, "Unsupported protocol version"};
}

std::optional<Refusal> check_request(const RequestFacts& request,
                                     const std::optional<KnownSession>& session,
                                     TransportsAllowed allowed) {
  if (!request.transport) return transport_unknown();
  const bool websocket = *request.transport == TransportName::websocket;
  if (websocket ? !allowed.websocket : !allowed.polling) return transport_unknown();
  if (!request.origin_valid) return bad_request();
  if (request.sid_given) {
    if (!session) return session_unknown();
    if (websocket != request.upgrade) return bad_request();
    // An upgrade names the transport it wants, a poll the one the session has.
    if (!request.upgrade && session->transport != TransportName::polling) return bad_request();
    if (session->revision != request.revision) return bad_request();
    return std::nullopt;
  }
  if (!request.get) return bad_handshake_method();
  if (websocket != request.upgrade) return bad_request();
  return std::nullopt;
}

std::optional<Refusal> check_revision(Revision revision, bool allow_eio3) {
  if (revision == Revision::v3 && !allow_eio3) return unsupported_version();
  return std::nullopt;
}

std::string open_json(const OpenFields& fields) {
  std::string out = "{\"sid\":\"";
  out.append(fields.sid);
  out.append("\",\"upgrades\":[");
  if (fields.upgrade_offered) out.append("\"websocket\"");
  out.append("],\"pingInterval\":").append(std::to_string(fields.ping_interval_ms));
  out.append(",\"pingTimeout\":").append(std::to_string(fields.ping_timeout_ms));
  out.append(",\"maxPayload\":").append(std::to_string(fields.max_payload_bytes));
  out.push_back('}');
  return out;
}

}  // namespace kith::wire::engineio
