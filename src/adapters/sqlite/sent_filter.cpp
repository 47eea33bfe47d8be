#include "adapters/sqlite/sent_filter.hpp"

#include "base/ids.hpp"

#include <array>

namespace kith::adapters::sqlite {

namespace {

constexpr std::size_t words_per_block = 8;  // 64 bytes: one line of the processor's cache
constexpr unsigned bits_of_an_id = 7;
constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15;

// The bits of an id, in whichever block.
struct Mask {
  std::array<std::uint64_t, words_per_block> words{};

  explicit Mask(std::uint64_t hash) noexcept {
    std::uint64_t bits = (hash ^ (hash >> 29)) * odd;
    for (unsigned i = 0; i < bits_of_an_id; ++i, bits >>= 9)
      words[(bits >> 6) & 7] |= std::uint64_t{1} << (bits & 63);
  }

  bool in(const std::uint64_t* block) const noexcept {
    for (std::size_t i = 0; i < words_per_block; ++i)
      if ((block[i] & words[i]) != words[i]) return false;
    return true;
  }
};

std::size_t block_of(std::uint64_t hash, std::size_t words) noexcept {
  const std::uint64_t blocks = words / words_per_block;
  return static_cast<std::size_t>(((hash >> 32) * blocks) >> 32) * words_per_block;
}

}  // namespace

std::uint64_t sent_hash(std::int64_t conversation,
                        std::int64_t sender,
                        std::string_view client_id) noexcept {
  const auto seed =
      static_cast<std::uint64_t>(conversation) * odd ^ static_cast<std::uint64_t>(sender) << 1;
  return base::hash_bytes(client_id, seed);
}

bool SentFilter::maybe(std::uint64_t hash) const noexcept {
  // All lines are asked of the memory before the first is looked at.
  for (const auto& layer : layers_)
    __builtin_prefetch(&layer[block_of(hash, layer.size())]);
  const Mask mask{hash};
  for (const auto& layer : layers_)
    if (mask.in(&layer[block_of(hash, layer.size())])) return true;
  return false;
}

bool SentFilter::add(std::uint64_t hash) {
  if (maybe(hash)) return true;  // every bit of it is set already
  open_layer_when_full();
  auto& layer = layers_.back();
  const Mask mask{hash};
  const std::size_t block = block_of(hash, layer.size());
  for (std::size_t i = 0; i < words_per_block; ++i)
    layer[block + i] |= mask.words[i];
  ++ids_in_last_;
  return false;
}

std::size_t SentFilter::words_of_layer(std::size_t n) noexcept {
  return (first_layer_ids << n) * bits_per_id / 64;
}

bool SentFilter::restore(std::vector<std::uint64_t> layer) {
  if (layer.size() != words_of_layer(layers_.size())) return false;
  bytes_ += layer.size() * sizeof layer[0];
  layers_.push_back(std::move(layer));
  return true;
}

void SentFilter::open_layer_when_full() {
  const std::size_t n = layers_.size();
  if (n != 0 && ids_in_last_ < first_layer_ids << (n - 1)) return;
  const std::size_t bytes = words_of_layer(n) * sizeof(std::uint64_t);
  if (n != 0 && bytes_ + bytes > bytes_max_) return;
  layers_.emplace_back(words_of_layer(n));
  bytes_ += bytes;
  ids_in_last_ = 0;
}

}  // namespace kith::adapters::sqlite
