#include "wire/http/etag.hpp"

#include "wire/http/tokens.hpp"

namespace kith::wire::http {
namespace {

std::string_view without_weakness(std::string_view etag) noexcept {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  return etag;
}

}  // namespace

bool etag_matches(std::string_view if_none_match, std::string_view etag) noexcept {
  const std::string_view wanted = without_weakness(etag);
  std::string_view rest = trim(if_none_match);
  if (rest == "*") return true;
  while (!rest.empty()) {
    rest = without_weakness(rest);
    if (!rest.starts_with('"')) return false;
    // A tag may hold commas: it ends at its quote.
    const std::size_t quote = rest.find('"', 1);
    if (quote == std::string_view::npos) return false;
    if (rest.substr(0, quote + 1) == wanted) return true;
    rest = trim(rest.substr(quote + 1));
    if (!rest.empty() && rest.front() != ',') return false;
    while (!rest.empty() && rest.front() == ',')
      rest = trim(rest.substr(1));
  }
  return false;
}

}  // namespace kith::wire::http
