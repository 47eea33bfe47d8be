#pragma once

#include "client/schedule.hpp"
#include "client/talk.hpp"

namespace kith::bench {

// Who ticks after whom: room by room, so that those of one room tick at nearly the same time, or
// `apart`, one of each room after the other, so that those of a room share the tick evenly.
std::vector<std::uint32_t> tick_order(std::uint32_t players, std::uint32_t size, bool apart);

// `room`: game ticks. Every player sends at a steady rate to his room, without acknowledgements.
class Room final : public Scenario {
 public:
  Room(Run& run, unsigned thread);

  void run() override;
  std::string progress() const override;
  void on_event(Connection& connection, const Packet& packet, std::int64_t now) override;
  void on_ack(Connection& connection, const Packet& packet, std::int64_t now) override;
  void on_attachment(Connection& connection,
                     std::string_view event,
                     std::string_view bytes,
                     std::int64_t now) override;

 private:
  std::string room_of(std::uint32_t player) const;
  bool join_all();
  std::int64_t send_due();
  void send_tick(std::uint32_t player, std::int64_t due_ns);

  Share share_;  // of rooms
  std::uint32_t players_ = 0;
  std::vector<std::uint32_t> order_;
  Verifier verifier_;                // a stream for each player, of the same number
  std::vector<std::string> events_;  // by room: what goes before the attachment
  std::string scratch_;
  Schedule schedule_;
  std::int64_t tick_ns_ = 0;
  std::uint32_t joined_ = 0;
  std::uint64_t delivered_ = 0;
};

}  // namespace kith::bench
