#include "adapters/sqlite/replay.hpp"

#include "adapters/sqlite/rows.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <sqlite3.h>

#include <memory>
#include <string>

namespace kith::adapters::sqlite {

namespace {

constexpr Failure damaged = failure_of(SQLITE_CORRUPT);

// What the conversations of the log are called; as many are kept as have events in it.
class Names {
 public:
  Outcome<void> prepare(Connection& connection) {
    KITH_TRY(find, connection.prepare("SELECT app, cid FROM conversation WHERE id = ?1"));
    find_ = std::move(find);
    return {};
  }

  Outcome<base::ConversationKey> of(std::int64_t conversation) {
    const auto [it, fresh] = known_.try_emplace(conversation);
    if (!fresh) return it->second;
    Query row = find_.run(conversation);
    KITH_TRY(found, row.next());
    if (!found) return damaged;
    it->second = read_key(row, 0);
    return it->second;
  }

 private:
  Statement find_;
  boost::unordered_flat_map<std::int64_t, base::ConversationKey> known_;
};

struct RowEffect {
  TailChanges changes;
  LogGrowth growth;
};

// Of a message whose client named it, else 0.
Outcome<std::uint64_t> hash_of(const EventRecord& event, Names& names) {
  if (!event.client_named) return std::uint64_t{0};
  KITH_TRY(key, names.of(event.conversation));
  return sent_hash(key, event.actor_name, event.client_id);
}

// `ids`: what the row's ids go into; null: it has them.
Outcome<RowEffect> read_row(std::string_view stored, Version row, Names& names, SentFilter* ids) {
  using Item = LogRowReader::Item;
  RowEffect effect;
  effect.growth.bytes = stored.size();
  const auto bytes = std::make_shared<const std::string>(stored);
  LogRowReader reader{*bytes};
  for (Item item = reader.next(); item != Item::end; item = reader.next()) {
    if (item == Item::damaged) return damaged;
    if (item == Item::folded) {
      TailChange& change = effect.changes[reader.conversation()];
      change.folded = true;
      change.fresh.clear();
      continue;
    }
    ++effect.growth.events;
    std::uint64_t sent = reader.sent();
    if (item == Item::event) {
      const EventRecord& event = reader.event();
      KITH_TRY(hash, hash_of(event, names));
      sent = hash;
      const auto own = reader.event_bytes();
      const auto offset = static_cast<std::uint32_t>(own.data() - bytes->data());
      effect.changes[event.conversation].fresh.push_back(
          {event.seq, row, sent, bytes, offset, static_cast<std::uint32_t>(own.size())});
    }
    if (sent != 0 && ids != nullptr) ids->add(sent);
  }
  return effect;
}

}  // namespace

Outcome<Backlog::FoundLog> replay(Connection& connection,
                                  Tails& tails,
                                  SentFilter& filter,
                                  Version covered) {
  Backlog::FoundLog found;
  KITH_TRY(statement, connection.prepare("SELECT n, records FROM log ORDER BY n"));
  Names names;
  KITH_CHECK(names.prepare(connection));
  Query rows = statement.run();
  for (;;) {
    KITH_TRY(more, rows.next());
    if (!more) return found;
    const Version row = rows.count(0);
    if (found.first_row == 0) found.first_row = row;
    const auto bytes = rows.bytes(1);
    if (!bytes.empty()) found.closed = false;
    KITH_TRY(effect, read_row(bytes, row, names, row > covered ? &filter : nullptr));
    if (row > covered) found.unsaved += effect.growth;
    tails.publish(row, effect.changes, effect.growth);
  }
}

}  // namespace kith::adapters::sqlite
