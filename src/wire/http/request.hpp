#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kith::wire::http {

// Why a request was refused: what to answer with, and a static text for the peer.
struct HttpError {
  std::uint16_t status = 0;
  const char* text = "";

  friend bool operator==(const HttpError& a, const HttpError& b) noexcept {
    return a.status == b.status && std::string_view{a.text} == b.text;
  }
};

struct Header {
  std::string_view name;
  std::string_view value;  // without blanks at its ends; may hold bytes from 0x80 on
  friend bool operator==(const Header&, const Header&) = default;
};

// A request whose head was checked by RequestParser. Views live as long as the request and do not
// survive its move.
class Request {
 public:
  std::string_view method() const noexcept { return text(method_); }  // as sent: case matters

  std::string_view target() const noexcept { return text(target_); }  // as sent

  // Percent-decoded, so it may hold any byte but NUL; begins with `/`, or is `*` (of OPTIONS).
  std::string_view path() const noexcept {
    return decoded_path_.empty() ? raw_path() : std::string_view{decoded_path_};
  }

  std::string_view raw_path() const noexcept { return path_.length == 0 ? "/" : text(path_); }

  // Behind `?`, not decoded: see Query.
  std::string_view query() const noexcept { return text(query_); }

  int minor_version() const noexcept { return minor_version_; }  // of HTTP/1: 0 or 1

  // The first field of that name (case does not matter).
  std::optional<std::string_view> header(std::string_view name) const noexcept;

  std::string_view header_or(std::string_view name, std::string_view otherwise) const noexcept {
    return header(name).value_or(otherwise);
  }

  // How many fields have that name.
  std::size_t header_count(std::string_view name) const noexcept;
  // Looks at all fields of that name as one comma-separated list; case does not matter.
  bool header_has_token(std::string_view name, std::string_view token) const noexcept;

  std::size_t headers() const noexcept { return fields_.size(); }

  Header header_at(std::size_t index) const noexcept;  // index < headers()

  bool keep_alive() const noexcept { return keep_alive_; }

  bool expects_continue() const noexcept { return expects_continue_; }

  bool has_body() const noexcept { return chunked_ || content_length_ > 0; }

  bool chunked() const noexcept { return chunked_; }

  // As declared, 0 if chunked or absent; one too large for 64 bits is the largest value.
  std::uint64_t content_length() const noexcept { return content_length_; }

  const std::string& body() const noexcept { return body_; }

  std::string take_body() noexcept { return std::move(body_); }

 private:
  friend class RequestParser;

  // A piece of head_: offsets stay right when the request is moved. The head's limit fits 16 bits.
  struct Piece {
    std::uint16_t at = 0;
    std::uint16_t length = 0;
  };

  struct Field {
    Piece name;
    Piece value;
  };

  std::string_view text(Piece piece) const noexcept {
    return std::string_view{head_}.substr(piece.at, piece.length);
  }

  std::string head_;  // the request line and all header lines as they came
  std::vector<Field> fields_;
  std::string decoded_path_;  // only if the path holds a `%`
  std::string body_;
  std::uint64_t content_length_ = 0;
  Piece method_;
  Piece target_;
  Piece path_;
  Piece query_;
  std::uint8_t minor_version_ = 1;
  bool keep_alive_ = true;
  bool expects_continue_ = false;
  bool chunked_ = false;
};

}  // namespace kith::wire::http
