#pragma once

#include <string_view>

// The small grammar that HTTP header fields share (RFC 9110, 5.6).
namespace kith::wire::http {

bool is_token_char(char c) noexcept;
// At least one character, all of them token characters.
bool is_token(std::string_view text) noexcept;
// ASCII letters compare without case, all other bytes exactly.
bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;
// Without blanks and tabs at both ends.
std::string_view trim(std::string_view text) noexcept;
// Is `token` an element of a comma-separated list, without regard to case?
bool has_token(std::string_view list, std::string_view token) noexcept;

}  // namespace kith::wire::http
