#pragma once

#include "base/crypto.hpp"
#include "domain/types.hpp"

#include <string_view>

// Names that every node computes alike: SipHash-2-4 under the store's `id_key`, over parts with
// their lengths before them.
namespace kith::domain {

// The conversation of two users; their order does not matter.
Cid direct_cid(const base::Key16& id_key, AppId app, const UserId& a, const UserId& b);
// A user's own log.
Cid user_cid(const base::Key16& id_key, AppId app, const UserId& user);
// A group made with a `client_id`: a retry names the same one.
Cid group_cid(const base::Key16& id_key,
              AppId app,
              const UserId& creator,
              const ClientId& client_id);
// A message: the same for every retry, and no other sender can make it.
MessageId message_id(const base::Key16& id_key,
                     const ConversationKey& key,
                     const UserId& sender,
                     const ClientId& client_id);
MessageId message_id(const base::Key16& id_key,
                     const ConversationKey& key,
                     std::string_view sender,
                     std::string_view client_id);

// A client id for a sender that gave none: 21 characters, ordered by time. `random` is 64 bits of
// chance.
ClientId make_client_id(WallTime now, std::uint64_t random);

}  // namespace kith::domain
