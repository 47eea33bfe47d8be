#include "base/limits.hpp"
#include "delivery/hub.hpp"

#include <utility>

// What sessions are known to have received: asked about, and written as cursors.
namespace kith::delivery {

namespace limits = base::limits;

void Hub::note_cursors(Session& session) {
  if (std::exchange(session.cursors_due_, true)) return;
  cursor_sessions_.push_back(session.id());
  if (!cursor_alarm_.armed())
    reactor_.arm(cursor_alarm_, std::chrono::milliseconds{limits::cursor_write_interval_ms});
}

void Hub::note_probe(Session& session) {
  if (std::exchange(session.probe_due_, true)) return;
  probe_sessions_.push_back(session.id());
  if (!probe_alarm_.armed())
    reactor_.arm(probe_alarm_, std::chrono::milliseconds{limits::probe_interval_ms});
}

void Hub::on_probe_time() {
  for (const auto id : std::exchange(probe_sessions_, {})) {
    auto* session = find_session(id);
    if (session == nullptr) continue;
    session->probe_due_ = false;
    if (!session->handed_out_) continue;  // the regular heartbeat came first
    // One who does not read would only be late with his answer.
    if (session->sink_.queued_bytes() <= limits::outbox_low_bytes) session->sink_.ask_proof();
    // An answer is still due: what came after its question waits for the next.
    if (session->handed_out_) note_probe(*session);
  }
}

bool Hub::write_cursors(Session& session) {
  for (auto due = session.due_cursors(); !due.empty(); due = session.due_cursors()) {
    auto entry = std::make_unique<conversations::CursorEntry>();
    entry->asker = reactor_.index();
    entry->user = session.options_.user;
    entry->device = session.options_.device;
    for (const auto& [position, seq] : due)
      entry->cursors.emplace_back(position->channel->key.cid, seq);
    if (!home_.submit(std::move(entry))) return false;
    for (const auto& [position, seq] : due)
      position->written = seq;
  }
  return true;
}

void Hub::on_cursor_time() {
  for (const auto id : std::exchange(cursor_sessions_, {})) {
    auto* session = find_session(id);
    if (session == nullptr) continue;
    session->cursors_due_ = false;
    if (!write_cursors(*session)) note_cursors(*session);
  }
}

void Hub::flush_cursors() {
  for (const auto& [id, session] : sessions_)
    write_cursors(*session);
}

}  // namespace kith::delivery
