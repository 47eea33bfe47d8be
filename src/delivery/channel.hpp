#pragma once

#include "delivery/published.hpp"

#include <cstdint>
#include <vector>

namespace kith::delivery {

class Session;
struct Channel;

// One session's place in one conversation. Live: its position is the channel's head, and nothing is
// counted per message.
struct Position {
  Session* session = nullptr;
  Channel* channel = nullptr;
  std::uint32_t index = 0;  // in channel->listeners
  bool live = false;
  Seq from = 1;            // nothing below it is his
  Seq at = 0;              // while behind: the last event handed to the session
  Seq proved = 0;          // known to be received
  Seq written = 0;         // handed to the store as cursor
  Seq skip_to = 0;         // while behind: events up to here are not read but told as a gap
  std::vector<Seq> acked;  // own messages above now() that were answered already, ascending

  Seq now() const noexcept;  // the last event handed out, live or not
};

// A conversation as one reactor hears it: everything comes through one queue from its home, so the
// head only rises.
struct Channel {
  ConversationKey key;
  Seq head = 0;
  std::uint64_t subscription = 0;  // the request that is to confirm it
  std::uint64_t confirmed_at =
      0;  // when (Hub::stamp) the home was known to tell us; a head read later counts. 0: not yet
  std::uint32_t pins = 0;  // attachments under way that need it

  struct Listener {
    Session* session;
    Position* position;
    bool live;  // as position->live: the fan-out loop looks here only
  };

  std::vector<Listener> listeners;
  std::vector<PublishedPtr>
      ring;  // the last events, dense, up to the head; those before ring_first are forgotten
  std::size_t ring_first = 0;
  std::size_t ring_bytes = 0;

  void set_live(Position& position, bool live) noexcept {
    position.live = live;
    listeners[position.index].live = live;
  }
};

inline Seq Position::now() const noexcept {
  return live ? channel->head : at;
}

}  // namespace kith::delivery
