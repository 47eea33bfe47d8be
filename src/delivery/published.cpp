#include "delivery/published.hpp"

#include "conversations/objects.hpp"
#include "domain/identity.hpp"
#include "wire/socketio/encode.hpp"

namespace kith::delivery {

using wire::engineio::OutMessage;

PublishedPtr encode(const base::Key16& id_key,
                    const ConversationKey& key,
                    const domain::LogEvent& event,
                    Origin origin,
                    const std::optional<MessageId>& known) {
  constexpr std::size_t envelope_bytes = 256;  // names, ids and times around the body
  OutMessage::Builder builder{OutMessage::Builder::Kind::text, event.body.size() + envelope_bytes};
  auto json = wire::socketio::begin_event(builder.buffer(), domain::to_text(event.kind));
  domain::MessageId id;
  if (event.kind == domain::EventKind::message) {
    id = known ? *known : domain::message_id(id_key, key, event.actor, event.client_id);
    conversations::append_message(json, id, key, event);
  } else {
    conversations::append_event(json, id_key, key, event);
  }
  json.end_array();
  return std::make_shared<const Published>(Published{.key = key,
                                                     .seq = event.seq,
                                                     .kind = event.kind,
                                                     .subject = event.subject,
                                                     .actor_hash = base::KeyHash{}(event.actor),
                                                     .target = event.target,
                                                     .origin = origin,
                                                     .id = id,
                                                     .no = event.no,
                                                     .ts = event.ts,
                                                     .frame = std::move(builder).finish()});
}

OutMessage encode_stored(const Published& published) {
  OutMessage::Builder builder{OutMessage::Builder::Kind::text, 192};
  auto json = wire::socketio::begin_event(builder.buffer(), "message.stored");
  conversations::put(json.begin_object().key("cid"), published.key.cid);
  conversations::put(json.key("id"), published.id);
  json.field("seq", published.seq).field("no", published.no);
  conversations::put(json.key("ts"), published.ts);
  json.end_object();
  json.end_array();
  return std::move(builder).finish();
}

EarlyPtr encode_early(conversations::EarlyMessage message) {
  constexpr std::size_t envelope_bytes = 256;
  OutMessage::Builder builder{OutMessage::Builder::Kind::text,
                              message.body.size() + envelope_bytes};
  auto json =
      wire::socketio::begin_event(builder.buffer(), domain::to_text(domain::EventKind::message));
  conversations::append_message(json,
                                message.id,
                                message.key,
                                {.kind = domain::EventKind::message,
                                 .actor = message.sender,
                                 .client_id = message.client_id,
                                 .ts = message.ts,
                                 .body = message.body});
  json.end_array();
  return std::make_shared<const Early>(
      Early{.message = std::move(message), .frame = std::move(builder).finish()});
}

OutMessage encode_retracted(const ConversationKey& key, const MessageId& id) {
  OutMessage::Builder builder{OutMessage::Builder::Kind::text, 128};
  auto json = wire::socketio::begin_event(builder.buffer(), "message.retracted");
  conversations::put(json.begin_object().key("cid"), key.cid);
  conversations::put(json.key("id"), id);
  json.end_object();
  json.end_array();
  return std::move(builder).finish();
}

}  // namespace kith::delivery
