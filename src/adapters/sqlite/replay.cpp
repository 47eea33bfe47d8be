#include "adapters/sqlite/replay.hpp"

#include <sqlite3.h>

#include <memory>
#include <string>

namespace kith::adapters::sqlite {

namespace {

constexpr Failure damaged = failure_of(SQLITE_CORRUPT);

struct RowEffect {
  TailChanges changes;
  LogGrowth growth;
};

Outcome<RowEffect> read_row(std::string_view stored, Version row, SentFilter* filter) {
  using Item = LogRowReader::Item;
  RowEffect effect;
  effect.growth.bytes = stored.size();
  const auto bytes = std::make_shared<const std::string>(stored);
  LogRowReader reader{*bytes};
  for (Item item = reader.next(); item != Item::end; item = reader.next()) {
    std::uint64_t sent = 0;
    if (item == Item::damaged) return damaged;
    if (item == Item::folded) {
      TailChange& change = effect.changes[reader.conversation()];
      change.folded = true;
      change.fresh.clear();
      continue;
    }
    ++effect.growth.events;
    if (item == Item::sent) {
      sent = reader.sent();
    } else {
      const EventRecord& event = reader.event();
      if (event.client_named) sent = sent_hash(event.conversation, event.actor, event.client_id);
      const auto own = reader.event_bytes();
      const auto offset = static_cast<std::uint32_t>(own.data() - bytes->data());
      effect.changes[event.conversation].fresh.push_back(
          {event.seq, row, sent, bytes, offset, static_cast<std::uint32_t>(own.size())});
    }
    if (sent != 0 && filter != nullptr) filter->add(sent);
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
  Query rows = statement.run();
  for (;;) {
    KITH_TRY(more, rows.next());
    if (!more) return found;
    const Version row = rows.count(0);
    if (found.first_row == 0) found.first_row = row;
    const auto bytes = rows.bytes(1);
    if (!bytes.empty()) found.closed = false;
    KITH_TRY(effect, read_row(bytes, row, row > covered ? &filter : nullptr));
    if (row > covered) found.unsaved += effect.growth;
    tails.publish(row, effect.changes, effect.growth);
  }
}

}  // namespace kith::adapters::sqlite
