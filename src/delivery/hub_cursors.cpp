#include "base/limits.hpp"
#include "delivery/hub.hpp"
#include "delivery/registry.hpp"

#include <algorithm>
#include <map>
#include <utility>

// What sessions are known to have received: asked about, and written as cursors.
namespace kith::delivery {

namespace limits = base::limits;

namespace {

constexpr base::Duration probe_interval = std::chrono::milliseconds{limits::probe_interval_ms};
constexpr base::Duration cursor_interval =
    std::chrono::milliseconds{limits::cursor_write_interval_ms};
// Those whose time comes within it are served together: few wake-ups, and no burst of all at once.
constexpr base::Duration together = std::chrono::milliseconds{20};

}  // namespace

void Hub::note_cursors(Session& session) {
  if (std::exchange(session.cursors_due_, true)) return;
  cursor_sessions_.push(session.id(), reactor_.clock().now() + cursor_interval);
  if (!cursor_alarm_.armed()) reactor_.arm(cursor_alarm_, cursor_interval);
}

void Hub::note_probe(Session& session) {
  if (std::exchange(session.probe_due_, true)) return;
  probe_sessions_.push(session.id(), reactor_.clock().now() + probe_interval);
  if (!probe_alarm_.armed()) reactor_.arm(probe_alarm_, probe_interval);
}

std::vector<std::uint64_t> Hub::take_due(DueQueue& sessions, ports::Timer& alarm) {
  const auto now = reactor_.clock().now();
  std::vector<std::uint64_t> due;
  while (const auto session = sessions.take(now))
    due.push_back(session);
  if (!sessions.empty()) reactor_.arm(alarm, std::max(together, sessions.next_at() - now));
  return due;
}

void Hub::on_probe_time() {
  for (const auto id : take_due(probe_sessions_, probe_alarm_)) {
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

void Hub::tell(Tick tick) {
  if (!ticks_told_ || !ticks_told_(tick.key.app)) return;
  ticks_.push_back(std::move(tick));
  reactor_.at_tick_end(*this);
}

void Hub::on_tick_end() {
  std::map<std::size_t, std::vector<Tick>> by_home;
  for (auto& tick : std::exchange(ticks_, {}))
    by_home[network_.homes->index_of(tick.key)].push_back(std::move(tick));
  for (auto& [home, ticks] : by_home) {
    auto* registry = network_.registries[home];
    base::Task task{[registry, ticks = std::move(ticks)] { registry->note_ticks(ticks); }};
    if (home == reactor_.index())
      task();
    else
      static_cast<void>(network_.homes->reactors[home]->try_post(task));
  }
}

bool Hub::write_cursors(Session& session) {
  if (session.epoch_ != epoch_number_) return true;  // they are places of another history
  for (auto due = session.due_cursors(); !due.empty(); due = session.due_cursors()) {
    auto entry = std::make_unique<conversations::CursorEntry>();
    entry->asker = reactor_.index();
    entry->user = session.user_;
    entry->device = session.device_;
    for (const auto& [slot, seq] : due)
      entry->cursors.emplace_back(session.positions_[slot].channel->key.cid, seq);
    if (!home_.submit(std::move(entry))) return false;
    for (const auto& [slot, seq] : due)
      session.positions_[slot].written = static_cast<ShortSeq>(seq);
  }
  return true;
}

void Hub::on_cursor_time() {
  for (const auto id : take_due(cursor_sessions_, cursor_alarm_)) {
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
