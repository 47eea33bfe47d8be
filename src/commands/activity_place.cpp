#include "commands/activity_place.hpp"

#include "base/encoding.hpp"
#include "commands/arguments.hpp"

#include <charconv>

namespace kith::commands {

std::string to_token(const Place& place) {
  std::string raw = std::to_string(place.first.ms);
  raw += '.';
  raw += place.second.view();
  return base::base64url_encode(raw);
}

Result<std::optional<Place>> place_of(Value args) {
  constexpr const char* complaint = "`next` is what the page before gave: pass it on unchanged";
  constexpr std::size_t token_bytes_max = 128;
  KITH_TRY(token, optional_text(args, "next", token_bytes_max, complaint));
  if (!token) return std::nullopt;
  const auto raw = base::base64url_decode(*token);
  const auto dot = raw ? raw->find('.') : std::string::npos;
  Place place;
  if (dot == std::string::npos || raw->size() != dot + 1 + place.second.bytes.size())
    return Fault{Errc::validation_failed, complaint};
  const auto [end, error] = std::from_chars(raw->data(), raw->data() + dot, place.first.ms);
  if (error != std::errc{} || end != raw->data() + dot)
    return Fault{Errc::validation_failed, complaint};
  place.second = Cid::from_view(std::string_view{*raw}.substr(dot + 1));
  return std::optional{place};
}

}  // namespace kith::commands
