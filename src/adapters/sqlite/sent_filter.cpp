#include "adapters/sqlite/sent_filter.hpp"

#include "base/ids.hpp"

#include <array>

namespace kith::adapters::sqlite {

namespace {

constexpr std::size_t words_per_block = 8;  // 64 bytes: one line of the processor's cache
constexpr unsigned bits_of_an_id = 7;
constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15;

// Where the bits of an id lie in a layer.
struct Place {
  std::size_t block = 0;
  std::array<std::uint64_t, words_per_block> mask{};

  Place(std::uint64_t hash, std::size_t words) noexcept {
    const std::uint64_t blocks = words / words_per_block;
    block = static_cast<std::size_t>(((hash >> 32) * blocks) >> 32) * words_per_block;
    std::uint64_t bits = (hash ^ (hash >> 29)) * odd;
    for (unsigned i = 0; i < bits_of_an_id; ++i, bits >>= 9)
      mask[(bits >> 6) & 7] |= std::uint64_t{1} << (bits & 63);
  }
};

bool has(std::span<const std::uint64_t> layer, std::uint64_t hash) noexcept {
  const Place place{hash, layer.size()};
  bool all = true;
  for (std::size_t i = 0; i < words_per_block; ++i)
    all = all && (layer[place.block + i] & place.mask[i]) == place.mask[i];
  return all;
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
  for (const auto& layer : layers_)
    if (has(layer, hash)) return true;
  return false;
}

bool SentFilter::add(std::uint64_t hash) {
  const bool before = maybe(hash);
  if (before) return true;  // every bit of it is set already
  open_layer_when_full();
  auto& layer = layers_.back();
  const Place place{hash, layer.size()};
  for (std::size_t i = 0; i < words_per_block; ++i)
    layer[place.block + i] |= place.mask[i];
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
