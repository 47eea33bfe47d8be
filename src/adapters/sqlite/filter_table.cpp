#include "adapters/sqlite/filter_table.hpp"

#include "adapters/sqlite/rows.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace kith::adapters::sqlite {

namespace {

// Changes with whatever changes the meaning of the bits: then the filter is made anew.
constexpr std::int64_t format = 2;
constexpr std::size_t part_words = 4'096;  // 32 KiB
constexpr unsigned part_bits = 16;         // id of a row = layer << 16 | part

std::int64_t part_id(std::size_t layer, std::size_t part) noexcept {
  return static_cast<std::int64_t>((layer << part_bits) | part);
}

Outcome<void> add_all_stored(Connection& connection, SentFilter& filter) {
  KITH_TRY(statement,
           connection.prepare("SELECT c.app, c.cid, u.name_id, e.client_id FROM entry e"
                              " JOIN conversation c ON c.id = e.conv"
                              " JOIN user u ON u.id = e.actor"
                              " WHERE typeof(e.client_id) = 'text'"));
  Query row = statement.run();
  for (;;) {
    KITH_TRY(more, row.next());
    if (!more) return {};
    filter.add(sent_hash(read_key(row, 0), row.bytes(2), row.bytes(3)));
  }
}

}  // namespace

Outcome<void> FilterTable::prepare(Connection& connection) {
  KITH_TRY(part,
           connection.prepare("INSERT OR REPLACE INTO sent_filter(id, bits) VALUES (?1, ?2)"));
  put_part_ = std::move(part);
  KITH_TRY(state,
           connection.prepare("INSERT OR REPLACE INTO sent_filter_state"
                              "(one, format, covered, layers, ids) VALUES (1, ?1, ?2, ?3, ?4)"));
  put_state_ = std::move(state);
  return {};
}

Outcome<void> FilterTable::load(Connection& connection, SentFilter& filter) {
  KITH_TRY(loaded, load_saved(connection, filter));
  if (loaded) return {};
  filter.clear();
  saved_layers_ = 0;
  covered_ = 0;
  return add_all_stored(connection, filter);
}

Outcome<bool> FilterTable::load_saved(Connection& connection, SentFilter& filter) {
  KITH_TRY(state, connection.prepare("SELECT format, covered, layers, ids FROM sent_filter_state"));
  Query saved = state.run();
  KITH_TRY(found, saved.next());
  if (!found || saved.integer(0) != format) return false;
  KITH_TRY(part, connection.prepare("SELECT bits FROM sent_filter WHERE id = ?1"));
  const std::size_t layers = saved.count(2);
  for (std::size_t n = 0; n < layers; ++n) {
    std::vector<std::uint64_t> layer(SentFilter::words_of_layer(n));
    for (std::size_t at = 0; at < layer.size(); at += part_words) {
      const std::size_t words = std::min(part_words, layer.size() - at);
      Query row = part.run(part_id(n, at / part_words));
      KITH_TRY(there, row.next());
      const auto bytes = there ? row.bytes(0) : std::string_view{};
      if (bytes.size() != words * sizeof layer[0]) return false;
      std::memcpy(&layer[at], bytes.data(), bytes.size());
    }
    if (!filter.restore(layer)) return false;
  }
  filter.restore_count(saved.count(3));
  saved_layers_ = layers;
  covered_ = saved.count(1);
  return true;
}

Outcome<void> FilterTable::save(const SentFilter& filter, std::uint64_t covered) {
  // The last one saved was not full then.
  const std::size_t first = saved_layers_ == 0 ? 0 : saved_layers_ - 1;
  for (std::size_t n = first; n < filter.layers(); ++n)
    KITH_CHECK(save_layer(filter, n));
  KITH_CHECK(put_state_
                 .run(format,
                      static_cast<std::int64_t>(covered),
                      static_cast<std::int64_t>(filter.layers()),
                      static_cast<std::int64_t>(filter.ids_in_last()))
                 .finish());
  tried_layers_ = filter.layers();
  tried_covered_ = covered;
  return {};
}

Outcome<void> FilterTable::save_layer(const SentFilter& filter, std::size_t n) {
  const auto layer = filter.layer(n);
  for (std::size_t at = 0; at < layer.size(); at += part_words) {
    const auto words = layer.subspan(at, std::min(part_words, layer.size() - at));
    const std::string_view bytes{reinterpret_cast<const char*>(words.data()), words.size_bytes()};
    KITH_CHECK(put_part_.run(part_id(n, at / part_words), Blob{bytes}).finish());
  }
  return {};
}

void FilterTable::keep() noexcept {
  if (tried_layers_ == 0 && tried_covered_ == 0) return;
  saved_layers_ = tried_layers_;
  covered_ = tried_covered_;
  forget();
}

void FilterTable::forget() noexcept {
  tried_layers_ = 0;
  tried_covered_ = 0;
}

}  // namespace kith::adapters::sqlite
