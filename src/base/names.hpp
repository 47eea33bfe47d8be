#pragma once

#include "base/ids.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

// Names from outside become ids here, and nowhere else: valid UTF-8, no control characters, no NUL,
// within their limit.
namespace kith::base {

Result<UserId> parse_user(std::string_view text);              // 1 to 64 characters
Result<ClientId> parse_client_id(std::string_view text);       // 1 to 64 bytes
Result<DeviceId> parse_device(std::string_view text);          // 1 to 64 bytes
Result<RoomName> parse_room(std::string_view text);            // 1 to 128 bytes
Result<std::string> parse_external_id(std::string_view text);  // 1 to 128 bytes

// `c_` and 22 characters of base64url. To write: into a place of that size.
inline constexpr std::size_t cid_text_bytes = 24;
std::string to_text(const Cid& cid);
void write_text(char* to, const Cid& cid) noexcept;
// A malformed cid names nothing: `not_found`, as an unknown one does.
Result<Cid> parse_cid(std::string_view text);

// 22 characters of base64url.
inline constexpr std::size_t message_id_text_bytes = 22;
std::string to_text(const MessageId& id);
void write_text(char* to, const MessageId& id) noexcept;

}  // namespace kith::base
