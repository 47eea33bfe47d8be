#include "adapters/sqlite/sent_filter.hpp"

#include <algorithm>

namespace kith::adapters::sqlite {

namespace {

constexpr std::size_t words_per_block = 8;  // 64 bytes: one line of the processor's cache
constexpr unsigned bits_of_an_id = 7;
constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15;

using Word = std::atomic_ref<std::uint64_t>;

// The bits of an id, in whichever block.
struct Mask {
  std::array<std::uint64_t, words_per_block> words{};

  explicit Mask(std::uint64_t hash) noexcept {
    std::uint64_t bits = (hash ^ (hash >> 29)) * odd;
    for (unsigned i = 0; i < bits_of_an_id; ++i, bits >>= 9)
      words[(bits >> 6) & 7] |= std::uint64_t{1} << (bits & 63);
  }

  bool in(std::uint64_t* block) const noexcept {
    for (std::size_t i = 0; i < words_per_block; ++i)
      if ((Word{block[i]}.load(std::memory_order_relaxed) & words[i]) != words[i]) return false;
    return true;
  }

  // Nobody else writes.
  void put_in(std::uint64_t* block) const noexcept {
    for (std::size_t i = 0; i < words_per_block; ++i)
      if (words[i] != 0) Word{block[i]}.store(block[i] | words[i], std::memory_order_relaxed);
  }
};

std::size_t block_of(std::uint64_t hash, std::size_t words) noexcept {
  const std::uint64_t blocks = words / words_per_block;
  return static_cast<std::size_t>(((hash >> 32) * blocks) >> 32) * words_per_block;
}

}  // namespace

std::uint64_t sent_hash(const base::ConversationKey& conversation,
                        std::string_view sender,
                        std::string_view client_id) noexcept {
  return base::hash_bytes(client_id, base::hash_bytes(sender, base::KeyHash{}(conversation)));
}

bool SentFilter::maybe(std::uint64_t hash) const noexcept {
  const std::size_t used = layers();
  // All lines are asked of the memory before the first is looked at.
  for (std::size_t n = 0; n < used; ++n)
    __builtin_prefetch(&layers_[n][block_of(hash, words_of_layer(n))]);
  const Mask mask{hash};
  for (std::size_t n = 0; n < used; ++n)
    if (mask.in(&layers_[n][block_of(hash, words_of_layer(n))])) return true;
  return false;
}

bool SentFilter::add(std::uint64_t hash) {
  if (maybe(hash)) return true;  // every bit of it is set already
  open_layer_when_full();
  const std::size_t last = layers() - 1;
  Mask{hash}.put_in(&layers_[last][block_of(hash, words_of_layer(last))]);
  ++ids_in_last_;
  return false;
}

std::size_t SentFilter::words_of_layer(std::size_t n) noexcept {
  return (first_layer_ids << n) * bits_per_id / 64;
}

bool SentFilter::restore(std::span<const std::uint64_t> layer) {
  const std::size_t n = layers();
  if (n == layers_max || layer.size() != words_of_layer(n)) return false;
  std::copy(layer.begin(), layer.end(), append_layer());
  return true;
}

void SentFilter::clear() noexcept {
  layers_used_.store(0, std::memory_order_relaxed);
  for (auto& layer : layers_)
    layer.reset();
  ids_in_last_ = 0;
  bytes_ = 0;
}

void SentFilter::open_layer_when_full() {
  const std::size_t n = layers();
  if (n != 0 && ids_in_last_ < first_layer_ids << (n - 1)) return;
  const std::size_t bytes = words_of_layer(n) * sizeof(std::uint64_t);
  if (n == layers_max || (n != 0 && bytes_ + bytes > bytes_max_)) return;
  append_layer();
  ids_in_last_ = 0;
}

std::uint64_t* SentFilter::append_layer() {
  const std::size_t n = layers();
  layers_[n] = std::make_unique<std::uint64_t[]>(words_of_layer(n));
  bytes_ += words_of_layer(n) * sizeof(std::uint64_t);
  layers_used_.store(n + 1, std::memory_order_release);
  return layers_[n].get();
}

}  // namespace kith::adapters::sqlite
