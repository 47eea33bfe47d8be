#pragma once

#include "base/ids.hpp"
#include "base/limits.hpp"
#include "delivery/hub.hpp"
#include "ports/reactor.hpp"
#include "wire/engineio/message.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace kith::features::rooms {

// A message in the form that leaves: a text and its attachments.
struct Frames {
  std::vector<wire::engineio::OutMessage> parts;
  std::size_t bytes = 0;

  void add(wire::engineio::OutMessage part);
};

using FramesPtr = std::shared_ptr<const Frames>;

// For whom: everyone in the room, or one user's sessions; and the sender if he wants a copy.
struct Address {
  std::uint64_t sender = 0;  // 0: no session
  bool echo = false;
  base::UserId only;
};

struct Listener {
  std::uint64_t session;
  base::UserId user;
};

// Who is in which room with a connection of this reactor, and what goes to them.
//
// The players of a room tick together, but not so well that one look at the sockets finds them all.
// While the reactor gathers, a room that has said less than the last time is waited for, until the
// next look: then what its players get of a tick is one write each.
class LocalRooms {
 public:
  explicit LocalRooms(delivery::Hub& hub) : hub_(hub) {}

  void enter(const base::RoomKey& key, Listener listener);
  // Nothing: it was not there.
  std::optional<base::UserId> leave(const base::RoomKey& key, std::uint64_t session);
  void deliver(const base::RoomKey& key, const FramesPtr& frames, const Address& address);
  // Sockets are looked at that seldom, until then.
  void gather(base::Duration pause, base::Instant until);

  std::size_t size() const noexcept { return rooms_.size(); }

 private:
  struct Message {
    FramesPtr frames;
    Address address;
  };

  struct Room {
    std::vector<Listener> listeners;
    std::vector<Message> waiting;
    std::size_t waiting_bytes = 0;
    std::size_t usual = 1;    // so many left together the last time
    bool waited_for = false;  // since the last look
    bool listed = false;      // in to_hand_out_
  };

  struct TickEnd final : ports::TickHook {
    explicit TickEnd(LocalRooms& o) : owner(o) {}

    void on_tick_end() override { owner.hand_out_waiting(); }

    LocalRooms& owner;
  };

  void hand_out_waiting();
  void hand_out(Room& room);

  void on_pause_over() { hub_.reactor().at_tick_end(tick_end_); }

  delivery::Hub& hub_;
  boost::unordered_flat_map<base::RoomKey, Room, base::KeyHash> rooms_;
  std::vector<base::RoomKey> to_hand_out_;
  std::vector<Message> leaving_;  // empty between calls
  base::Duration pause_{};
  base::Instant gathers_until_{};
  TickEnd tick_end_{*this};
  ports::Alarm<LocalRooms, &LocalRooms::on_pause_over> pause_alarm_{*this};
};

}  // namespace kith::features::rooms
