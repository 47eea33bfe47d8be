#include "adapters/sqlite/backlog.hpp"

#include "adapters/sqlite/rows.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace kith::adapters::sqlite {

namespace {

constexpr std::size_t row_overhead_bytes = 64;
constexpr Version delete_every_rows = 16;
constexpr Version delete_rows_max = 64;  // at a time: no transaction pays for many
constexpr Failure used_before = failure_of(SQLITE_CONSTRAINT_UNIQUE);

}  // namespace

Backlog::Backlog(WriteStatements& statements,
                 Tails& tails,
                 SentFilter& filter,
                 FilterTable& filter_table)
    : statements_(statements),
      tails_(tails),
      filter_(filter),
      filter_table_(filter_table),
      entries_(statements) {}

void Backlog::start_from(const FoundLog& found) noexcept {
  closed_ = found.closed;
  first_row_ = found.first_row;
  unsaved_ = found.unsaved;
}

// --- a transaction

void Backlog::begin() {
  changes_.clear();
  growth_ = {};
  row_ = tails_.version();
  first_row_left_ = first_row_;
  closing_ = false;
  joining_ = false;
  saved_ = false;
  end_step();
}

void Backlog::committed() {
  entries_.committed();
  if (row_ == tails_.version()) return;  // nothing of it went through the log
  closed_ = closing_;
  first_row_ = first_row_left_;
  if (saved_)
    unsaved_ = {};
  else
    unsaved_ += growth_;
  filter_table_.keep();
  tails_.publish(row_, changes_, growth_);
  changes_.clear();
}

void Backlog::roll_back() {
  changes_.clear();
  filter_table_.forget();
  entries_.roll_back();
  end_step();
}

void Backlog::end_step() {
  records_.clear();
  touched_.clear();
  log_row_.clear();
}

// --- look-ups

const TailChange* Backlog::change_of(std::int64_t conversation) const {
  const auto it = changes_.find(conversation);
  return it == changes_.end() ? nullptr : &it->second;
}

template <class F>
void Backlog::each(std::int64_t conversation, F f) const {
  const TailChange* change = change_of(conversation);
  if (change == nullptr || !change->folded)
    for (const TailEvent& event : tails_.of(conversation))
      f(event);
  if (change == nullptr) return;
  for (const TailEvent& event : change->fresh)
    f(event);
}

Tails::Extent Backlog::extent_of(std::int64_t conversation) const {
  const TailChange* change = change_of(conversation);
  Tails::Extent extent;
  if (change == nullptr || !change->folded) extent = tails_.extent_of(conversation);
  if (change == nullptr) return extent;
  for (const TailEvent& event : change->fresh) {
    ++extent.events;
    extent.bytes += event.size;
  }
  return extent;
}

std::optional<Backlog::Numbers> Backlog::newest(std::int64_t conversation) const {
  if (const auto it = touched_.find(conversation);
      it != touched_.end() && it->second.last != none) {
    const EventRecord& event = records_[it->second.last].event;
    return Numbers{event.seq, event.no};
  }
  const TailEvent* last = nullptr;
  each(conversation, [&](const TailEvent& event) { last = &event; });
  if (last == nullptr) return std::nullopt;
  const EventRecord event = last->record();
  return Numbers{event.seq, event.no};
}

std::optional<base::No> Backlog::count_at(std::int64_t conversation, base::Seq seq) const {
  const TailEvent* at = nullptr;
  each(conversation, [&](const TailEvent& event) {
    if (event.seq <= seq) at = &event;
  });
  if (at == nullptr) return std::nullopt;
  return at->record().no;
}

void Backlog::raise_marks(std::int64_t conversation,
                          std::int64_t user,
                          domain::Member& member) const {
  if (!member.active()) return;
  each(conversation, [&](const TailEvent& one) {
    const EventRecord event = one.record();
    if (!event.marks || event.actor != user) return;
    member.read_seq = std::max(member.read_seq, event.seq);
    member.read_no = std::max(member.read_no, event.no);
  });
}

Outcome<std::optional<ports::StoredSend>> Backlog::find_sent(const SentKey& key) {
  using Found = std::optional<ports::StoredSend>;
  if (!filter_.maybe(key.hash)) return Found{};
  return find_stored(key);
}

