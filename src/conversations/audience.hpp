#pragma once

#include "conversations/entries.hpp"

#include <cstdint>
#include <optional>

namespace kith::conversations {

// A message that is not stored yet and waited long enough: it has no number, and may never get one.
struct EarlyMessage {
  ConversationKey key;
  MessageId id;
  UserId sender;
  ClientId client_id;
  std::string body;
  WallTime ts;
  Seq after = 0;  // not among the events up to here
  Origin origin;
  // The one before it in its conversation that is on its way too: whoever was not shown that one is
  // not shown this one. Its sender's session knows it by itself.
  std::optional<MessageId> ahead;
  std::uint64_t ahead_session = 0;
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
