#include "commands/message_body.hpp"

#include "commands/arguments.hpp"
#include "domain/body.hpp"
#include "wire/json/writer.hpp"

#include <algorithm>

namespace kith::commands {
namespace {

namespace limits = base::limits;
using wire::json::Writer;

Result<void> write_type(Writer& json, Value args) {
  constexpr const char* complaint =
      "`type` is 1 to 32 of the characters a-z, 0-9, dot, dash and underscore";
  KITH_TRY(type, optional_text(args, "type", limits::type_bytes_max, complaint));
  const auto text = type.value_or("text");
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
  if (!plain) return Fault{Errc::validation_failed, complaint};
  json.field("type", text);
  return {};
}

Result<void> write_mentions(Writer& json, Value args) {
  KITH_TRY(mentions, users_of(args, "mentions", limits::mentions_max));
  if (mentions.empty()) return {};
  json.key("mentions").begin_array();
  for (const auto& user : mentions)
    json.string(user.str());
  json.end_array();
  return {};
}

Result<void> write_number(Writer& json, Value attachment, std::string_view name) {
  KITH_TRY(number, optional_seq(attachment, name, "an attachment's sizes are whole numbers"));
  if (number) json.field(name, *number);
  return {};
}

Result<void> write_attachment(Writer& json, Value attachment) {
  if (!attachment.is_object())
    return Fault{Errc::validation_failed, "an attachment is an object with url and mime"};
  KITH_TRY(
      url,
      optional_text(
          attachment, "url", limits::url_bytes_max, "an attachment's `url` is at most 2048 bytes"));
  KITH_TRY(mime,
           optional_text(attachment,
                         "mime",
                         limits::mime_bytes_max,
                         "an attachment's `mime` is at most 128 bytes"));
  KITH_TRY(name,
           optional_text(attachment,
                         "name",
                         limits::name_bytes_max,
                         "an attachment's `name` is at most 512 bytes"));
  if (!url || !mime || !(url->starts_with("https://") || url->starts_with("http://")))
    return Fault{Errc::validation_failed, "an attachment needs an http(s) `url` and a `mime` type"};
  json.begin_object().field("url", *url).field("mime", *mime);
  KITH_CHECK(write_number(json, attachment, "bytes"));
  if (name) json.field("name", *name);
  KITH_CHECK(write_number(json, attachment, "width"));
  KITH_CHECK(write_number(json, attachment, "height"));
  json.end_object();
  return {};
}

// True if there are any.
Result<bool> write_attachments(Writer& json, Value args) {
  const auto value = args.find("attachments");
  if (!value || value->is_null() || (value->is_array() && value->size() == 0)) return false;
  if (!value->is_array() || value->size() > limits::message_attachments_max)
    return Fault{Errc::validation_failed, "`attachments` is an array of at most 10"};
  json.key("attachments").begin_array();
  for (const auto attachment : value->items())
    KITH_CHECK(write_attachment(json, attachment));
  json.end_array();
  return true;
}

}  // namespace

Result<std::string> message_body(Value args, const AppSettings& settings) {
  constexpr std::size_t envelope_bytes = 48;  // about: names and type around a text
  std::string body(1, domain::body_version);
  Writer json{body};
  KITH_CHECK(write_type(json, args));
  KITH_TRY(text,
           optional_text(args,
                         "text",
                         settings.text_bytes_max,
                         "`text` is a string without NUL of at most text_bytes_max bytes"));
  if (text) {
    body.reserve(envelope_bytes + text->size());
    json.field("text", *text);
  }
  KITH_TRY(reply_to, optional_seq(args, "reply_to", "`reply_to` is the seq of a message"));
  if (reply_to) json.field("reply_to", *reply_to);
  KITH_CHECK(write_mentions(json, args));
  KITH_TRY(attached, write_attachments(json, args));
  KITH_TRY(custom, custom_of(args, settings.custom_bytes_max));
  if (!custom.empty()) json.key("custom").raw(custom);
  if (!attached && custom.empty() && (!text || text->empty()))
    return Fault{Errc::validation_failed, "a message needs `text`, `attachments` or `custom`"};
  if (const auto silent = args.find("silent"); silent && !silent->is_null()) {
    if (!silent->is_bool()) return Fault{Errc::validation_failed, "`silent` is true or false"};
    if (*silent->as_bool()) json.field("silent", true);
  }
  return body;
}

}  // namespace kith::commands
