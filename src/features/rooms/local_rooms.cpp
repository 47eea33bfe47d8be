#include "features/rooms/local_rooms.hpp"

#include <algorithm>
#include <utility>

namespace kith::features::rooms {

void Frames::add(wire::engineio::OutMessage part) {
  bytes += part.frame_bytes();
  parts.push_back(std::move(part));
}

void LocalRooms::enter(const base::RoomKey& key, Listener listener) {
  auto& room = rooms_[key];
  hand_out(room);  // what was said before he came is not for him
  room.listeners.push_back(std::move(listener));
}

std::optional<base::UserId> LocalRooms::leave(const base::RoomKey& key, std::uint64_t session) {
  const auto room = rooms_.find(key);
  if (room == rooms_.end()) return std::nullopt;
  auto& listeners = room->second.listeners;
  const auto at = std::find_if(listeners.begin(), listeners.end(), [&](const auto& listener) {
    return listener.session == session;
  });
  if (at == listeners.end()) return std::nullopt;
  auto user = std::move(at->user);
  listeners.erase(at);
  if (listeners.empty()) rooms_.erase(room);
  return user;
}

void LocalRooms::gather(base::Duration pause, base::Instant until) {
  pause_ = pause;
  gathers_until_ = until;
}

void LocalRooms::deliver(const base::RoomKey& key,
                         const FramesPtr& frames,
                         const Address& address) {
  const auto it = rooms_.find(key);
  if (it == rooms_.end()) return;
  auto& room = it->second;
  room.waiting.push_back({frames, address});
  room.waiting_bytes += frames->bytes;
  auto& reactor = hub_.reactor();
  const bool gathers = reactor.clock().now() < gathers_until_;
  const bool full = room.waiting.size() >= base::limits::room_waiting_max ||
                    room.waiting_bytes >= base::limits::room_waiting_bytes_max;
  if (!gathers || full) return hand_out(room);
  if (!std::exchange(room.listed, true)) to_hand_out_.push_back(key);
  reactor.at_tick_end(tick_end_);
}

void LocalRooms::hand_out_waiting() {
  for (auto& key : std::exchange(to_hand_out_, {})) {
    const auto it = rooms_.find(key);
    if (it == rooms_.end()) continue;
    auto& room = it->second;
    room.listed = !room.waiting.empty() && room.waiting.size() < room.usual &&
                  !std::exchange(room.waited_for, true);
    if (room.listed)
      to_hand_out_.push_back(std::move(key));
    else
      hand_out(room);
  }
  // The next message to any room comes sooner, as a rule.
  if (!to_hand_out_.empty()) hub_.reactor().arm(pause_alarm_, pause_);
}

void LocalRooms::hand_out(Room& room) {
  room.waited_for = false;
  if (room.waiting.empty()) return;
  room.usual = room.waiting.size();
  room.waiting_bytes = 0;
  leaving_.swap(room.waiting);  // both keep their memory
  for (const auto& listener : room.listeners) {
    auto* session = hub_.find_session(listener.session);
    if (session == nullptr) continue;
    for (const auto& [frames, address] : leaving_) {
      const bool meant = listener.session == address.sender
                             ? address.echo
                             : address.only.empty() || listener.user == address.only;
      // All parts or none: a header whose attachments do not follow breaks the connection.
      if (!meant || !session->takes_ephemeral(frames->bytes)) continue;
      for (const auto& part : frames->parts)
        session->sink().send(part);
    }
  }
  leaving_.clear();
}

}  // namespace kith::features::rooms
