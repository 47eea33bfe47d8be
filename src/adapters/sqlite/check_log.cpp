#include "adapters/sqlite/check_log.hpp"

#include "adapters/sqlite/rows.hpp"

#include <fmt/format.h>

#include <utility>

namespace kith::adapters::sqlite {

std::string readable_body(std::string_view kind, std::string_view body) {
  return fmt::format(
      "CASE WHEN coalesce(length({1}), 0) < 2 THEN {0} <> {2}"
      " ELSE json_valid('{{' || CAST(substr({1}, 2) AS TEXT) || '}}') END",
      kind,
      body,
      static_cast<int>(domain::EventKind::message));
}

Outcome<void> CheckedLog::read(Connection& connection,
                               SentFilter& filter,
                               std::uint64_t covered,
                               Findings& findings) {
  filter_ = &filter;
  findings_ = &findings;
  KITH_TRY(find, connection.prepare("SELECT app, cid FROM conversation WHERE id = ?1"));
  find_ = std::move(find);
  KITH_TRY(readable, connection.prepare("SELECT " + readable_body("?2", "?1")));
  readable_ = std::move(readable);
  KITH_TRY(statement, connection.prepare("SELECT n, records FROM log ORDER BY n"));
  Query row = statement.run();
  std::uint64_t before = 0;
  for (;;) {
    KITH_TRY(more, row.next());
    if (!more) return {};
    const std::uint64_t n = row.count(0);
    if (before != 0 && n != before + 1)
      findings.add(fmt::format("the log has no row between {} and {}", before, n));
    before = n;
    KITH_CHECK(read_row(row.bytes(1), n, n <= covered));
  }
}

Outcome<void> CheckedLog::read_row(std::string_view bytes, std::uint64_t row, bool covered) {
  using Item = LogRowReader::Item;
  LogRowReader reader{bytes};
  for (Item item = reader.next(); item != Item::end; item = reader.next()) {
    switch (item) {
      case Item::damaged:
        findings_->add(fmt::format("row {} of the log is damaged", row));
        return {};
      case Item::folded:
        tails_.erase(reader.conversation());
        break;
      case Item::sent:
        if (!covered) filter_->add(reader.sent());
        break;
      default:
        KITH_CHECK(judge_body(reader.event(), row));
        KITH_CHECK(keep(reader.event(), covered));
    }
  }
  return {};
}

Outcome<void> CheckedLog::keep(const EventRecord& event, bool covered) {
  Event& kept = tails_[event.conversation].emplace_back();
  kept = {event.seq, event.no, event.kind, event.actor, {}, {}, covered};
  if (!event.client_named) return {};
  kept.actor_name = event.actor_name;
  kept.client_id = event.client_id;
  if (covered) return {};
  return put_named(event);
}

Outcome<void> CheckedLog::put_named(const EventRecord& event) {
  Query row = find_.run(event.conversation);
  KITH_TRY(found, row.next());
  if (found) filter_->add(sent_hash(read_key(row, 0), event.actor_name, event.client_id));
  return {};
}

Outcome<void> CheckedLog::judge_body(const EventRecord& event, std::uint64_t row) {
  Query verdict = readable_.run(Blob{event.body}, static_cast<std::int64_t>(event.kind));
  KITH_TRY(found, verdict.next());
  if (found && verdict.integer(0) == 0)
    findings_->add(fmt::format(
        "event {} in row {} of the log has no body that could be read", event.seq, row));
  return {};
}

const std::vector<CheckedLog::Event>& CheckedLog::of(std::int64_t conversation) const {
  static const std::vector<Event> none;
  const auto it = tails_.find(conversation);
  return it == tails_.end() ? none : it->second;
}

std::vector<std::int64_t> CheckedLog::conversations() const {
  std::vector<std::int64_t> ids;
  for (const auto& [id, events] : tails_)
    ids.push_back(id);
  return ids;
}

}  // namespace kith::adapters::sqlite
