#include "rest/operations.hpp"

#include "base/assert.hpp"
#include "base/fault.hpp"
#include "base/limits.hpp"
#include "rest/limits.hpp"

#include <algorithm>
#include <array>

namespace kith::rest {
namespace {

namespace limits = base::limits;

constexpr std::string_view conversation = R"({"$ref": "#/components/schemas/Conversation"})";

constexpr std::string_view changed = R"({
  "type": "object", "required": ["seq"],
  "properties": {"seq": {"$ref": "#/components/schemas/Place", "description": "of the event that says so; 0: nothing has changed"}}
})";

constexpr std::array table{
    Operation{"limits.get",
              "Every limit a caller can meet; with a token or key those of the application",
              {},
              R"({
  "type": "object", "required": ["text_bytes_max", "custom_bytes_max", "members_max", "deliver_within"],
  "properties": {"deliver_within": {"oneOf": [{"const": "committed"}, {"type": "integer", "minimum": 0}]}},
  "additionalProperties": {"type": "integer", "minimum": 0}
})"},
    Operation{"openapi.get",
              "This file",
              {},
              R"({"type": "object", "required": ["openapi", "paths", "components"]})"},
    Operation{"conversation.create",
              "Make a group; who asks is its owner",
              R"({
  "type": "object",
  "properties": {
    "kind": {"const": "group"},
    "title": {"type": "string", "maxLength": "@title_chars_max"},
    "members": {"type": "array", "maxItems": "@members_per_request_max", "items": {"$ref": "#/components/schemas/User"}},
    "custom": {"type": "object"},
    "external_id": {"type": "string", "minLength": 1, "maxLength": "@external_id_bytes_max"},
    "client_id": {"$ref": "#/components/schemas/ClientId"}
  }
})",
              conversation},
    Operation{"conversation.get", "A conversation, as its member sees it", {}, conversation},
    Operation{"conversation.update",
              "Change title and custom data: JSON merge patch",
              R"({
  "type": "object",
  "properties": {
    "title": {"type": ["string", "null"], "maxLength": "@title_chars_max"},
    "custom": {"type": ["object", "null"]}
  }
})",
              changed},
    Operation{"conversation.list", "A user's conversations, the latest activity first", {}, R"({
  "type": "object", "required": ["conversations"],
  "properties": {
    "conversations": {"type": "array", "maxItems": "@list_page_max", "items": {"$ref": "#/components/schemas/Conversation"}},
    "next": {"type": "string", "description": "of the page that follows; absent at the end"}
  }
})"},
    Operation{"message.history", "Messages, ascending", {}, R"({
  "type": "object", "required": ["messages", "head"],
  "properties": {
    "messages": {"type": "array", "maxItems": "@history_page_max", "items": {"$ref": "#/components/schemas/Message"}},
    "next": {"$ref": "#/components/schemas/Place", "description": "the `after` of the page that follows; absent at the end"},
    "prev": {"$ref": "#/components/schemas/Place", "description": "the `before` of the page ahead; absent at the beginning"},
    "head": {"$ref": "#/components/schemas/Place"},
    "stale": {"const": true, "description": "the database does not answer: the newest that are in memory"}
  }
})"},
    Operation{"message.send",
              "Send a message; one of `text`, `attachments` and `custom` has to be there",
              R"({
  "type": "object",
  "properties": {
    "client_id": {"$ref": "#/components/schemas/ClientId"},
    "type": {"type": "string", "pattern": "^[a-z0-9._-]+$", "maxLength": "@type_bytes_max", "default": "text"},
    "text": {"type": "string", "maxLength": "@text_bytes_max"},
    "custom": {"type": "object"},
    "reply_to": {"$ref": "#/components/schemas/Place"},
    "mentions": {"type": "array", "maxItems": "@mentions_max", "items": {"$ref": "#/components/schemas/User"}},
    "silent": {"type": "boolean"},
    "attachments": {"type": "array", "maxItems": "@message_attachments_max", "items": {"$ref": "#/components/schemas/Attachment"}}
  }
})",
              R"({
  "type": "object", "required": ["id", "cid", "seq", "no", "ts", "duplicate"],
  "properties": {
    "id": {"$ref": "#/components/schemas/MessageId"},
    "cid": {"$ref": "#/components/schemas/Cid"},
    "seq": {"$ref": "#/components/schemas/Place"},
    "no": {"$ref": "#/components/schemas/Place"},
    "ts": {"$ref": "#/components/schemas/Time"},
    "duplicate": {"type": "boolean", "description": "it was stored before, as an earlier request with this key or `client_id`"}
  }
})"},
    Operation{"member.list", "Members, in byte order of their ids", {}, R"({
  "type": "object", "required": ["members"],
  "properties": {
    "members": {"type": "array", "items": {
      "type": "object", "required": ["user", "role", "joined_at", "read_seq"],
      "properties": {
        "user": {"$ref": "#/components/schemas/User"},
        "role": {"$ref": "#/components/schemas/Role"},
        "joined_at": {"$ref": "#/components/schemas/Time"},
        "read_seq": {"$ref": "#/components/schemas/Place"}
      }
    }},
    "next": {"type": "string", "description": "of the page that follows; absent at the end"}
  }
})"},
    Operation{"member.add",
              "Add members to a group",
              R"({
  "type": "object", "required": ["users"],
  "properties": {
    "users": {"type": "array", "maxItems": "@members_per_request_max", "items": {"$ref": "#/components/schemas/User"}},
    "role": {"$ref": "#/components/schemas/Role"}
  }
})",
              R"({
  "type": "object", "required": ["added"],
  "properties": {"added": {"type": "array", "items": {"$ref": "#/components/schemas/User"}, "description": "who was not a member before"}}
})"},
    Operation{"member.update",
              "Give a member another role; `owner` hands the group over",
              R"({
  "type": "object", "required": ["user", "role"],
  "properties": {"user": {"$ref": "#/components/schemas/User"}, "role": {"$ref": "#/components/schemas/Role"}}
})",
              changed},
    Operation{"member.remove",
              "Remove a member; anyone may remove himself",
              R"({
  "type": "object",
  "properties": {"user": {"$ref": "#/components/schemas/User"}}
})",
              changed},
    Operation{"receipt.read",
              "Mark as read up to an event",
              R"({
  "type": "object", "required": ["seq"],
  "properties": {"seq": {"$ref": "#/components/schemas/Place"}}
})",
              R"({
  "type": "object", "required": ["cursors", "total_unread"],
  "properties": {
    "cursors": {"type": "array", "items": {
      "type": "object", "required": ["cid", "seq"],
      "properties": {"cid": {"$ref": "#/components/schemas/Cid"}, "seq": {"$ref": "#/components/schemas/Place"}}
    }},
    "total_unread": {"type": "integer", "minimum": 0}
  }
})"},
    Operation{"token.create",
              "Make a token for a user; with a server key",
              R"({
  "type": "object",
  "properties": {
    "ttl_s": {"type": "integer", "minimum": 1, "maximum": "@token_ttl_s_max"},
    "name": {"type": "string", "maxLength": "@name_chars_max"},
    "avatar": {"type": "string", "maxLength": "@avatar_bytes_max"}
  }
})",
              R"({
  "type": "object", "required": ["token", "expires_at"],
  "properties": {"token": {"type": "string"}, "expires_at": {"$ref": "#/components/schemas/Time"}}
})"},
    Operation{"session.revoke",
              "End all sessions of a user and refuse the tokens issued until now; with a server "
              "key. `code` "
              "is what his clients are told: session_revoked, kicked or banned",
              {},
              R"({
  "type": "object", "required": ["revoked_at", "sessions"],
  "properties": {
    "revoked_at": {"$ref": "#/components/schemas/Time"},
    "sessions": {"type": "integer", "minimum": 0, "description": "that were connected, and are closed"}
  }
})"},
    Operation{"presence.get", "Who is there, of those one shares a conversation with", {}, R"({
  "type": "object", "required": ["users"],
  "properties": {"users": {"type": "array", "items": {
    "type": "object", "required": ["user", "status"],
    "properties": {
      "user": {"$ref": "#/components/schemas/User"},
      "status": {"enum": ["online", "away", "busy", "offline"]},
      "last_seen": {"$ref": "#/components/schemas/Time"}
    }
  }}}
})"},
};