Outcome<std::optional<ports::StoredSend>> Backlog::find_stored(const SentKey& key) {
  using Found = std::optional<ports::StoredSend>;
  Found found;
  each(key.conversation, [&](const TailEvent& one) {
    if (one.sent != key.hash) return;
    const EventRecord event = one.record();
    if (event.client_id == key.client_id && event.actor == key.sender)
      found = ports::StoredSend{event.seq, event.no, event.ts, std::string{event.body}};
  });
  if (found) return found;
  Query row = statements_.find_send.run(key.client_id, key.sender, key.conversation);
  KITH_TRY(there, row.next());
  if (!there) return Found{};
  return Found{read_stored_send(row)};
}

// --- a WriteStep

Outcome<void> Backlog::add(const EventRecord& event) {
  Record record{event};
  Touched& touched = touched_[event.conversation];
  if (event.client_named) {
    record.sent = event.sent;
    if (filter_.add(record.sent)) {
      if (sent_in_step(record, touched.last)) return used_before;
      KITH_TRY(stored, find_stored({event.conversation, event.actor, event.client_id, event.sent}));
      if (stored) return used_before;
    }
  }
  record.before = touched.last;
  touched.last = records_.size();
  ++touched.events;
  touched.bytes += event.body.size();
  records_.push_back(record);
  return {};
}

// Among the records of its conversation, the last of which is at `last`.
bool Backlog::sent_in_step(const Record& record, std::size_t last) const {
  for (auto at = last; at != none; at = records_[at].before) {
    const EventRecord& other = records_[at].event;
    if (records_[at].sent == record.sent && other.actor == record.event.actor &&
        other.client_id == record.event.client_id)
      return true;
  }
  return false;
}

Outcome<void> Backlog::fold_now(std::int64_t conversation) {
  KITH_CHECK(fold(conversation));
  return {};
}

bool Backlog::mark(const Numbers& numbers, std::int64_t conversation, std::int64_t user) {
  const auto it = touched_.find(conversation);
  if (it == touched_.end() || it->second.folded) return false;
  for (auto at = it->second.last; at != none; at = records_[at].before) {
    EventRecord& event = records_[at].event;
    if (event.actor != user) continue;
    event.marks = event.seq == numbers.seq && event.no == numbers.no;
    return event.marks;
  }
  return false;
}

Outcome<void> Backlog::write_log() {
  KITH_CHECK(fold_due());
  LogGrowth more;
  for (const Record& record : records_)
    if (!record.in_rows) {
      ++more.events;
      more.bytes += record.event.body.size() + row_overhead_bytes;
    }
  KITH_CHECK(
      tails_.make_room(more, [this](std::int64_t conversation) { return fold(conversation); }));
  log_row_.expect(more.bytes + more.events * 8);
  KITH_CHECK(log_events());
  end_step();
  return {};
}

Outcome<void> Backlog::fold_due() {
  for (auto& [conversation, touched] : touched_) {
    if (touched.folded) continue;
    const auto [waiting, waiting_bytes] = extent_of(conversation);
    const std::size_t events = touched.events + waiting;
    const std::size_t bytes = touched.bytes + waiting_bytes;
    if (events < tails_.limits().fold_events && bytes < tails_.limits().fold_bytes) continue;
    KITH_CHECK(fold(conversation));
  }
  return {};
}

Outcome<std::size_t> Backlog::fold(std::int64_t conversation) {
  const auto touched = touched_.try_emplace(conversation).first;
  if (std::exchange(touched->second.folded, true)) return std::size_t{0};
  marks_.clear();
  std::size_t freed = 0;
  Outcome<void> done;
  if (joining_) done = join_newest_run(conversation);
  each(conversation, [&](const TailEvent& one) {
    freed += one.held_bytes();
    if (done.has_value()) done = move_to_rows(one.record());
  });
  chain_.clear();
  for (auto at = touched->second.last; at != none; at = records_[at].before)
    chain_.push_back(at);
  for (auto at = chain_.rbegin(); at != chain_.rend() && done.has_value(); ++at) {
    records_[*at].in_rows = true;
    done = move_to_rows(records_[*at].event);
  }
  if (done.has_value()) done = entries_.end();
  if (done.has_value()) done = write_marks(conversation);
  if (done.has_error()) return done.error();
  if (freed == 0) return freed;
  log_row_.add_folded(conversation);
  TailChange& change = changes_[conversation];
  change.folded = true;
  change.fresh.clear();
  return freed;
}

