#pragma once

#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/sent_filter.hpp"

#include <cstddef>
#include <cstdint>

namespace kith::adapters::sqlite {

// The filter of used client ids, kept in the tables `sent_filter` and `sent_filter_state`. Saved
// now and then: what came since is in the rows of the log, which stay until it is saved.
class FilterTable {
 public:
  Outcome<void> prepare(Connection& connection);

  // The filter as it was saved; where there is none, made of all that is stored.
  Outcome<void> load(Connection& connection, SentFilter& filter);

  // Made of what is stored, and never saved: it is to be, or every start makes it again.
  bool unsaved(const SentFilter& filter) const noexcept {
    return saved_layers_ == 0 && filter.layers() > 0;
  }

  // It holds the ids of all rows of the log up to this one.
  std::uint64_t covered() const noexcept { return covered_; }

  // In a transaction. Until keep() or forget() nothing is counted as saved.
  Outcome<void> save(const SentFilter& filter, std::uint64_t covered);
  void keep() noexcept;
  void forget() noexcept;

 private:
  Outcome<bool> load_saved(Connection& connection, SentFilter& filter);
  Outcome<void> save_layer(const SentFilter& filter, std::size_t n);

  Statement put_part_;
  Statement put_state_;
  std::uint64_t covered_ = 0;
  std::size_t saved_layers_ = 0;  // the last of them may have got more ids since
  std::uint64_t tried_covered_ = 0;
  std::size_t tried_layers_ = 0;
};

}  // namespace kith::adapters::sqlite
