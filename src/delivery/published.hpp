#pragma once

#include "conversations/entries.hpp"
#include "wire/engineio/message.hpp"

#include <cstdint>
#include <memory>

namespace kith::delivery {

using conversations::Origin;
using domain::Cid;
using domain::ConversationKey;
using domain::DeviceId;
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
  wire::engineio::OutMessage frame;
};

using PublishedPtr = std::shared_ptr<const Published>;

PublishedPtr encode(const base::Key16& id_key,
                    const ConversationKey& key,
                    const domain::LogEvent& event,
                    Origin origin = {});

}  // namespace kith::delivery
