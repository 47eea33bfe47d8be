#include "rest/limits.hpp"

#include "base/limits.hpp"
#include "wire/json/writer.hpp"

#include <array>

namespace kith::rest {
namespace {

namespace limits = base::limits;

// What an application can lower is not here: it comes from its settings.
constexpr std::array constant{
    Limit{"user_chars_max", limits::user_chars_max},
    Limit{"name_chars_max", limits::name_chars_max},
    Limit{"avatar_bytes_max", limits::avatar_bytes_max},
    Limit{"client_id_bytes_max", limits::client_id_bytes_max},
    Limit{"device_bytes_max", limits::device_bytes_max},
    Limit{"external_id_bytes_max", limits::external_id_bytes_max},
    Limit{"type_bytes_max", limits::type_bytes_max},
    Limit{"title_chars_max", limits::title_chars_max},
    Limit{"mentions_max", limits::mentions_max},
    Limit{"message_attachments_max", limits::message_attachments_max},
    Limit{"url_bytes_max", limits::url_bytes_max},
    Limit{"mime_bytes_max", limits::mime_bytes_max},
    Limit{"name_bytes_max", limits::name_bytes_max},
    Limit{"members_per_request_max", limits::members_per_request_max},
    Limit{"users_per_request_max", limits::users_per_request_max},
    Limit{"cursors_max", limits::cursors_max},
    Limit{"history_page_max", limits::history_page_max},
    Limit{"history_page_bytes_max", limits::history_page_bytes_max},
    Limit{"list_page_max", limits::list_page_max},
    Limit{"behind_events_max", limits::behind_events_max},
    Limit{"token_bytes_max", limits::token_bytes_max},
    Limit{"token_ttl_s_max", limits::token_ttl_s_max},
    Limit{"in_flight_commands_max", limits::in_flight_commands_max},
    Limit{"pending_acks_max", limits::pending_acks_max},
    Limit{"attachments_max", limits::attachments_max},
    Limit{"attachments_timeout_ms", limits::attachments_timeout_ms},
    Limit{"refusals_max", limits::refusals_max},
    Limit{"refusals_per_s", limits::refusals_per_s},
    Limit{"json_depth_max", limits::json_depth_max},
    Limit{"payload_packets_max", limits::payload_packets_max},
    Limit{"namespace_bytes_max", limits::namespace_bytes_max},
    Limit{"connect_attempts_max", limits::connect_attempts_max},
    Limit{"websocket_fragments_max", limits::websocket_fragments_max},
    Limit{"outbox_high_bytes", limits::outbox_high_bytes},
    Limit{"room_bytes_max", limits::room_bytes_max},
    Limit{"presence_watched_max", limits::presence_watched_max},
    Limit{"typing_per_session_max", limits::typing_per_session_max},
    Limit{"typing_members_max", limits::typing_members_max},
    Limit{"ticks_members_max", limits::ticks_members_max},
    Limit{"sync_changed_max", limits::sync_changed_max},
    Limit{"list_page_bytes_max", limits::list_page_bytes_max},
    Limit{"syncs_per_connection_max", limits::syncs_per_connection_max},
    Limit{"rooms_per_session_max", limits::rooms_per_session_max},
    Limit{"room_members_max", limits::room_members_max},
    Limit{"http_line_bytes_max", limits::http_line_bytes_max},
    Limit{"http_head_bytes_max", limits::http_head_bytes_max},
    Limit{"http_headers_max", limits::http_headers_max},
    Limit{"http_query_pairs_max", limits::http_query_pairs_max},
    Limit{"http_pipeline_max", limits::http_pipeline_max},
    Limit{"http_head_timeout_ms", limits::http_head_timeout_ms},
    Limit{"http_body_timeout_ms", limits::http_body_timeout_ms},
    Limit{"http_idle_timeout_ms", limits::http_idle_timeout_ms},
    Limit{"rest_body_bytes_max", limits::rest_body_bytes_max},
    Limit{"rest_bodies_bytes_max", limits::rest_bodies_bytes_max},
    Limit{"rest_in_flight_max", limits::rest_in_flight_max},
    Limit{"idempotency_keys_max", limits::idempotency_keys_max},
    Limit{"idempotency_bytes_max", limits::idempotency_bytes_max},
    Limit{"idempotency_kept_s", limits::idempotency_kept_s},
    Limit{"revoked_users_max", limits::revoked_users_max},
};

}  // namespace

std::string limits_json(const commands::AppSettings& app, std::span<const Limit> settings) {
  std::string text;
  wire::json::Writer json{text};
  json.begin_object()
      .field("text_bytes_max", app.text_bytes_max)
      .field("custom_bytes_max", app.custom_bytes_max)
      .field("members_max", app.members_max)
      .field("app_messages_per_s", app.messages_per_s)
      .field("app_commands_per_s", app.commands_per_s);
  json.key("deliver_within");
  if (app.deliver_within)
    json.integer(
        std::chrono::duration_cast<std::chrono::milliseconds>(*app.deliver_within).count());
  else
    json.string("committed");
  for (const auto& limit : settings)
    json.field(limit.name, limit.value);
  for (const auto& limit : constant)
    json.field(limit.name, limit.value);
  json.end_object();
  return text;
}

}  // namespace kith::rest