Outcome<void> Backlog::join_newest_run(std::int64_t conversation) {
  KITH_TRY(moved, entries_.join_newest_run(conversation));
  joined_ += moved;
  return {};
}

Outcome<void> Backlog::move_to_rows(const EventRecord& event) {
  note_mark(event);
  return entries_.add(event);
}

void Backlog::note_mark(const EventRecord& event) {
  if (!event.marks) return;
  const auto it = std::find_if(
      marks_.begin(), marks_.end(), [&](const Mark& mark) { return mark.user == event.actor; });
  Mark& mark = it == marks_.end() ? marks_.emplace_back() : *it;
  mark = {event.actor, {event.seq, event.no}};
}

Outcome<void> Backlog::write_marks(std::int64_t conversation) {
  for (const auto& [user, to] : marks_)
    KITH_CHECK(statements_.raise_read.run(conversation, user, to.seq, to.no).finish());
  return {};
}

Outcome<void> Backlog::log_events() {
  for (Record& record : records_)
    if (!record.in_rows)
      record.place = log_row_.add_event(record.event);
    else if (record.sent != 0)
      log_row_.add_sent(record.sent);
  if (log_row_.empty()) return {};
  const Version row = row_ + 1;
  KITH_CHECK(insert_log_row(row));
  lengthen_tails(row);
  return {};
}

void Backlog::lengthen_tails(Version row) {
  const auto bytes = std::make_shared<const std::string>(log_row_.take());
  for (const Record& record : records_) {
    if (record.in_rows) continue;
    const EventRecord& event = record.event;
    changes_[event.conversation].fresh.push_back(
        {event.seq, row, record.sent, bytes, record.place.offset, record.place.size});
  }
}

Outcome<void> Backlog::insert_log_row(Version row) {
  KITH_CHECK(
      statements_.add_log.run(static_cast<std::int64_t>(row), Blob{log_row_.bytes()}).finish());
  row_ = row;
  if (first_row_left_ == 0) first_row_left_ = row;
  growth_.events += records_.size();
  growth_.bytes += log_row_.bytes().size() + row_overhead_bytes;
  const TailLimits& limits = tails_.limits();
  if (unsaved_.events + growth_.events >= limits.filter_save_ids ||
      unsaved_.bytes + growth_.bytes >= limits.log_bytes / 4)
    KITH_CHECK(save_filter(row));
  if (row % delete_every_rows == 0) KITH_CHECK(delete_old_rows(row));
  return {};
}

Outcome<void> Backlog::save_filter(Version row) {
  saved_ = true;
  return filter_table_.save(filter_, row);
}

// As of the state before this transaction: what it folds itself is deleted by a later one.
Outcome<void> Backlog::delete_old_rows(Version row) {
  Version end = std::min({tails_.oldest_row(), filter_table_.covered() + 1, row});
  end = std::min(end, first_row_left_ + delete_rows_max);
  if (end <= first_row_left_) return {};
  KITH_CHECK(statements_.delete_log.run(static_cast<std::int64_t>(end)).finish());
  first_row_left_ = end;
  return {};
}

// --- the end

Outcome<void> Backlog::fold_oldest(std::size_t events, Runs runs) {
  joining_ = runs == Runs::join;
  const auto move = [this](std::int64_t conversation) -> Outcome<std::size_t> {
    joined_ = 0;
    KITH_CHECK(fold_now(conversation));
    return joined_;
  };
  const auto done = tails_.fold_oldest(events, move);
  if (done.has_error()) return done.error();
  return write_log();
}

Outcome<void> Backlog::close_log() {
  const Version row = row_ + 1;
  KITH_CHECK(save_filter(row));
  KITH_CHECK(statements_.add_log.run(static_cast<std::int64_t>(row), Blob{{}}).finish());
  KITH_CHECK(statements_.delete_log.run(static_cast<std::int64_t>(row)).finish());
  row_ = row;
  first_row_left_ = row;
  closing_ = true;
  return {};
}

}  // namespace kith::adapters::sqlite
