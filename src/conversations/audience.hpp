#pragma once

#include "conversations/entries.hpp"

#include <cstdint>
#include <optional>

namespace kith::conversations {

// One attempt at a message: a retry of it has the same id.
struct Attempt {
  MessageId id;
  std::uint64_t number = 0;  // rises at its home

  friend bool operator==(const Attempt&, const Attempt&) = default;
};

// A message that is not stored yet and waited long enough: it has no number, and may never get one.
struct EarlyMessage {
  ConversationKey key;
  MessageId id;
  std::uint64_t number = 0;  // with the id: this attempt
  UserId sender;
  ClientId client_id;
  std::string body;
  WallTime ts;
  Seq after = 0;    // not among the events up to here
  Seq follows = 0;  // the events up to here come before it: for whoever lacks one it comes too soon
  Origin origin;
  // The one before it in its conversation that is on its way too: whoever was not shown that one is
  // not shown this one. The session that sent it knows it, and goes by the last of somebody else.
  std::optional<Attempt> ahead;
  std::uint64_t ahead_session = 0;
  std::optional<Attempt> ahead_of_others;
  bool here = true;  // this node knows what becomes of it; else another does
};

// Who hears of a conversation's events: implemented by delivery/. One per reactor; called on it, in
// the order of each log.
class Audience {
 public:
  Audience() = default;
  Audience(const Audience&) = delete;
  Audience& operator=(const Audience&) = delete;
  virtual ~Audience() = default;
  virtual void publish(const Committed& committed) = 0;
  // What is shown is followed by the event or by retract().
  virtual void show_early(const EarlyMessage& message) = 0;
  // It is known not to be stored.
  virtual void retract(const ConversationKey& key, const MessageId& id) = 0;
  // The log reaches to `head` at least; by whom and when it was written is not known.
  virtual void learn(const ConversationKey& key, Seq head) = 0;
};

}  // namespace kith::conversations
