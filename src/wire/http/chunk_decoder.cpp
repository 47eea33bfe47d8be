#include "wire/http/chunk_decoder.hpp"

#include "base/limits.hpp"
#include "wire/http/tokens.hpp"

#include <algorithm>

namespace kith::wire::http {
namespace {

constexpr const char* broken_size = "a chunk begins with its size in hex digits and CRLF";
constexpr const char* broken_trailer = "a trailer line is not `name: value`";

bool is_field_text(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::size_t ChunkDecoder::feed(std::string_view bytes,
                               std::string& body,
                               std::size_t body_bytes_max) {
  std::size_t used = 0;
  while (used < bytes.size() && !done() && !failed()) {
    if (state_ == State::data) {
      const std::size_t take = std::min<std::uint64_t>(size_, bytes.size() - used);
      body.append(bytes.substr(used, take));
      used += take;
      size_ -= take;
      if (size_ == 0) state_ = State::data_cr;
      continue;
    }
    if (++overhead_bytes_ > base::limits::http_chunk_overhead_bytes_max) {
      fail(413, "send fewer and larger chunks: their sizes and trailers take too many bytes");
      break;
    }
    const char c = bytes[used++];
    if (state_ <= State::size)
      read_size(c, body_bytes_max - std::min(body_bytes_max, body.size()));
    else if (state_ <= State::size_lf)
      read_size_end(c);
    else if (state_ <= State::data_lf)
      read_data_end(c);
    else
      read_trailer(c);
  }
  return used;
}

void ChunkDecoder::read_size(char c, std::size_t room_bytes) {
  const int digit = hex_digit(c);
  if (digit >= 0) {
    // Judged at each digit, so the number stays small and the refusal comes before any data.
    size_ = size_ * 16 + static_cast<unsigned>(digit);
    state_ = State::size;
    if (size_ > room_bytes) fail(413, "the body is larger than this path takes");
  } else if (state_ == State::size_first) {
    fail(400, broken_size);
  } else if (c == ';') {
    state_ = State::extension;
  } else if (c == '\r') {
    state_ = State::size_lf;
  } else {
    fail(400, broken_size);
  }
}

void ChunkDecoder::read_size_end(char c) {
  if (state_ == State::extension) {
    if (c == '\r')
      state_ = State::size_lf;
    else if (!is_field_text(c))
      fail(400, broken_size);
    return;
  }
  if (c != '\n') return fail(400, broken_size);
  state_ = size_ == 0 ? State::trailer_first : State::data;
}

void ChunkDecoder::read_data_end(char c) {
  if (state_ == State::data_cr && c == '\r')
    state_ = State::data_lf;
  else if (state_ == State::data_lf && c == '\n')
    state_ = State::size_first;
  else
    fail(400, "a chunk is longer than its size says");
}

void ChunkDecoder::read_trailer(char c) {
  switch (state_) {
    case State::trailer_first:
      if (c == '\r')
        state_ = State::final_lf;
      else if (is_token_char(c))
        state_ = State::trailer_name;
      else
        fail(400, broken_trailer);
      break;
    case State::trailer_name:
      if (c == ':')
        state_ = State::trailer_value;
      else if (!is_token_char(c))
        fail(400, broken_trailer);
      break;
    case State::trailer_value:
      if (c == '\r')
        state_ = State::trailer_lf;
      else if (!is_field_text(c))
        fail(400, broken_trailer);
      break;
    default:  // a line feed is due
      if (c != '\n') return fail(400, broken_trailer);
      state_ = state_ == State::final_lf ? State::done : State::trailer_first;
  }
}

void ChunkDecoder::fail(std::uint16_t status, const char* text) {
  error_ = {status, text};
  state_ = State::failed;
}

}  // namespace kith::wire::http
