#pragma once

#include "base/ids.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

// Which client ids were never used. A "no" is certain; a "maybe" has to be looked up.
namespace kith::adapters::sqlite {

// Of the key a retry is found by. Kept in files: what changes it changes FilterTable's format too.
std::uint64_t sent_hash(const base::ConversationKey& conversation,
                        std::string_view sender,
                        std::string_view client_id) noexcept;

// Bloom filters in layers, each for twice as many ids as the one before, so that it grows with what
// is stored and nothing is counted again. Of one id all bits lie in 64 bytes of a layer. At 12 bits
// an id about one answer in 200 is a needless "maybe", a layer.
//
// Of one thread, the writer's, but for `maybe`, which any thread may ask, without waiting: bits are
// only ever set, so whoever was told of an id (by a message, under a lock) finds it here.
class SentFilter {
 public:
  static constexpr std::size_t first_layer_ids = 65'536;
  static constexpr std::size_t bits_per_id = 12;

  explicit SentFilter(std::size_t bytes_max) noexcept : bytes_max_(bytes_max) {}

  bool maybe(std::uint64_t hash) const noexcept;
  // Whether it may have been there before.
  bool add(std::uint64_t hash);

  // --- for keeping it
  std::size_t layers() const noexcept { return layers_used_.load(std::memory_order_acquire); }

  std::span<const std::uint64_t> layer(std::size_t n) const noexcept {
    return {layers_[n].get(), words_of_layer(n)};
  }

  std::size_t ids_in_last() const noexcept { return ids_in_last_; }

  static std::size_t words_of_layer(std::size_t n) noexcept;

  // The next layer as it was kept; false: it has another size, or there are too many.
  bool restore(std::span<const std::uint64_t> layer);

  void restore_count(std::size_t ids_in_last) noexcept { ids_in_last_ = ids_in_last; }

  // Before anybody else asks: as if nothing had been added.
  void clear() noexcept;

 private:
  using Layer = std::unique_ptr<std::uint64_t[]>;
  static constexpr std::size_t layers_max = 20;  // the last for as many ids as any file has

  void open_layer_when_full();
  std::uint64_t* append_layer();

  std::array<Layer, layers_max> layers_;
  std::atomic<std::size_t> layers_used_{0};  // of layers_, which stay where they are
  std::size_t ids_in_last_ = 0;
  std::size_t bytes_ = 0;
  std::size_t bytes_max_;  // reached, the last layer takes all that comes: more "maybe"
};

}  // namespace kith::adapters::sqlite
