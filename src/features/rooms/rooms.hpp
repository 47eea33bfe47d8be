#pragma once

#include "commands/feature.hpp"
#include "delivery/hub.hpp"
#include "features/rooms/local_rooms.hpp"
#include "features/rooms/room_home.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace kith::features::rooms {

class Rooms;

struct RoomOptions {
  // Where much is said, messages are taken from their sockets so rarely, and those of a room leave
  // together; 0: as they come.
  base::Duration gather{};
};

// The rooms of all reactors of a node, by index; filled before they start.
struct RoomNetwork {
  std::vector<ports::Reactor*> reactors;
  std::vector<Rooms*> rooms;
};

// Ephemeral rooms by name: room.join, room.leave, room.send. Nothing is stored and nothing waits;
// what a slow reader can not take is dropped. The ground that games and lobbies stand on.
class Rooms final : public commands::Feature {
 public:
  Rooms(delivery::Hub& hub, const RoomNetwork& network, RoomOptions options = {});

  std::string_view name() const noexcept override { return "rooms"; }

  void add_commands(commands::Table& table) override;
  void on_session_end(const commands::SessionInfo& session) override;

  std::size_t rooms_joined() const noexcept { return local_.size(); }

 private:
  // room.join {room} -> {room, users}
  void join(const commands::Caller& caller, const commands::Input& input, commands::Reply reply);
  // room.leave {room} -> {}
  void leave(const commands::Caller& caller, const commands::Input& input, commands::Reply reply);
  // room.send {room, data, op?, to?, echo?} -> {}, as soon as it is on its way
  void send(const commands::Caller& caller, const commands::Input& input, commands::Reply reply);

  void count_sent();
  std::size_t home_of(const base::RoomKey& key) const;
  bool is_in(const base::RoomKey& key, std::uint64_t session) const;
  bool is_joining(const base::RoomKey& key, std::uint64_t session) const;
  // --- at the home of a room
  void join_at_home(const base::RoomKey& key,
                    const Listener& listener,
                    std::size_t from,
                    commands::Reply reply);
  void leave_at_home(const base::RoomKey& key, const base::UserId& user, std::size_t from);
  void fan_out(const base::RoomKey& key, const FramesPtr& frames, const Address& address);
  // --- at the reactor of a session
  void on_joined(const base::RoomKey& key,
                 const Listener& listener,
                 const RoomHome::Joined& joined,
                 commands::Reply reply);
  void leave_here(const base::RoomKey& key, std::uint64_t session);
  void tell_home_left(const base::RoomKey& key, const base::UserId& user);
  static base::Result<Address> address_of(const commands::Caller& caller, commands::Value args);
  // room.data with its attachments
  static base::Result<FramesPtr> data_frames(const base::RoomKey& key,
                                             const base::UserId& from,
                                             const commands::Input& input);
  static FramesPtr presence(std::string_view event,
                            const base::RoomKey& key,
                            const base::UserId& user);

  delivery::Hub& hub_;
  const RoomNetwork& network_;
  const RoomOptions options_;
  RoomHome home_;
  LocalRooms local_;

  // Asked of the home of a room, not yet answered.
  struct Join {
    base::RoomKey room;
    bool wanted = true;  // false: left again meanwhile
  };

  struct Membership {
    std::vector<base::RoomKey> rooms;
    std::vector<Join> joins;  // of one room in the order in which its home answers
  };

  enum class JoinEnd : std::uint8_t { enter, turn_back, session_gone };
  // The oldest join of the session to that room has its answer.
  JoinEnd end_join(const base::RoomKey& key, std::uint64_t session);

  boost::unordered_flat_map<std::uint64_t, Membership> sessions_;
  std::size_t sent_ = 0;  // by this reactor's sessions since then
  base::Instant sent_since_{};
};

}  // namespace kith::features::rooms
