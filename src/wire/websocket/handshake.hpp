#pragma once

#include "wire/http/request.hpp"

#include <optional>
#include <string>
#include <string_view>

// RFC 6455, 4.2: the HTTP request that becomes a WebSocket.
namespace kith::wire::websocket {

// Does the client ask for an upgrade at all (rightly or not)?
bool wants_upgrade(const http::Request& request) noexcept;

// Nothing if the upgrade may be accepted; else 400, 405 or 426 and why.
std::optional<http::HttpError> check_upgrade(const http::Request& request);

// base64(SHA-1(key + the RFC's GUID)).
std::string accept_key(std::string_view key);

// The 101 for a request that check_upgrade() passed. Extensions and subprotocols are declined by
// not naming any.
void append_upgrade_response(std::string& out, const http::Request& request);

// The refusal as plain text, with the version that is spoken here on 426; the connection is to be
// closed behind it.
void append_refusal(std::string& out, const http::HttpError& error);

}  // namespace kith::wire::websocket