constexpr std::string_view components =
    R"("Cid": {"type": "string", "pattern": "^c_[A-Za-z0-9_-]{22}$"},
"MessageId": {"type": "string", "pattern": "^[A-Za-z0-9_-]{22}$"},
"ClientId": {"type": "string", "minLength": 1, "maxLength": "@client_id_bytes_max"},
"User": {"type": "string", "minLength": 1, "maxLength": "@user_chars_max"},
"Role": {"enum": ["owner", "admin", "moderator", "member"]},
"Place": {"type": "integer", "minimum": 0, "maximum": 9007199254740991},
"Time": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$", "description": "RFC 3339, UTC, milliseconds"},
"Attachment": {
  "type": "object", "required": ["url", "mime"],
  "properties": {
    "url": {"type": "string", "pattern": "^https?://", "maxLength": "@url_bytes_max"},
    "mime": {"type": "string", "maxLength": "@mime_bytes_max"},
    "name": {"type": "string", "maxLength": "@name_bytes_max"},
    "bytes": {"$ref": "#/components/schemas/Place"},
    "width": {"$ref": "#/components/schemas/Place"},
    "height": {"$ref": "#/components/schemas/Place"}
  }
},
"Message": {
  "type": "object", "required": ["cid", "seq", "no", "id", "client_id", "sender", "type", "ts"],
  "properties": {
    "cid": {"$ref": "#/components/schemas/Cid"},
    "seq": {"$ref": "#/components/schemas/Place"},
    "no": {"$ref": "#/components/schemas/Place"},
    "id": {"$ref": "#/components/schemas/MessageId"},
    "client_id": {"type": "string"},
    "sender": {"$ref": "#/components/schemas/User"},
    "type": {"type": "string"},
    "text": {"type": "string"},
    "reply_to": {"$ref": "#/components/schemas/Place"},
    "mentions": {"type": "array", "items": {"$ref": "#/components/schemas/User"}},
    "attachments": {"type": "array", "items": {"$ref": "#/components/schemas/Attachment"}},
    "custom": {"type": "object"},
    "silent": {"const": true},
    "ts": {"$ref": "#/components/schemas/Time"}
  }
},
"Conversation": {
  "type": "object", "required": ["cid", "kind", "custom", "last_seq", "members", "read_seq", "unread", "created_at"],
  "properties": {
    "cid": {"$ref": "#/components/schemas/Cid"},
    "kind": {"enum": ["group", "direct"]},
    "title": {"type": "string"},
    "external_id": {"type": "string"},
    "custom": {"type": "object"},
    "users": {"type": "array", "items": {"$ref": "#/components/schemas/User"}, "description": "both, of a one-to-one conversation"},
    "last_seq": {"$ref": "#/components/schemas/Place"},
    "members": {"type": "integer", "minimum": 0},
    "role": {"$ref": "#/components/schemas/Role"},
    "rights": {"type": "array", "items": {"type": "string"}},
    "read_seq": {"$ref": "#/components/schemas/Place"},
    "unread": {"type": "integer", "minimum": 0},
    "last_message": {"$ref": "#/components/schemas/Message"},
    "created_at": {"$ref": "#/components/schemas/Time"}
  }
},
"Problem": {
  "type": "object", "required": ["code", "message", "retryable", "status", "title", "detail"],
  "properties": {
    "code": {"enum": [@codes]},
    "message": {"type": "string"},
    "retryable": {"type": "boolean"},
    "retry_after_ms": {"type": "integer", "minimum": 1},
    "status": {"type": "integer", "minimum": 400, "maximum": 599},
    "title": {"type": "string"},
    "detail": {"type": "string"}
  }
})";

