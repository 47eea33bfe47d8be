// What the lines of a head mean: the second half of RequestParser.
#include "base/limits.hpp"
#include "wire/http/percent.hpp"
#include "wire/http/request_parser.hpp"
#include "wire/http/tokens.hpp"

#include <algorithm>
#include <limits>

namespace kith::wire::http {
namespace {

bool is_digits(std::string_view text) noexcept {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Visible ASCII without `#`: a fragment is never sent, and raw bytes must be percent-encoded.
bool is_target(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7f && byte != '#';
  });
}

bool is_field_value(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

// Saturates: no body of 2^64 bytes is ever accepted, so its exact length does not matter.
std::uint64_t to_length(std::string_view digits) noexcept {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t length = 0;
  for (const char c : digits) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (length > (most - digit) / 10) return most;
    length = length * 10 + digit;
  }
  return length;
}

}  // namespace

bool RequestParser::read_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos)
    return fail(400, "the request line is not `method target version`");
  const std::string_view method = line.substr(0, first);
  if (!is_token(method)) return fail(400, "the method is not a token");
  if (method.size() > base::limits::http_method_bytes_max)
    return fail(501, "the method is not known here");
  if (!read_version(line.substr(second + 1))) return false;
  request_->method_ = piece(method);
  request_->target_ = piece(line.substr(first + 1, second - first - 1));
  return read_target();
}

bool RequestParser::read_version(std::string_view version) {
  const auto digit = [&](std::size_t at) { return version[at] >= '0' && version[at] <= '9'; };
  if (version.size() != 8 || !version.starts_with("HTTP/") || !digit(5) || version[6] != '.' ||
      !digit(7))
    return fail(400, "the version is not HTTP/1.1 or HTTP/1.0");
  if (version[5] != '1') return fail(505, "speak HTTP/1.1");
  request_->minor_version_ = version[7] == '0' ? 0 : 1;
  return true;
}

bool RequestParser::read_target() {
  const std::string_view target = request_->target();
  if (!is_target(target)) return fail(400, "the target holds characters that must be encoded");
  std::string_view rest = target;
  if (target == "*" && request_->method() == "OPTIONS") {
    request_->path_ = request_->target_;
    return true;
  }
  if (!target.starts_with('/')) {  // the absolute form, which clients send to proxies
    const std::size_t scheme_end = target.find("://");
    const std::string_view scheme = target.substr(0, scheme_end);
    if (scheme_end == std::string_view::npos ||
        !(equal_ignoring_case(scheme, "http") || equal_ignoring_case(scheme, "https")))
      return fail(400, "the target does not begin with `/`");
    rest.remove_prefix(scheme_end + 3);
    rest.remove_prefix(std::min(rest.find_first_of("/?"), rest.size()));
  }
  const std::size_t mark = rest.find('?');
  const std::string_view path = rest.substr(0, mark);
  request_->path_ = piece(path);
  if (mark != std::string_view::npos) request_->query_ = piece(rest.substr(mark + 1));
  if (path.find('%') == std::string_view::npos) return true;
  auto decoded = percent_decode(path);
  if (!decoded)
    return fail(400, "the path holds a percent-encoding that is broken, or stands for no text");
  request_->decoded_path_ = std::move(*decoded);
  return true;
}

bool RequestParser::read_header(std::string_view line) {
  if (request_->fields_.size() == base::limits::http_headers_max)
    return fail(431, "there are too many header fields");
  if (line.front() == ' ' || line.front() == '\t')
    return fail(400, "a header field is folded over several lines");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return fail(400, "a header line is not `name: value`");
  const std::string_view value = trim(line.substr(colon + 1));
  if (!is_field_value(value)) return fail(400, "a header value holds control characters");
  request_->fields_.push_back({piece(line.substr(0, colon)), piece(value)});
  return true;
}

bool RequestParser::end_head() {
  if (!read_host() || !read_body_length()) return false;
  read_connection();
  state_ = request_->has_body() ? State::head_done : State::complete;
  return true;
}

bool RequestParser::read_host() {
  const std::size_t count = request_->header_count("host");
  if (count > 1) return fail(400, "there is more than one Host");
  if (count == 0 && request_->minor_version_ > 0) return fail(400, "there is no Host");
  if (request_->header_or("host", "").find_first_of(" \t,/?@\\") != std::string_view::npos)
    return fail(400, "the Host is not a name and a port");
  return true;
}

bool RequestParser::read_body_length() {
  const std::size_t lengths = request_->header_count("content-length");
  const std::size_t codings = request_->header_count("transfer-encoding");
  // Two answers to "where does this request end" is how requests are smuggled past a proxy.
  if (lengths > 0 && codings > 0)
    return fail(400, "Content-Length and Transfer-Encoding exclude each other");
  if (lengths > 1) return fail(400, "there is more than one Content-Length");
  if (codings > 0) return read_transfer_encoding();
  if (lengths == 0) return true;
  const std::string_view length = request_->header_or("content-length", "");
  if (!is_digits(length)) return fail(400, "Content-Length is not a number");
  request_->content_length_ = to_length(length);
  return true;
}

bool RequestParser::read_transfer_encoding() {
  if (request_->minor_version_ == 0) return fail(400, "HTTP/1.0 has no Transfer-Encoding");
  if (request_->header_count("transfer-encoding") > 1)
    return fail(400, "there is more than one Transfer-Encoding");
  const std::string_view coding = request_->header_or("transfer-encoding", "");
  request_->chunked_ = equal_ignoring_case(coding, "chunked");
  if (request_->chunked_) return true;
  const std::size_t comma = coding.rfind(',');
  const bool chunked_last = comma != std::string_view::npos &&
                            equal_ignoring_case(trim(coding.substr(comma + 1)), "chunked") &&
                            !has_token(coding.substr(0, comma), "chunked");
  if (chunked_last) return fail(501, "the only transfer coding known here is chunked");
  return fail(400, "the last transfer coding must be chunked, once");
}

void RequestParser::read_connection() {
  const bool modern = request_->minor_version_ > 0;
  request_->keep_alive_ = !request_->header_has_token("connection", "close") &&
                          (modern || request_->header_has_token("connection", "keep-alive"));
  request_->expects_continue_ =
      modern && request_->has_body() && request_->header_has_token("expect", "100-continue");
}

}  // namespace kith::wire::http
