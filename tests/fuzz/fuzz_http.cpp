// A connection's bytes: whole or cut, the same requests come out, and what comes out keeps the
// limits.
#include "base/limits.hpp"
#include "fuzz/cuts.hpp"
#include "wire/http/etag.hpp"
#include "wire/http/query.hpp"
#include "wire/http/request_parser.hpp"
#include "wire/http/tokens.hpp"

#include <string>

namespace kith::fuzz {
namespace {

using wire::http::Query;
using wire::http::Request;
using wire::http::RequestParser;
using State = RequestParser::State;

constexpr std::size_t body_bytes_max = 256;

void check_request(const Request& request) {
  require(request.body().size() <= body_bytes_max, "a body keeps its limit");
  require(request.headers() <= base::limits::http_headers_max, "headers keep their limit");
  require(request.path().starts_with('/') || request.path() == "*", "a path begins with a slash");
  require(request.path().find('\0') == std::string_view::npos, "a path holds no NUL");
  require(!(request.chunked() && request.header("content-length").has_value()),
          "a request has one length");
  for (std::size_t i = 0; i < request.headers(); ++i) {
    const auto header = request.header_at(i);
    require(wire::http::is_token(header.name), "a header name is a token");
    require(header.value.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos,
            "a header value can not begin another header");
  }
  if (const auto query = Query::parse(request.query()))
    for (const auto& pair : query->pairs())
      require(query->find(pair.name).has_value(), "what a query holds is found");
  wire::http::etag_matches(request.header_or("if-none-match", ""), "\"1\"");
}

void write_down(std::string& transcript, const Request& request) {
  for (const auto part : {request.method(), request.target(), request.path(), request.query()})
    transcript.append(part).append(" ");
  for (std::size_t i = 0; i < request.headers(); ++i)
    transcript.append(request.header_at(i).name).append("=").append(request.header_at(i).value);
  transcript += request.keep_alive() ? "keep" : "close";
  transcript += '[' + request.body() + ']';
}

void feed(RequestParser& parser, std::string_view piece, std::string& transcript) {
  while (!piece.empty() && parser.state() != State::failed) {
    const std::size_t used = parser.feed(piece);
    piece.remove_prefix(used);
    if (parser.state() == State::head_done) {
      parser.accept_body(body_bytes_max);
    } else if (parser.state() == State::complete) {
      const Request request = parser.take_request();
      check_request(request);
      write_down(transcript, request);
    } else if (parser.state() == State::failed) {
      transcript += std::to_string(parser.error().status) + parser.error().text;
    } else {
      require(piece.empty(), "all bytes are taken unless something is due");
    }
  }
}

std::string read_cut(std::string_view bytes, std::size_t longest) {
  std::string transcript;
  RequestParser parser;
  for (Cuts cuts(bytes, longest); !cuts.done();)
    feed(parser, cuts.next(), transcript);
  return transcript;
}

}  // namespace
}  // namespace kith::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kith::fuzz;
  const std::string_view bytes = as_text(data, size);
  std::string whole;
  kith::wire::http::RequestParser parser;
  feed(parser, bytes, whole);
  require(read_cut(bytes, 1) == whole, "byte by byte gives the same requests");
  require(read_cut(bytes, 40) == whole, "in pieces gives the same requests");
  return 0;
}
