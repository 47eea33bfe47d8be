#include "adapters/sqlite/entry_rows.hpp"

#include "adapters/sqlite/rows.hpp"
#include "base/limits.hpp"

#include <optional>
#include <utility>

namespace kith::adapters::sqlite {

Outcome<void> EntryRows::find_last() {
  if (found_) return {};
  Query row = statements_.last_entry.run();
  KITH_TRY(any, row.next());
  if (any) kept_n_ = row.integer(0);
  last_n_ = kept_n_;
  found_ = true;
  return {};
}

void EntryRows::roll_back() noexcept {
  last_n_ = kept_n_;
  run_ = {};
}

Outcome<void> EntryRows::add(const EventRecord& event) {
  const std::int64_t id = entry_id(event.conversation, event.seq);
  KITH_CHECK(find_last());
  if (run_.events != 0 && id != run_.id + 1) KITH_CHECK(end());
  KITH_CHECK(insert(event));
  run_ = {id, run_.events + 1, event.no, event.ts};
  return {};
}

Outcome<void> EntryRows::end() {
  if (run_.events == 0) return {};
  const Run run = std::exchange(run_, {});
  return statements_.add_run
      .run(run.id, last_n_, static_cast<std::int64_t>(run.events), run.no, run.ts.ms)
      .finish();
}

Outcome<std::size_t> EntryRows::join_newest_run(std::int64_t conversation) {
  KITH_CHECK(find_last());
  std::int64_t n = 0;
  Run newest;
  {
    Query row =
        statements_.last_run.run(entry_id(conversation, 0), entry_id(conversation, seq_mask));
    KITH_TRY(found, row.next());
    if (!found) return std::size_t{0};
    n = row.integer(1);
    newest = {row.integer(0), row.count(2), row.count(3), {row.integer(4)}};
  }
  if (newest.events >= base::limits::short_run_events) return std::size_t{0};
  KITH_TRY(sound, holds_all(conversation, n, newest.events));
  if (!sound) return std::size_t{0};
  const bool moves = n != last_n_;
  if (moves) KITH_CHECK(move(n, newest.events));
  KITH_CHECK(statements_.delete_run.run(newest.id).finish());
  run_ = newest;
  return moves ? newest.events : 0;
}

Outcome<bool> EntryRows::holds_all(std::int64_t conversation, std::int64_t n, std::size_t events) {
  Query row = statements_.count_own.run(n - static_cast<std::int64_t>(events) + 1, n, conversation);
  KITH_CHECK(row.next());
  return row.count(0) == events;
}

// So many rows up to n.
Outcome<void> EntryRows::move(std::int64_t n, std::size_t events) {
  const std::int64_t first = n - static_cast<std::int64_t>(events) + 1;
  const std::int64_t by = last_n_ + 1 - first;
  KITH_CHECK(statements_.move_entries.run(first, n, by).finish());
  last_n_ = n + by;
  return {};
}

Outcome<void> EntryRows::insert(const EventRecord& event) {
  std::optional<std::int64_t> actor;
  std::optional<std::int64_t> subject;
  if (event.actor != 0) actor = event.actor;
  if (event.subject != 0) subject = event.subject;
  Query row = statements_.add_entry.run(
      last_n_ + 1, event.conversation, event.seq, event.no, event.kind, actor, event.ts.ms);
  if (event.client_id.empty())
    row.bind(8, nullptr);
  else if (event.client_named)
    row.bind(8, event.client_id);
  else
    row.bind(8, Blob{event.client_id});
  row.bind(9, subject);
  row.bind(10, event.role);
  if (event.target)
    row.bind(11, Blob{event.target->view()});
  else
    row.bind(11, nullptr);
  row.bind(12, Blob{event.body});
  KITH_CHECK(row.finish());
  ++last_n_;
  return {};
}

}  // namespace kith::adapters::sqlite
