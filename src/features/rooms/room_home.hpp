#pragma once

#include "base/ids.hpp"
#include "base/result.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <map>
#include <vector>

namespace kith::features::rooms {

// The members of the rooms whose home is one reactor. Pure bookkeeping: who must be told what is
// said by the answers.
class RoomHome {
 public:
  struct Joined {
    bool first_of_user = false;  // the others are told
    // In byte order, with the new one; of more than room_roster_max the first, and him.
    std::vector<base::UserId> roster;
    std::size_t total = 0;  // users in the room
  };

  // One more session of `user`, on reactor `listener`. `quota_exceeded` when room_members_max users
  // are in it.
  base::Result<Joined> join(const base::RoomKey& key,
                            const base::UserId& user,
                            std::size_t listener);
  // True if it was the user's last session: the others are told.
  bool leave(const base::RoomKey& key, const base::UserId& user, std::size_t listener);
  // A bit for each reactor with a session in the room.
  std::uint64_t listeners(const base::RoomKey& key) const;

  std::size_t rooms() const noexcept { return rooms_.size(); }

 private:
  struct Room {
    std::map<base::UserId, std::uint32_t> users;  // sessions of each; in the roster's order
    std::vector<std::uint32_t> sessions;          // by reactor
  };

  boost::unordered_flat_map<base::RoomKey, Room, base::KeyHash> rooms_;
};

}  // namespace kith::features::rooms
