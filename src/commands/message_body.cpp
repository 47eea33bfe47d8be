#include "commands/message_body.hpp"

#include "commands/arguments.hpp"
#include "domain/body.hpp"
#include "wire/json/writer.hpp"

#include <algorithm>
#include <iterator>

namespace kith::commands {
namespace {

namespace limits = base::limits;
using wire::json::Writer;

// True if it is the type of a note.
Result<bool> write_type(Writer& json, Value args) {
  constexpr const char* complaint =
      "`type` is 1 to 32 of the characters a-z, 0-9, dot, dash and underscore";
  KITH_TRY(type, optional_text(args, "type", limits::type_bytes_max, complaint));
  const auto text = type.value_or("text");
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
  if (!plain) return Fault{Errc::validation_failed, complaint};
  json.field("type", text);
  return text == "system" || text.starts_with("system.");
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

// What could be no address is refused: it is shown as a link.
bool is_web_address(std::string_view url) {
  constexpr std::string_view schemes[] = {"https://", "http://"};
  return std::any_of(std::begin(schemes),
                     std::end(schemes),
                     [url](std::string_view scheme) {
                       return url.starts_with(scheme) && url.size() > scheme.size();
                     }) &&
         std::all_of(url.begin(), url.end(), [](unsigned char c) { return c > 0x20 && c != 0x7f; });
}

// `type/subtype`, and perhaps parameters.
bool is_mime(std::string_view mime) {
  const auto slash = mime.find('/');
  return slash != 0 && slash != std::string_view::npos && slash + 1 < mime.size() &&
         std::all_of(mime.begin(), mime.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
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
  if (!url || !mime || !is_web_address(*url) || !is_mime(*mime))
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

Result<std::optional<Seq>> reply_of(Value args) {
  constexpr const char* complaint = "`reply_to` is the seq of a message, from 1";
  KITH_TRY(reply_to, optional_seq(args, "reply_to", complaint));
  if (reply_to == Seq{0}) return Fault{Errc::validation_failed, complaint};
  return reply_to;
}

Result<bool> silent_of(Value args) {
  const auto silent = said(args, "silent");
  if (silent && !silent->is_bool())
    return Fault{Errc::validation_failed, "`silent` is true or false"};
  return silent && *silent->as_bool();
}

}  // namespace

Result<MessageBody> message_body(Value args, const AppSettings& settings, bool server_key) {
  constexpr std::size_t envelope_bytes = 48;  // about: names and type around a text
  MessageBody made{std::string(1, domain::body_version)};
  auto& body = made.bytes;
  Writer json{body};
  KITH_TRY(is_note, write_type(json, args));
  if (is_note && !server_key)
    return Fault{Errc::forbidden,
                 "types that begin with `system` are for server keys: choose another `type`"};
  KITH_TRY(text,
           optional_text(args,
                         "text",
                         settings.text_bytes_max,
                         "`text` is a string without NUL of at most text_bytes_max bytes"));
  if (text) {
    body.reserve(envelope_bytes + text->size());
    json.field("text", *text);
  }
  KITH_TRY(reply_to, reply_of(args));
  if (reply_to) json.field("reply_to", *reply_to);
  KITH_CHECK(write_mentions(json, args));
  KITH_TRY(attached, write_attachments(json, args));
  KITH_TRY(custom, custom_of(args, settings.custom_bytes_max));
  if (!custom.empty()) json.key("custom").raw(custom);
  if (!attached && custom.empty() && (!text || text->empty()))
    return Fault{Errc::validation_failed, "a message needs `text`, `attachments` or `custom`"};
  KITH_TRY(silent, silent_of(args));
  if (silent) json.field("silent", true);
  made.counted = !silent && !is_note;
  return made;
}

}  // namespace kith::commands
