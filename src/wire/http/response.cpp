#include "wire/http/response.hpp"

#include "base/assert.hpp"
#include "wire/http/tokens.hpp"

#include <array>
#include <charconv>
#include <chrono>

namespace kith::wire::http {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_two_digits(std::string& out, unsigned number) {
  out += static_cast<char>('0' + number / 10 % 10);
  out += static_cast<char>('0' + number % 10);
}

bool has_no_body(std::uint16_t status) noexcept {
  return status < 200 || status == 204 || status == 304;
}

}  // namespace

std::string_view reason_phrase(std::uint16_t status) noexcept {
  switch (status) {
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

void append_http_date(std::string& out, base::WallTime time) {
  constexpr std::array<std::string_view, 7> weekdays{
      "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months{
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_time<std::chrono::milliseconds> moment{std::chrono::milliseconds{time.ms}};
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date{day};
  const auto seconds =
      static_cast<unsigned>(std::chrono::floor<std::chrono::seconds>(moment - day).count());
  out += weekdays[std::chrono::weekday{day}.c_encoding()];
  out += ", ";
  append_two_digits(out, static_cast<unsigned>(date.day()));
  out += ' ';
  out += months[static_cast<unsigned>(date.month()) - 1];
  out += ' ';
  append_two_digits(out, static_cast<unsigned>(static_cast<int>(date.year()) / 100));
  append_two_digits(out, static_cast<unsigned>(static_cast<int>(date.year()) % 100));
  out += ' ';
  append_two_digits(out, seconds / 3600);
  out += ':';
  append_two_digits(out, seconds / 60 % 60);
  out += ':';
  append_two_digits(out, seconds % 60);
  out += " GMT";
}

ResponseWriter::ResponseWriter(std::string& out, std::uint16_t status)
    : out_(out), status_(status) {
  KITH_ASSERT(status >= 100 && status <= 999);
  out_ += "HTTP/1.1 ";
  append_number(out_, status);
  out_ += ' ';
  out_ += reason_phrase(status);
  out_ += "\r\n";
}

ResponseWriter& ResponseWriter::header(std::string_view name, std::string_view value) {
  KITH_ASSERT(is_token(name));
  out_ += name;
  out_ += ": ";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    out_ += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  out_ += "\r\n";
  return *this;
}

ResponseWriter& ResponseWriter::connection(bool keep_alive, int minor_version) {
  if (!keep_alive) return header("Connection", "close");
  if (minor_version == 0) return header("Connection", "keep-alive");
  return *this;
}

void ResponseWriter::finish(std::string_view body) {
  finish_head(body.size());
  out_ += body;
}

void ResponseWriter::finish_head(std::size_t body_bytes) {
  if (has_no_body(status_)) {
    KITH_ASSERT(body_bytes == 0);
  } else {
    out_ += "Content-Length: ";
    append_number(out_, body_bytes);
    out_ += "\r\n";
  }
  out_ += "\r\n";
}

}  // namespace kith::wire::http
