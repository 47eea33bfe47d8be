#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kith::wire::http {

// For a client that waits before it sends its body.
inline constexpr std::string_view continue_response = "HTTP/1.1 100 Continue\r\n\r\n";

// "Not Found" for 404; empty for a status without a customary phrase.
std::string_view reason_phrase(std::uint16_t status) noexcept;

// `Thu, 01 Jan 2026 10:00:00 GMT`. Years 1970 to 9999.
void append_http_date(std::string& out, base::WallTime time);

// Appends one response to a string: a writer, then headers, then one `finish`.
//   ResponseWriter(out, 200).header("Content-Type", "text/html").connection(true, 1).finish("ok");
class ResponseWriter {
 public:
  ResponseWriter(std::string& out, std::uint16_t status);

  // The name comes from code and is asserted to be a token. Control characters in the value become
  // blanks, so that nothing a client sent can begin another header.
  ResponseWriter& header(std::string_view name, std::string_view value);
  // Says whether the connection stays, where the client's version does not say it by itself.
  ResponseWriter& connection(bool keep_alive, int minor_version);
  // Ends the head with Content-Length and appends the body. 1xx, 204 and 304 have neither: the body
  // must be empty.
  void finish(std::string_view body);
  // The head alone: for HEAD, and for a body that is sent from elsewhere.
  void finish_head(std::size_t body_bytes);

 private:
  std::string& out_;
  std::uint16_t status_;
};

}  // namespace kith::wire::http
