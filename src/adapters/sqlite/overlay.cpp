#include "adapters/sqlite/overlay.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace kith::adapters::sqlite {

void Overlay::end_at(base::Seq until) {
  if (until == 0) return;
  while (!events_.empty() && events_.back().seq > until)
    events_.pop_back();
  marks_.reset();
}

void Overlay::raise_head(domain::Conversation& row) const {
  if (empty()) return;
  const EventRecord newest = last();
  row.last_seq = newest.seq;
  row.last_no = newest.no;
}

void Overlay::raise_marks(std::int64_t user, domain::Member& member) {
  if (!member.active()) return;
  if (!marks_) marks_ = collect_marks();
  for (const Marks& marks : *marks_) {
    if (marks.user != user) continue;
    member.read_seq = std::max(member.read_seq, marks.read_seq);
    member.read_no = std::max(member.read_no, marks.read_no);
  }
}

std::vector<Overlay::Marks> Overlay::collect_marks() const {
  std::vector<Marks> found;
  for (const TailEvent& one : events_) {
    const EventRecord event = one.record();
    if (!event.marks) continue;
    const auto it = std::find_if(
        found.begin(), found.end(), [&](const Marks& marks) { return marks.user == event.actor; });
    Marks& marks = it == found.end() ? found.emplace_back(Marks{event.actor}) : *it;
    marks.read_seq = std::max(marks.read_seq, event.seq);
    marks.read_no = std::max(marks.read_no, event.no);
  }
  return found;
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
