#include "wire/websocket/handshake.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "wire/http/response.hpp"

namespace kith::wire::websocket {

bool wants_upgrade(const http::Request& request) noexcept {
  return request.header_has_token("connection", "upgrade") && request.header("upgrade").has_value();
}

std::optional<http::HttpError> check_upgrade(const http::Request& request) {
  if (request.method() != "GET") return http::HttpError{405, "a WebSocket begins with GET"};
  if (request.minor_version() == 0) return http::HttpError{400, "a WebSocket needs HTTP/1.1"};
  if (request.has_body()) return http::HttpError{400, "a WebSocket begins without a body"};
  if (!request.header_has_token("connection", "upgrade"))
    return http::HttpError{400, "the Connection header does not say upgrade"};
  if (!request.header_has_token("upgrade", "websocket"))
    return http::HttpError{400, "the Upgrade header does not say websocket"};
  if (request.header_count("sec-websocket-version") != 1 ||
      request.header_or("sec-websocket-version", "") != "13")
    return http::HttpError{426, "the WebSocket version spoken here is 13"};
  const auto key = base::base64_decode(request.header_or("sec-websocket-key", ""));
  if (request.header_count("sec-websocket-key") != 1 || !key || key->size() != 16)
    return http::HttpError{400, "Sec-WebSocket-Key is not 16 bytes in base64"};
  return std::nullopt;
}

std::string accept_key(std::string_view key) {
  std::string text{key};
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  return base::base64_encode(base::sha1(text));
}

void append_upgrade_response(std::string& out, const http::Request& request) {
  // As http::ResponseWriter has it, but for one line always the same.
  out +=
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ";
  out += accept_key(request.header_or("sec-websocket-key", ""));
  out += "\r\n\r\n";
}

void append_refusal(std::string& out, const http::HttpError& error) {
  http::ResponseWriter writer(out, error.status);
  if (error.status == 405) writer.header("Allow", "GET");
  if (error.status == 426)
    writer.header("Sec-WebSocket-Version", "13")
        .header("Upgrade", "websocket")
        .header("Connection", "Upgrade, close");
  else
    writer.header("Connection", "close");
  writer.header("Content-Type", "text/plain; charset=UTF-8").finish(error.text);
}

}  // namespace kith::wire::websocket
