#include "base/names.hpp"

#include "base/encoding.hpp"
#include "base/limits.hpp"

#include <algorithm>

namespace kith::base {
namespace {

bool is_clean(std::string_view text) {
  return is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

template <class Id>
Result<Id> parse_bytes(std::string_view text, std::size_t bytes_max, const char* complaint) {
  if (text.empty() || text.size() > bytes_max || !is_clean(text))
    return Fault{Errc::validation_failed, complaint};
  return Id{std::string{text}};
}

}  // namespace

Result<UserId> parse_user(std::string_view text) {
  if (text.empty() || text.size() > limits::user_chars_max * 4 || !is_clean(text) ||
      utf8_length(text) > limits::user_chars_max)
    return Fault{Errc::validation_failed,
                 "a user is named by 1 to 64 characters without control characters"};
  return UserId{std::string{text}};
}

Result<ClientId> parse_client_id(std::string_view text) {
  return parse_bytes<ClientId>(
      text, limits::client_id_bytes_max, "`client_id` is 1 to 64 bytes without control characters");
}

Result<DeviceId> parse_device(std::string_view text) {
  return parse_bytes<DeviceId>(
      text, limits::device_bytes_max, "`device` is 1 to 64 bytes without control characters");
}

Result<RoomName> parse_room(std::string_view text) {
  return parse_bytes<RoomName>(
      text, limits::room_bytes_max, "`room` is 1 to 128 bytes without control characters");
}

Result<std::string> parse_external_id(std::string_view text) {
  return parse_bytes<std::string>(text,
                                  limits::external_id_bytes_max,
                                  "`external_id` is 1 to 128 bytes without control characters");
}

void write_text(char* to, const Cid& cid) noexcept {
  *to++ = 'c';
  *to++ = '_';
  write_base64url(to, cid.view());
}

std::string to_text(const Cid& cid) {
  std::string out(cid_text_bytes, '\0');
  write_text(out.data(), cid);
  return out;
}

Result<Cid> parse_cid(std::string_view text) {
  if (text.size() == cid_text_bytes && text.starts_with("c_"))
    if (const auto raw = base64url_decode(text.substr(2)); raw && raw->size() == 16)
      return Cid::from_view(*raw);
  return Fault{Errc::not_found, "there is no such conversation for this user"};
}

void write_text(char* to, const MessageId& id) noexcept {
  write_base64url(to, id.view());
}

std::string to_text(const MessageId& id) {
  return base64url_encode(id.view());
}

}  // namespace kith::base
