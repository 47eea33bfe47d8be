#pragma once

#include "wire/http/chunk_decoder.hpp"
#include "wire/http/request.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace kith::wire::http {

// HTTP/1.0 and 1.1 requests from bytes (RFC 9112), strict where leniency lets two servers read two
// different requests: CRLF only, no folded lines, one Content-Length of digits, never with
// Transfer-Encoding, `chunked` as the only coding. One blank line before a request is skipped.
// Limits are those of base/limits.hpp.
//
//   while (!bytes.empty()) {
//     bytes.remove_prefix(parser.feed(bytes));
//     if (parser.state() == State::head_done) parser.accept_body(...) or answer and close;
//     if (parser.state() == State::complete) handle(parser.take_request());
//     if (parser.state() == State::failed) answer parser.error().status and close;
//   }
//
// Has no clock: the owner arms its deadlines by state(). Holds no memory of the heap while idle.
class RequestParser {
 public:
  enum class State : std::uint8_t {
    idle,       // between requests
    head,       // a request has begun
    head_done,  // a body follows, and takes no byte before accept_body()
    body,
    complete,  // take_request() is due
    failed,    // see error(); the connection is of no more use
  };

  // Takes bytes up to the end of the head, the end of the request or an error, else all, and says
  // how many it took. What it did not take belongs to the next request, or to the protocol the
  // connection was upgraded to.
  std::size_t feed(std::string_view bytes);

  State state() const noexcept { return state_; }

  // From the end of the head until it is taken, also if its body failed (then without it).
  const Request& request() const noexcept;
  // The same, and in failed if the head was complete (an error's answer may need its Origin); else
  // nullptr.
  const Request* find_request() const noexcept;
  // In head_done. A larger body fails with 413 as soon as its declared or counted bytes say so.
  // Where request().expects_continue(), the client waits for `continue_response` (response.hpp).
  void accept_body(std::size_t body_bytes_max);
  // In complete; back to idle.
  Request take_request();

  const HttpError& error() const noexcept { return error_; }  // in failed

 private:
  std::size_t feed_head(std::string_view bytes);
  std::size_t feed_body(std::string_view bytes);
  void end_line();
  // These return false after fail(). Defined in request_head.cpp.
  bool read_request_line(std::string_view line);
  bool read_version(std::string_view version);
  bool read_target();
  bool read_header(std::string_view line);
  bool end_head();
  bool read_host();
  bool read_body_length();
  bool read_transfer_encoding();
  void read_connection();
  bool fail(std::uint16_t status, const char* text);
  Request::Piece piece(std::string_view part) const noexcept;

  std::unique_ptr<Request> request_;  // none while idle
  std::size_t body_bytes_max_ = 0;
  ChunkDecoder chunks_;
  HttpError error_;
  std::uint16_t line_start_ = 0;  // of the unfinished line in the head
  State state_ = State::idle;
  bool request_line_read_ = false;
  bool blank_line_skipped_ = false;
};

}  // namespace kith::wire::http
