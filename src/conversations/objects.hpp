#pragma once

#include "base/crypto.hpp"
#include "domain/types.hpp"
#include "ports/store.hpp"
#include "wire/json/writer.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The objects of the protocol (docs/protocol.md, 5), written one way for events, history, lists and
// REST.
namespace kith::conversations {

// A value by itself: an id, a time.
void put(wire::json::Writer& json, const domain::Cid& cid);
void put(wire::json::Writer& json, const domain::MessageId& id);
void put(wire::json::Writer& json, domain::WallTime time);

// {cid, seq, no, id, client_id, sender, type, text…, ts}: what a message's sender brought is
// spliced in as it is stored. Without a number (seq 0) both seq and no are null: it is not stored.
void append_message(wire::json::Writer& json,
                    const domain::MessageId& id,
                    const domain::ConversationKey& key,
                    const ports::MessageView& message);
void append_message(wire::json::Writer& json,
                    const domain::MessageId& id,
                    const domain::ConversationKey& key,
                    const domain::LogEvent& event);
void append_message(wire::json::Writer& json,
                    const base::Key16& id_key,
                    const domain::ConversationKey& key,
                    const domain::LogEvent& event);

// The body of any event of a log: a message as above, {cid, seq, user, role, actor, ts} of members,
// {cid, seq, title?, custom?, actor, ts} of what changed, and {cid, seq, conversation, ts} of a
// user's own log.
void append_event(wire::json::Writer& json,
                  const base::Key16& id_key,
                  const domain::ConversationKey& key,
                  const domain::LogEvent& event);

// {cid, kind, title, …, role, rights, read_seq, unread, last_message}: a conversation as one member
// sees it.
void append_conversation(wire::json::Writer& json,
                         const base::Key16& id_key,
                         domain::AppId app,
                         const ports::ListedConversation& listed);

// {user, role, joined_at, read_seq}
void append_member(wire::json::Writer& json, const domain::Member& member);

// The stored body of conversation.updated: what has changed, as it is now.
std::string conversation_updated_body(const std::optional<std::string>& title,
                                      const std::optional<std::string>& custom);

// The stored body of conversation.added in the own log of a new member; `users`: both, of a direct
// conversation.
std::string conversation_added_body(const domain::Conversation& conversation,
                                    domain::Role role,
                                    const std::vector<domain::UserId>& users);

}  // namespace kith::conversations
