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
  json.field("server_time", base::to_rfc3339(greeting.now));
  json.key("limits").raw(greeting.offer.limits).key("features").raw(greeting.offer.features);
  json.end_object();
}

Offer make_offer(const commands::AppSettings& settings,
                 std::size_t max_payload_bytes,
                 const commands::Features& features) {
  Offer offer;
  wire::json::Writer{offer.limits}
      .begin_object()
      .field("text_bytes_max", settings.text_bytes_max)
      .field("custom_bytes_max", settings.custom_bytes_max)
      .field("members_max", settings.members_max)
      .field("payload_bytes_max", max_payload_bytes)
      .field("history_page_max", limits::history_page_max)
      .field("attachments_max", limits::attachments_max)
      .end_object();
  wire::json::Writer names{offer.features};
  names.begin_array();
  commands::each_feature(
      features, settings.features_off, [&](auto& feature) { names.string(feature.name()); });
  names.end_array();
  return offer;
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
