#pragma once

#include "base/ids.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <utility>

namespace kith::adapters::sqlite {

// A cache of what was used lately, at most `entries_max` entries and about `bytes_max` bytes: two
// generations; what is found in the old one moves to the young one, and a full young one becomes
// the old. Costs no links, and an entry used within the last half of the bound is always there.
template <class Key, class Value>
class RecentMap {
 public:
  RecentMap(std::size_t entries_max, std::size_t bytes_max)
      : half_entries_(entries_max / 2), half_bytes_(bytes_max / 2) {}

  // Valid until the next insertion or find; null if not here.
  Value* find(const Key& key) {
    if (auto it = young_.find(key); it != young_.end()) return &it->second.value;
    auto it = old_.find(key);
    if (it == old_.end()) return nullptr;
    Entry entry = std::move(it->second);
    old_.erase(it);
    return insert(key, std::move(entry.value), entry.bytes);
  }

  // `bytes`: about what key and value hold.
  Value* insert(const Key& key, Value value, std::size_t bytes) {
    erase(key);
    if (young_.size() >= half_entries_ || young_bytes_ >= half_bytes_) {
      old_ = std::move(young_);
      young_ = {};
      young_bytes_ = 0;
    }
    young_bytes_ += bytes;
    return &young_.insert_or_assign(key, Entry{std::move(value), bytes}).first->second.value;
  }

  void erase(const Key& key) {
    if (auto it = young_.find(key); it != young_.end()) {
      young_bytes_ -= it->second.bytes;
      young_.erase(it);
    }
    old_.erase(key);
  }

  // Gives back what it holds.
  void clear() {
    young_ = {};
    old_ = {};
    young_bytes_ = 0;
  }

  std::size_t size() const noexcept { return young_.size() + old_.size(); }

 private:
  struct Entry {
    Value value;
    std::size_t bytes = 0;
  };

  std::size_t half_entries_;
  std::size_t half_bytes_;
  std::size_t young_bytes_ = 0;
  boost::unordered_flat_map<Key, Entry, base::KeyHash> young_;
  boost::unordered_flat_map<Key, Entry, base::KeyHash> old_;
};

}  // namespace kith::adapters::sqlite
