#include "runtime/random.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace kith::runtime {
namespace {

// Counts upwards, so that every byte is known and no two pools are equal.
class CountingRandom final : public base::Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    sizes.push_back(out.size());
    for (auto& byte : out)
      byte = next++;
  }

  std::vector<std::size_t> sizes;
  std::uint8_t next = 1;
};

TEST(PooledRandom, SmallPiecesAreServedFromOneReadOfTheSource) {
  CountingRandom source;
  PooledRandom random{source};
  for (int i = 0; i < 64; ++i)
    random.next_u64();
  EXPECT_EQ(source.sizes, (std::vector<std::size_t>{512}));
  random.next_u64();
  EXPECT_EQ(source.sizes, (std::vector<std::size_t>{512, 512}));
}

TEST(PooledRandom, NoByteOfThePoolIsHandedOutTwice) {
  CountingRandom source;
  PooledRandom random{source};
  std::multiset<std::uint8_t> seen;
  for (int i = 0; i < 128; ++i) {
    std::array<std::uint8_t, 4> piece{};
    random.fill(piece);
    seen.insert(piece.begin(), piece.end());
  }
  // 512 counted bytes hold every value exactly twice.
  for (int value = 0; value < 256; ++value)
    EXPECT_EQ(seen.count(static_cast<std::uint8_t>(value)), 2U) << value;
}

TEST(PooledRandom, APieceLargerThanThePoolComesFromTheSourceItself) {
  CountingRandom source;
  PooledRandom random{source};
  std::vector<std::uint8_t> large(513);
  random.fill(large);
  EXPECT_EQ(source.sizes, (std::vector<std::size_t>{513}));
  EXPECT_EQ(large.front(), 1);
}

TEST(PooledRandom, NothingAskedIsNothingRead) {
  CountingRandom source;
  PooledRandom random{source};
  random.fill({});
  EXPECT_TRUE(source.sizes.empty());
}

}  // namespace
}  // namespace kith::runtime
