#include "features/rooms/room_home.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"

#include <algorithm>

namespace kith::features::rooms {

base::Result<RoomHome::Joined> RoomHome::join(const base::RoomKey& key,
                                              const base::UserId& user,
                                              std::size_t listener) {
  auto& room = rooms_[key];
  if (room.users.size() >= base::limits::room_members_max && !room.users.contains(user))
    return base::Fault{base::Errc::quota_exceeded, "this room is full"};
  if (room.sessions.size() <= listener) room.sessions.resize(listener + 1);
  ++room.sessions[listener];
  Joined joined{.first_of_user = ++room.users[user] == 1};
  joined.total = room.users.size();
  const auto named = std::min(joined.total, base::limits::room_roster_max);
  joined.roster.reserve(named);
  for (auto it = room.users.begin(); joined.roster.size() < named; ++it)
    joined.roster.push_back(it->first);
  if (user > joined.roster.back()) joined.roster.back() = user;
  return joined;
}

bool RoomHome::leave(const base::RoomKey& key, const base::UserId& user, std::size_t listener) {
  const auto room = rooms_.find(key);
  KITH_ASSERT(room != rooms_.end());
  const auto member = room->second.users.find(user);
  KITH_ASSERT(member != room->second.users.end());
  KITH_ASSERT(listener < room->second.sessions.size() && room->second.sessions[listener] > 0);
  --room->second.sessions[listener];
  if (--member->second > 0) return false;
  room->second.users.erase(member);
  if (room->second.users.empty()) rooms_.erase(room);
  return true;
}

std::uint64_t RoomHome::listeners(const base::RoomKey& key) const {
  const auto room = rooms_.find(key);
  std::uint64_t bits = 0;
  if (room == rooms_.end()) return bits;
  for (std::size_t i = 0; i < room->second.sessions.size(); ++i)
    if (room->second.sessions[i] > 0) bits |= std::uint64_t{1} << i;
  return bits;
}

}  // namespace kith::features::rooms
