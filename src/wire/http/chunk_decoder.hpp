#pragma once

#include "wire/http/request.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kith::wire::http {

// The body of `Transfer-Encoding: chunked` (RFC 9112, 7.1). Extensions are skipped, trailers are
// checked and dropped; both and the sizes count against `http_chunk_overhead_bytes_max`, so that no
// body can be made of millions of tiny chunks.
class ChunkDecoder {
 public:
  // Appends data to `body` and says how many bytes it took: all, or up to the end or the error.
  std::size_t feed(std::string_view bytes, std::string& body, std::size_t body_bytes_max);

  bool done() const noexcept { return state_ == State::done; }

  bool failed() const noexcept { return state_ == State::failed; }

  const HttpError& error() const noexcept { return error_; }  // if failed()

 private:
  enum class State : std::uint8_t {
    size_first,
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_first,
    trailer_name,
    trailer_value,
    trailer_lf,
    final_lf,
    done,
    failed,
  };
  void read_size(char c, std::size_t room_bytes);
  void read_size_end(char c);
  void read_data_end(char c);
  void read_trailer(char c);
  void fail(std::uint16_t status, const char* text);

  std::uint64_t size_ = 0;  // of the chunk; what is left of it while in data
  HttpError error_;
  std::uint32_t overhead_bytes_ = 0;
  State state_ = State::size_first;
};

}  // namespace kith::wire::http
