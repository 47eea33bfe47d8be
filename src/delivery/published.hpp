#pragma once

#include "conversations/audience.hpp"
#include "wire/engineio/message.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace kith::delivery {

using conversations::Origin;
using domain::Cid;
using domain::ConversationKey;
using domain::DeviceId;
using domain::MessageId;
using domain::Seq;
using domain::UserId;
using domain::UserKey;

// An event on its way to the sessions of one reactor: encoded once, shared by all.
struct Published {
  ConversationKey key;
  Seq seq = 0;
  domain::EventKind kind{};
  UserId subject;                // of member events
  std::uint64_t actor_hash = 0;  // of who did it: sent the message
  Cid target;                    // of a user's own log
  Origin origin;                 // gets the answer instead
  domain::MessageId id;          // of a message, as the next two
  domain::No no = 0;
  domain::WallTime ts;
  wire::engineio::OutMessage frame;
};

using PublishedPtr = std::shared_ptr<const Published>;

// `id`: of a message, where it is known.
PublishedPtr encode(const base::Key16& id_key,
                    const ConversationKey& key,
                    const domain::LogEvent& event,
                    Origin origin = {},
                    const std::optional<MessageId>& id = std::nullopt);

// message.stored: the number of a message that was shown early.
wire::engineio::OutMessage encode_stored(const Published& published);

// A message on its way to sessions before it is stored.
struct Early {
  conversations::EarlyMessage message;
  wire::engineio::OutMessage frame;  // message.new with neither seq nor no
};

using EarlyPtr = std::shared_ptr<const Early>;

EarlyPtr encode_early(conversations::EarlyMessage message);
wire::engineio::OutMessage encode_retracted(const ConversationKey& key, const MessageId& id);

}  // namespace kith::delivery
