#pragma once

#include "base/ids.hpp"
#include "base/time.hpp"
#include "wire/engineio/message.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace kith::features::rooms {

// A message in the form that leaves: a text and its attachments.
struct Frames {
  std::vector<wire::engineio::OutMessage> parts;
  std::size_t bytes = 0;

  void add(wire::engineio::OutMessage part) {
    bytes += part.frame_bytes();
    parts.push_back(std::move(part));
  }
};

using FramesPtr = std::shared_ptr<const Frames>;

// For whom: everyone in the room, or one user's sessions; and the sender if he wants a copy.
struct Address {
  std::uint64_t sender = 0;  // 0: no session
  bool echo = false;
  base::UserId only;
};

struct Message {
  FramesPtr frames;
  Address address;
};

using Messages = std::vector<Message>;

// What is said in one room and has not left. A write to a socket costs more than what is in it:
// where people speak at the same time, the first one's words wait a moment for those of the others.
// Whoever speaks alone never waits.
class Outgoing {
 public:
  // True: it waits, no longer than `window`. False: all that waits is to leave now, and this one.
  bool add(Message message, base::Instant now, base::Duration window);
  // As `add`, for what must not wait.
  void add_last(Message message);

  bool empty() const noexcept { return messages_.empty(); }

  const Messages& messages() const noexcept { return messages_; }

  void clear() noexcept;  // they have left

  bool listed = false;  // the room's home will look at it soon

 private:
  Messages messages_;
  std::size_t bytes_ = 0;
  base::Instant spoken_at_{};  // when somebody did last
  std::uint32_t count_ = 0;    // of the window that is open; 0: none is
  bool pays_ = false;          // in the last one somebody spoke who did not open it
  bool spoken_ = false;
};

}  // namespace kith::features::rooms
