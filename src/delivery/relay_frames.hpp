#pragma once

#include "base/result.hpp"
#include "conversations/audience.hpp"
#include "delivery/published.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

// What nodes tell each other over the broker, as bytes: a version, the kind, who publishes, of
// which epoch, and what the kind holds; numbers little-endian, texts behind their length. The
// channel names the conversation.
namespace kith::delivery {

// An event that was committed.
struct EventFrame {
  conversations::Committed committed;
};

// The log reaches at least so far.
struct HeadFrame {
  Seq head = 0;
};

// A message that is shown before it is stored.
struct EarlyFrame {
  conversations::EarlyMessage message;
};

// It is known not to be stored.
struct RetractFrame {
  MessageId id;
};

// A link has subscribed: whoever thought to be alone here is not.
struct GreetingFrame {};

// Not durable: a packet for everybody who listens.
struct EphemeralFrame {
  std::string packet;
};

using RelayBody =
    std::variant<EventFrame, HeadFrame, EarlyFrame, RetractFrame, GreetingFrame, EphemeralFrame>;

struct RelayFrame {
  std::string publisher;  // a link's name: what it published comes back to it
  std::string epoch;      // of the database it speaks of
  RelayBody body;
};

std::string channel_of(const ConversationKey& key);
std::optional<ConversationKey> key_of(std::string_view channel);

std::string write_frame(const RelayFrame& frame);
// `validation_failed`: another version, or not a frame. `key` is the channel's.
base::Result<RelayFrame> read_frame(const ConversationKey& key, std::string_view bytes);
// Who published it, without reading the rest; empty if it is no frame.
std::string_view publisher_of(std::string_view bytes) noexcept;

}  // namespace kith::delivery
