#include "wire/http/request_parser.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "wire/http/tokens.hpp"

#include <algorithm>
#include <limits>

namespace kith::wire::http {

namespace limits = base::limits;
static_assert(limits::http_head_bytes_max <= std::numeric_limits<std::uint16_t>::max(),
              "a Piece of a head has 16 bits");

namespace {

constexpr std::size_t first_head_bytes = 1024;  // most heads of browsers fit, and grow no more

}  // namespace

std::size_t RequestParser::feed(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size()) {
    if (state_ == State::idle || state_ == State::head)
      used += feed_head(bytes.substr(used));
    else if (state_ == State::body)
      used += feed_body(bytes.substr(used));
    else
      break;
  }
  return used;
}

const Request& RequestParser::request() const noexcept {
  KITH_ASSERT(state_ == State::head_done || state_ == State::body || state_ == State::complete);
  return *request_;
}

const Request* RequestParser::find_request() const noexcept {
  return state_ == State::idle || state_ == State::head ? nullptr : request_.get();
}

void RequestParser::accept_body(std::size_t body_bytes_max) {
  KITH_ASSERT(state_ == State::head_done);
  body_bytes_max_ = body_bytes_max;
  if (request_->content_length_ > body_bytes_max) {
    fail(413, "the body is larger than this path takes");
    return;
  }
  request_->body_.reserve(
      std::min<std::size_t>(request_->content_length_, limits::http_body_reserve_bytes_max));
  chunks_ = {};
  state_ = State::body;
}

Request RequestParser::take_request() {
  KITH_ASSERT(state_ == State::complete);
  Request taken = std::move(*request_);
  *this = {};
  return taken;
}

std::size_t RequestParser::feed_head(std::string_view bytes) {
  if (state_ == State::idle) {
    request_ = std::make_unique<Request>();
    request_->head_.reserve(std::min(bytes.size(), first_head_bytes));
    state_ = State::head;
  }
  std::string& head = request_->head_;
  // Said at once, because the end of the line may never come: a TLS hello, or another protocol.
  if (head.empty() && !is_token_char(bytes.front()) && bytes.front() != '\r' &&
      bytes.front() != '\n') {
    fail(400, "this is not HTTP: a request begins with a method");
    return 1;
  }
  const std::size_t newline = bytes.find('\n');
  const bool line_ends = newline != std::string_view::npos;
  const std::size_t take = line_ends ? newline + 1 : bytes.size();
  // Whichever limit is nearer, so that the answer does not depend on how the bytes were cut.
  const std::size_t line_room = limits::http_line_bytes_max + 2 - (head.size() - line_start_);
  const std::size_t head_room = limits::http_head_bytes_max - head.size();
  if (take > std::min(line_room, head_room)) {
    if (line_room <= head_room && !request_line_read_)
      fail(414, "the request line is too long");
    else if (line_room <= head_room)
      fail(431, "a header line is too long");
    else
      fail(431, "the headers are too long together");
    return std::min(line_room, head_room);
  }
  head.append(bytes.substr(0, take));
  if (line_ends) end_line();
  return take;
}

void RequestParser::end_line() {
  const std::string& head = request_->head_;
  std::string_view line = std::string_view{head}.substr(line_start_);
  if (!line.ends_with("\r\n")) {
    fail(400, "a line ends without CRLF");
    return;
  }
  line.remove_suffix(2);
  line_start_ = static_cast<std::uint16_t>(head.size());
  if (request_line_read_) {
    if (line.empty())
      end_head();
    else
      read_header(line);
  } else if (line.empty() && !blank_line_skipped_) {
    *this = {};
    blank_line_skipped_ = true;
  } else {
    request_line_read_ = read_request_line(line);
  }
}

std::size_t RequestParser::feed_body(std::string_view bytes) {
  std::string& body = request_->body_;
  if (!request_->chunked_) {
    const std::size_t take =
        std::min<std::uint64_t>(bytes.size(), request_->content_length_ - body.size());
    body.append(bytes.substr(0, take));
    if (body.size() == request_->content_length_) state_ = State::complete;
    return take;
  }
  const std::size_t take = chunks_.feed(bytes, body, body_bytes_max_);
  if (chunks_.done()) state_ = State::complete;
  if (chunks_.failed()) fail(chunks_.error().status, chunks_.error().text);
  return take;
}

bool RequestParser::fail(std::uint16_t status, const char* text) {
  if (state_ == State::head)
    request_.reset();
  else
    request_->body_ = std::string{};
  error_ = {status, text};
  state_ = State::failed;
  return false;
}

Request::Piece RequestParser::piece(std::string_view part) const noexcept {
  return {static_cast<std::uint16_t>(part.data() - request_->head_.data()),
          static_cast<std::uint16_t>(part.size())};
}

}  // namespace kith::wire::http
