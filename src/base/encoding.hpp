#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kith::base {

// Base64 with the standard alphabet and padding (RFC 4648, 4).
std::string base64_encode(std::string_view bytes);
void append_base64(std::string& out, std::string_view bytes);
// Strict: padding required, no white space, trailing bits zero. Nothing on a violation.
std::optional<std::string> base64_decode(std::string_view text);

// Base64 for URLs, without padding (RFC 4648, 5).
std::string base64url_encode(std::string_view bytes);
void append_base64url(std::string& out, std::string_view bytes);
// The same into a place that has room for it; gives its end.
char* write_base64url(char* to, std::string_view bytes) noexcept;
std::optional<std::string> base64url_decode(std::string_view text);

std::string hex_encode(std::string_view bytes);

// Valid UTF-8 by RFC 3629: no overlong forms, no surrogates, at most U+10FFFF.
bool is_utf8(std::string_view text) noexcept;
// Code points; the text must be valid UTF-8.
std::size_t utf8_length(std::string_view text) noexcept;
// UTF-16 code units, what JavaScript calls `length`; the text must be valid UTF-8.
std::size_t utf16_length(std::string_view text) noexcept;

}  // namespace kith::base
