#include "adapters/sqlite/reader.hpp"
#include "adapters/sqlite/rows.hpp"

#include <sqlite3.h>

#include <algorithm>

// Events and messages of one conversation, in order.
namespace kith::adapters::sqlite {

namespace {

ports::MessageView view_of(const EventRecord& record) {
  return {.seq = record.seq,
          .no = record.no,
          .ts = record.ts,
          .sender = record.actor_name,
          .client_id = record.client_id,
          .body = record.body};
}

}  // namespace

Outcome<std::vector<domain::LogEvent>> Reader::page(const ports::PageQuery& query) {
  using Found = std::vector<domain::LogEvent>;
  ports::PageQuery left = query;
  left.to = std::min(query.to, base::seq_max);
  if (query.limit == 0 || query.after >= left.to) return Found{};
  return in_snapshot([&]() -> Outcome<Found> {
    Page page{query.limit, query.bytes_max};
    KITH_TRY(conversation, conversation_id(query.conversation));
    if (!conversation) return Found{};
    KITH_TRY(overlay, overlay_of(*conversation));
    const auto unfolded = overlay.in_range(left);
    if (query.newest)
      for (auto one = unfolded.rbegin(); one != unfolded.rend() && !page.full(); ++one)
        page.add(to_event(*one));
    if (!page.full()) KITH_CHECK(add_rows(left, *conversation, page));
    if (query.newest) {
      std::reverse(page.events.begin(), page.events.end());
      return std::move(page.events);
    }
    for (auto one = unfolded.begin(); one != unfolded.end() && !page.full(); ++one)
      page.add(to_event(*one));
    return std::move(page.events);
  });
}

// Behind those that are there already.
Outcome<void> Reader::add_rows(const ports::PageQuery& query,
                               std::int64_t conversation,
                               Page& page) {
  Query rows = run(query.newest ? Ask::page_newest : Ask::page_first,
                   entry_id(conversation, query.after),
                   entry_id(conversation, query.to));
  while (!page.full()) {
    KITH_TRY(more, rows.next());
    if (!more) break;
    KITH_TRY(event, event_at(rows, conversation));
    if (query.messages_only && event.kind != domain::EventKind::message) continue;
    page.add(std::move(event));
  }
  return {};
}

Outcome<domain::LogEvent> Reader::event_at(const Query& row, std::int64_t conversation) {
  KITH_CHECK(expect_own(row, 10, conversation));
  auto event = read_event(row);
  KITH_TRY(actor, name_of(row.integer(3)));
  event.actor = base::UserId{std::string{actor}};
  KITH_TRY(subject, name_of(row.integer(6)));
  event.subject = base::UserId{std::string{subject}};
  return event;
}

Outcome<std::string_view> Reader::name_of(std::int64_t user) {
  if (user == 0) return std::string_view{};
  if (const auto known = names_.find(user); known != names_.end())
    return std::string_view{known->second};
  Query row = run(Ask::user_name, user);
  KITH_TRY(found, row.next());
  if (!found) return std::string_view{};
  if (names_.size() >= base::limits::reader_names_max) names_.clear();
  return std::string_view{names_.emplace(user, row.string(0)).first->second};
}

Outcome<std::optional<Reader::Seen>> Reader::seen_by(const base::ConversationKey& key,
                                                     const base::UserId& user) {
  Query row = run(Ask::seen, key.app, Blob{key.cid.view()}, user.str());
  KITH_TRY(found, row.next());
  if (!found) return std::optional<Seen>{};
  const std::int64_t conversation = row.integer(0);
  const base::Seq until = row.count(2);
  KITH_TRY(overlay, overlay_of(conversation));
  overlay.end_at(until);
  KITH_TRY(head, head_of(conversation, until, overlay, nullptr));
  return std::optional{Seen{conversation, row.count(1), head.seq, std::move(overlay)}};
}

Outcome<bool> Reader::history(const ports::HistoryQuery& query, ports::MessageSink& sink) {
  return in_snapshot([&]() -> Outcome<bool> {
    KITH_TRY(seen, seen_by(query.conversation, query.user));
    if (!seen) return false;
    sink.begin(seen->first, seen->last);
    const ports::PageQuery range{.conversation = query.conversation,
                                 .after = std::max(query.after, seen->first - 1),
                                 .to = std::min(query.to, seen->last),
                                 .newest = query.newest,
                                 .messages_only = true};
    if (range.after >= range.to) return true;
    auto unfolded = seen->overlay.in_range(range);
    if (query.newest) std::reverse(unfolded.begin(), unfolded.end());
    const auto add_unfolded = [&] {
      return std::all_of(unfolded.begin(), unfolded.end(), [&](const EventRecord& event) {
        return sink.add(view_of(event));
      });
    };
    if (query.newest && !add_unfolded()) return true;
    KITH_TRY(goes_on, add_rows(range, *seen, sink));
    if (!query.newest && goes_on) add_unfolded();
    return true;
  });
}

// Straight from the pages of the database.
Outcome<bool> Reader::add_rows(const ports::PageQuery& query,
                               const Seen& seen,
                               ports::MessageSink& sink) {
  base::Seq to = query.to;
  if (!seen.overlay.empty()) to = std::min(to, seen.overlay.first().seq - 1);
  if (to <= query.after) return true;
  Query row = run(query.newest ? Ask::history_newest : Ask::history_first,
                  entry_id(seen.conversation, query.after),
                  entry_id(seen.conversation, to));
  base::Seq due = query.newest ? to : query.after + 1;
  for (base::Seq left = to - query.after; left > 0; --left) {
    KITH_TRY(more, row.next());
    if (!more || seq_of(row.integer(0)) != due) return failure_of(SQLITE_CORRUPT);
    KITH_TRY(message, message_at(row, seen.conversation));
    if (message && !sink.add(*message)) return false;
    due = query.newest ? due - 1 : due + 1;
  }
  return true;
}

// Of Ask::history_first and history_newest. Valid until the next row or name.
Outcome<std::optional<ports::MessageView>> Reader::message_at(const Query& row,
                                                              std::int64_t conversation) {
  using Found = std::optional<ports::MessageView>;
  KITH_CHECK(expect_own(row, 7, conversation));
  if (row.integer(6) != static_cast<std::int64_t>(domain::EventKind::message)) return Found{};
  KITH_TRY(sender, name_of(row.integer(2)));
  return Found{ports::MessageView{.seq = seq_of(row.integer(0)),
                                  .no = row.count(1),
                                  .ts = {row.integer(4)},
                                  .sender = sender,
                                  .client_id = row.bytes(3),
                                  .body = row.bytes(5)}};
}

}  // namespace kith::adapters::sqlite
