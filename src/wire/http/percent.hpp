#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kith::wire::http {

// A path or a segment of one. Strict: nothing for a `%` without two hex digits and for `%00`. `+`
// stays. The result may hold any other bytes, also `/` and invalid UTF-8.
std::optional<std::string> percent_decode(std::string_view text);

// A name or a value of application/x-www-form-urlencoded: `+` is a blank, and a `%` without two hex
// digits stands for itself, as browsers and Node read it.
std::string form_decode(std::string_view text);

}  // namespace kith::wire::http
