#include "adapters/sqlite/overlay.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace kith::adapters::sqlite {

void Overlay::end_at(base::Seq until) {
  if (until == 0) return;
  while (!events_.empty() && events_.back().seq > until)
    events_.pop_back();
}

void Overlay::raise_head(domain::Conversation& row) const {
  if (empty()) return;
  const EventRecord newest = last();
  row.last_seq = newest.seq;
  row.last_no = newest.no;
}

void Overlay::raise_marks(std::int64_t user, domain::Member& member) const {
  if (!member.active()) return;
  for (const TailEvent& one : events_) {
    const EventRecord event = one.record();
    if (!event.marks || event.actor != user) continue;
    member.read_seq = std::max(member.read_seq, event.seq);
    member.read_no = std::max(member.read_no, event.no);
  }
}

std::optional<domain::LogEvent> Overlay::last_message(base::Seq from) const {
  for (auto one = events_.rbegin(); one != events_.rend() && one->seq >= from; ++one)
    if (const EventRecord event = one->record(); event.kind == domain::EventKind::message)
      return to_event(event);
  return std::nullopt;
}

std::optional<ports::StoredSend> Overlay::find_sent(std::int64_t sender,
                                                    std::string_view client_id) const {
  for (const TailEvent& one : events_) {
    if (one.sent == 0) continue;
    const EventRecord event = one.record();
    if (event.actor == sender && event.client_id == client_id)
      return ports::StoredSend{event.seq, event.no, event.ts, std::string{event.body}};
  }
  return std::nullopt;
}

std::vector<EventRecord> Overlay::in_range(const ports::PageQuery& query) const {
  std::vector<EventRecord> found;
  for (const TailEvent& one : events_) {
    if (one.seq <= query.after || one.seq > query.to) continue;
    const EventRecord event = one.record();
    if (query.messages_only && event.kind != domain::EventKind::message) continue;
    found.push_back(event);
  }
  return found;
}

}  // namespace kith::adapters::sqlite
