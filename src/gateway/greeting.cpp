#include "gateway/greeting.hpp"

#include "base/limits.hpp"
#include "base/names.hpp"

namespace kith::gateway {

namespace limits = base::limits;

void append_hello(wire::json::Writer& json, const Greeting& greeting) {
  json.begin_object()
      .field("user", greeting.identity.user.str())
      .field("app", greeting.identity.app_name);
  json.field("session", "s" + std::to_string(greeting.session));
  json.field("user_cid", base::to_text(greeting.user_cid)).field("epoch", greeting.epoch);
  json.field("server_time", base::to_rfc3339(greeting.now)).key("limits").begin_object();
  json.field("text_bytes_max", greeting.settings.text_bytes_max);
  json.field("custom_bytes_max", greeting.settings.custom_bytes_max);
  json.field("members_max", greeting.settings.members_max);
  json.field("payload_bytes_max", greeting.max_payload_bytes);
  json.field("history_page_max", limits::history_page_max);
  json.field("attachments_max", limits::attachments_max);
  json.end_object().key("features").begin_array();
  for (const auto& feature : greeting.features)
    json.string(feature->name());
  json.end_array().end_object();
}

std::string fault_json(const base::Fault& fault) {
  const auto& about = base::info(fault.code);
  std::string out;
  wire::json::Writer json{out};
  json.begin_object()
      .field("code", about.name)
      .field("message", fault.text)
      .field("retryable", about.retryable);
  if (fault.retry_after_ms > 0) json.field("retry_after_ms", fault.retry_after_ms);
  json.end_object();
  return out;
}

}  // namespace kith::gateway
