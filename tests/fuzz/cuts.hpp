#pragma once

#include "base/ids.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// For fuzz targets: the input is the bytes of the protocol and nothing else, so that corpora can be
// read. How they are cut follows from the bytes themselves.
namespace kith::fuzz {

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Ends the run as a crash does, and says which promise was broken.
inline void require(bool kept, const char* promise) {
  if (kept) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

// Pieces of 1 to `longest` bytes, in an order drawn from the whole input.
class Cuts {
 public:
  Cuts(std::string_view bytes, std::size_t longest)
      : rest_(bytes), longest_(longest), state_(base::hash_bytes(bytes)) {}

  bool done() const { return rest_.empty(); }

  std::string_view next() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    const std::string_view piece = rest_.substr(0, 1 + (state_ >> 33) % longest_);
    rest_.remove_prefix(piece.size());
    return piece;
  }

 private:
  std::string_view rest_;
  std::size_t longest_;
  std::uint64_t state_;
};

}  // namespace kith::fuzz
