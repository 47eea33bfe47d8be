#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace kith::net {

// What a socket has yet to take, in pieces of owned or shared bytes.
class WriteQueue {
 public:
  enum class Flush : std::uint8_t { all, partial, failed };

  void add(std::string bytes);
  void add(base::SharedBytes bytes, std::size_t offset, std::size_t length);

  bool empty() const noexcept { return bytes_ == 0; }

  std::size_t bytes() const noexcept { return bytes_; }

  // What is kept for them; short ones are joined.
  std::size_t pieces() const noexcept { return pieces_.size(); }

  // Writes until all is taken, the socket is full (`partial`) or broken. One system call for 64
  // pieces.
  Flush flush(int fd);
  // Empty again; small memory is kept for the next use.
  void clear() noexcept;

 private:
  struct Piece {
    std::variant<std::string, base::SharedBytes> bytes;
    std::size_t offset = 0;
    std::size_t length = 0;

    const char* data() const noexcept;
  };

  void taken(std::size_t count);

  std::vector<Piece> pieces_;
  std::size_t first_ = 0;  // pieces before it are sent
  std::size_t bytes_ = 0;
};

}  // namespace kith::net