constexpr std::array named{
    Limit{"title_chars_max", limits::title_chars_max},
    Limit{"members_per_request_max", limits::members_per_request_max},
    Limit{"external_id_bytes_max", limits::external_id_bytes_max},
    Limit{"list_page_max", limits::list_page_max},
    Limit{"history_page_max", limits::history_page_max},
    Limit{"type_bytes_max", limits::type_bytes_max},
    Limit{"text_bytes_max", limits::text_bytes_max},
    Limit{"mentions_max", limits::mentions_max},
    Limit{"message_attachments_max", limits::message_attachments_max},
    Limit{"token_ttl_s_max", limits::token_ttl_s_max},
    Limit{"name_chars_max", limits::name_chars_max},
    Limit{"avatar_bytes_max", limits::avatar_bytes_max},
    Limit{"client_id_bytes_max", limits::client_id_bytes_max},
    Limit{"user_chars_max", limits::user_chars_max},
    Limit{"url_bytes_max", limits::url_bytes_max},
    Limit{"mime_bytes_max", limits::mime_bytes_max},
    Limit{"name_bytes_max", limits::name_bytes_max},
};

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

std::string codes() {
  std::string list;
  for (std::size_t i = 0; i < base::errc_count; ++i) {
    if (i > 0) list += ", ";
    list.append("\"").append(base::info(static_cast<base::Errc>(i)).name).append("\"");
  }
  return list;
}

std::string_view name_of(const Route& route) {
  switch (route.action) {
    case Action::limits:
      return "limits.get";
    case Action::openapi:
      return "openapi.get";
    case Action::make_token:
      return "token.create";
    case Action::revoke:
      return "session.revoke";
    case Action::run:
    case Action::mark_read:
      break;
  }
  return route.command;
}

}  // namespace

const Operation& operation_of(const Route& route) {
  const auto name = name_of(route);
  const auto at = std::find_if(
      table.begin(), table.end(), [&](const auto& operation) { return operation.name == name; });
  KITH_ASSERT(at != table.end());
  return *at;
}

std::span<const Operation> operations() {
  return table;
}

std::string component_schemas() {
  auto text = with_limits(components);
  replace_all(text, "@codes", codes());
  return text;
}

std::string with_limits(std::string_view schema) {
  std::string text{schema};
  for (const auto& limit : named)
    replace_all(
        text, std::string{"\"@"}.append(limit.name).append("\""), std::to_string(limit.value));
  return text;
}

}  // namespace kith::rest
