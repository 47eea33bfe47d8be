#include "delivery/published.hpp"

#include "conversations/objects.hpp"
#include "wire/socketio/encode.hpp"

namespace kith::delivery {

PublishedPtr encode(const base::Key16& id_key,
                    const ConversationKey& key,
                    const domain::LogEvent& event,
                    Origin origin) {
  using wire::engineio::OutMessage;
  constexpr std::size_t envelope_bytes = 256;  // names, ids and times around the body
  OutMessage::Builder builder{OutMessage::Builder::Kind::text, event.body.size() + envelope_bytes};
  auto json = wire::socketio::begin_event(builder.buffer(), domain::to_text(event.kind));
  conversations::append_event(json, id_key, key, event);
  json.end_array();
  return std::make_shared<const Published>(Published{.key = key,
                                                     .seq = event.seq,
                                                     .kind = event.kind,
                                                     .subject = event.subject,
                                                     .actor_hash = base::KeyHash{}(event.actor),
                                                     .target = event.target,
                                                     .origin = origin,
                                                     .frame = std::move(builder).finish()});
}

}  // namespace kith::delivery
