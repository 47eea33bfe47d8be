#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

// Which client ids were never used. A "no" is certain; a "maybe" has to be looked up.
namespace kith::adapters::sqlite {

// Of the key a retry is found by, made of the numbers of the rows.
std::uint64_t sent_hash(std::int64_t conversation,
                        std::int64_t sender,
                        std::string_view client_id) noexcept;

// Bloom filters in layers, each for twice as many ids as the one before, so that it grows with what
// is stored and nothing is counted again. Of one id all bits lie in 64 bytes of a layer. At 12 bits
// an id about one answer in 200 is a needless "maybe", a layer.
class SentFilter {
 public:
  static constexpr std::size_t first_layer_ids = 65'536;
  static constexpr std::size_t bits_per_id = 12;

  explicit SentFilter(std::size_t bytes_max) noexcept : bytes_max_(bytes_max) {}

  bool maybe(std::uint64_t hash) const noexcept;
  // Whether it may have been there before.
  bool add(std::uint64_t hash);

  // --- for keeping it
  std::size_t layers() const noexcept { return layers_.size(); }

  std::span<const std::uint64_t> layer(std::size_t n) const noexcept { return layers_[n]; }

  std::size_t ids_in_last() const noexcept { return ids_in_last_; }

  std::size_t bytes_max() const noexcept { return bytes_max_; }

  static std::size_t words_of_layer(std::size_t n) noexcept;

  // The next layer as it was kept; false: it has another size.
  bool restore(std::vector<std::uint64_t> layer);

  void restore_count(std::size_t ids_in_last) noexcept { ids_in_last_ = ids_in_last; }

 private:
  void open_layer_when_full();

  std::vector<std::vector<std::uint64_t>> layers_;
  std::size_t ids_in_last_ = 0;
  std::size_t bytes_ = 0;
  std::size_t bytes_max_;  // reached, the last layer takes all that comes: more "maybe"
};

}  // namespace kith::adapters::sqlite
