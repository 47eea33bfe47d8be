#pragma once

#include "base/random.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace kith::runtime {

// Asks a cryptographic source for 512 bytes at a time and hands them out in small pieces. One
// thread.
class PooledRandom final : public base::Random {
 public:
  explicit PooledRandom(base::Random& source) : source_(source) {}

  ~PooledRandom() override;
  // Bytes handed out are wiped from the pool. Pieces larger than the pool come from the source
  // directly.
  void fill(std::span<std::uint8_t> out) override;

 private:
  base::Random& source_;
  std::array<std::uint8_t, 512> pool_{};
  std::size_t left_ = 0;  // unused bytes, at the front of the pool
};

}  // namespace kith::runtime
