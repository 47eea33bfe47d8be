#include "conversations/objects.hpp"

#include "base/names.hpp"
#include "base/time.hpp"
#include "domain/body.hpp"
#include "domain/identity.hpp"
#include "domain/rights.hpp"

#include <algorithm>

namespace kith::conversations {

using wire::json::Writer;

// Ids and times need no escaping: their alphabets hold neither quote nor backslash.
void put(Writer& json, const domain::Cid& cid) {
  json.quoted([&](std::string& out) { base::append_text(out, cid); });
}

void put(Writer& json, const domain::MessageId& id) {
  json.quoted([&](std::string& out) { base::append_text(out, id); });
}

void put(Writer& json, domain::WallTime time) {
  json.quoted([&](std::string& out) { base::append_rfc3339(out, time); });
}

namespace {

using domain::EventKind;

void append_rights(Writer& json, domain::Kind kind, domain::Role role) {
  json.key("rights").begin_array();
  for (const auto right : domain::rights_of(kind, role))
    json.string(right);
  json.end_array();
}

// What every view of a conversation starts with.
void append_identity(Writer& json,
                     const domain::Conversation& conversation,
                     const std::vector<domain::UserId>& users) {
  put(json.key("cid"), conversation.cid);
  json.field("kind", domain::to_text(conversation.kind));
  if (!conversation.title.empty()) json.field("title", conversation.title);
  if (!conversation.external_id.empty()) json.field("external_id", conversation.external_id);
  json.key("custom").raw(conversation.custom.empty() ? "{}"
                                                     : std::string_view{conversation.custom});
  if (!users.empty()) {
    json.key("users").begin_array();
    for (const auto& user : users)
      json.string(user.str());
    json.end_array();
  }
}

}  // namespace

void append_message(Writer& json,
                    const base::Key16& id_key,
                    const domain::ConversationKey& key,
                    const domain::LogEvent& event) {
  append_message(json, domain::message_id(id_key, key, event.actor, event.client_id), key, event);
}

void append_message(Writer& json,
                    const domain::MessageId& id,
                    const domain::ConversationKey& key,
                    const domain::LogEvent& event) {
  append_message(json, id, key, ports::view_of(event));
}

void append_message(Writer& json,
                    const domain::MessageId& id,
                    const domain::ConversationKey& key,
                    const ports::MessageView& message) {
  json.begin_object();
  put(json.key("cid"), key.cid);
  if (message.seq == 0)
    json.key("seq").null().key("no").null();
  else
    json.field("seq", message.seq).field("no", message.no);
  put(json.key("id"), id);
  json.field("client_id", message.client_id).field("sender", message.sender);
  json.raw(domain::json_members(message.body));
  put(json.key("ts"), message.ts);
  json.end_object();
}

void append_event(Writer& json,
                  const base::Key16& id_key,
                  const domain::ConversationKey& key,
                  const domain::LogEvent& event) {
  if (event.kind == EventKind::message) return append_message(json, id_key, key, event);
  json.begin_object();
  put(json.key("cid"), key.cid);
  json.field("seq", event.seq);
  if (event.kind == EventKind::conversation_added) {
    json.raw(domain::json_members(event.body));
  } else if (event.kind == EventKind::conversation_updated) {
    json.raw(domain::json_members(event.body));
    if (!event.actor.empty()) json.field("actor", event.actor.str());
  } else if (event.kind == EventKind::conversation_removed) {
    json.key("conversation").begin_object();
    put(json.key("cid"), event.target);
    json.end_object();
  } else {
    json.field("user", event.subject.str()).field("role", domain::to_text(event.role));
    if (!event.actor.empty()) json.field("actor", event.actor.str());
  }
  put(json.key("ts"), event.ts);
  json.end_object();
}

void append_conversation(Writer& json,
                         const base::Key16& id_key,
                         domain::AppId app,
                         const ports::ListedConversation& listed) {
  const auto& conversation = listed.conversation;
  const auto& me = listed.member;
  json.begin_object();
  append_identity(json, conversation, listed.users);
  json.field("last_seq", conversation.last_seq).field("members", conversation.members);
  if (me.active()) {
    json.field("role", domain::to_text(me.role));
    append_rights(json, conversation.kind, me.role);
  }
  json.field("read_seq", me.read_seq);
  json.field("unread", conversation.last_no - std::min(conversation.last_no, me.read_no));
  if (listed.last_message) {
    json.key("last_message");
    append_message(json, id_key, {app, conversation.cid}, *listed.last_message);
  }
  put(json.key("created_at"), conversation.created_at);
  json.end_object();
}

void append_member(Writer& json, const domain::Member& member) {
  json.begin_object();
  json.field("user", member.user.str()).field("role", domain::to_text(member.role));
  put(json.key("joined_at"), member.joined_at);
  json.field("read_seq", member.read_seq).end_object();
}

std::string conversation_updated_body(const std::optional<std::string>& title,
                                      const std::optional<std::string>& custom) {
  std::string body(1, domain::body_version);
  Writer json{body};
  if (title) json.field("title", *title);
  if (custom) json.key("custom").raw(custom->empty() ? "{}" : std::string_view{*custom});
  return body;
}

std::string conversation_added_body(const domain::Conversation& conversation,
                                    domain::Role role,
                                    const std::vector<domain::UserId>& users) {
  std::string body(1, domain::body_version);
  Writer json{body};
  json.key("conversation").begin_object();
  append_identity(json, conversation, users);
  json.field("members", conversation.members).field("role", domain::to_text(role));
  put(json.key("created_at"), conversation.created_at);
  json.end_object();
  return body;
}

}  // namespace kith::conversations
