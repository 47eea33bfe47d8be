#pragma once

#include "delivery/published.hpp"

#include <cstdint>
#include <vector>

namespace kith::delivery {

class Session;
struct Channel;

// Where a session keeps a position; stays the same until it leaves the conversation.
using Slot = std::uint32_t;
// A place within a conversation: base::seq_max.
using ShortSeq = std::uint32_t;

// One session's place in one conversation. Live: its position is the channel's head, and nothing is
// counted per message. Small, because most of them only wait.
struct Position {
  Channel* channel = nullptr;  // none: the slot is free
  std::uint32_t index = 0;     // in channel->listeners
  ShortSeq from = 1;           // nothing below it is his
  ShortSeq at = 0;             // while behind: the last event handed to the session
  ShortSeq proved = 0;         // known to be received
  ShortSeq written = 0;        // handed to the store as cursor
  ShortSeq skip_to = 0;        // while behind: events up to here are not read but told as a gap

  bool live() const noexcept;
  Seq now() const noexcept;  // the last event handed out, live or not
};

// A conversation as one reactor hears it: everything comes through one queue from its home, so the
// head only rises.
struct Channel {
  ConversationKey key;
  std::uint32_t pins = 0;  // attachments under way that need it
  Seq head = 0;
  std::uint64_t subscription = 0;  // the request that is to confirm it
  std::uint64_t confirmed_at =
      0;  // when (Hub::stamp) the home was known to tell us; a head read later counts. 0: not yet

  struct Listener {
    Session* session;
    Slot slot;  // there
    bool live;  // the fan-out loop looks here only
  };

  std::vector<Listener> listeners;
  std::vector<PublishedPtr>
      ring;  // the last events, dense, up to the head; those before ring_first are forgotten
  std::uint32_t ring_first = 0;
  std::uint32_t ring_bytes = 0;

  void set_live(const Position& position, bool live) noexcept {
    listeners[position.index].live = live;
  }
};

static_assert(sizeof(Position) == 32 && sizeof(Channel::Listener) == 16,
              "a membership costs both: see bench/results");

inline bool Position::live() const noexcept {
  return channel->listeners[index].live;
}

inline Seq Position::now() const noexcept {
  return live() ? channel->head : at;
}

}  // namespace kith::delivery
