#include "runtime/random.hpp"

#include <algorithm>

namespace kith::runtime {

PooledRandom::~PooledRandom() {
  // Through volatile: a plain fill of dying memory may be optimised away.
  volatile std::uint8_t* bytes = pool_.data();
  for (std::size_t i = 0; i < pool_.size(); ++i)
    bytes[i] = 0;
}

void PooledRandom::fill(std::span<std::uint8_t> out) {
  if (out.size() > pool_.size()) {
    source_.fill(out);
    return;
  }
  if (out.size() > left_) {
    source_.fill(pool_);
    left_ = pool_.size();
  }
  const auto piece = std::span{pool_}.subspan(left_ - out.size(), out.size());
  std::copy(piece.begin(), piece.end(), out.begin());
  std::fill(piece.begin(), piece.end(), std::uint8_t{0});
  left_ -= out.size();
}

}  // namespace kith::runtime
