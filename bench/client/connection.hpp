#pragma once

#include "client/pending.hpp"

#include <cstdint>
#include <string>

namespace kith::bench {

// One client. Its user is the scenario's business; `index` is its place in the Loop.
struct Connection {
  enum class State : std::uint8_t {
    closed,
    connecting,  // TCP
    upgrading,   // HTTP
    opening,     // until Engine.IO's open packet
    joining,     // until Socket.IO's CONNECT is answered
    greeting,    // until `hello`
    ready,
  };

  std::uint32_t index = 0;
  std::uint32_t session = 0;  // counts its connects
  std::uint32_t mask = 0;
  int fd = -1;
  State state = State::closed;
  bool waits_for_room = false;      // until the socket takes more
  bool is_dirty = false;            // has something to send in this turn
  std::int64_t began_ns = 0;        // of the connect
  std::uint32_t retry_after_s = 0;  // what the server asked for when it refused
  std::string in;                   // the beginning of a frame
  std::string out;
  std::size_t out_at = 0;
  std::string message;  // the fragments of one so far
  bool message_is_text = false;
  std::string event;  // whose attachments are awaited
  std::uint32_t attachments = 0;
  Pending pending;

  bool is_ready() const noexcept { return state == State::ready; }
};

}  // namespace kith::bench
