#include "server/endpoint.hpp"

#include <fmt/format.h>

#include <charconv>

namespace kith::server {

Outcome<Endpoint> parse_endpoint(std::string_view text) {
  const Problem problem{
      .text =
          fmt::format("must be ADDRESS:PORT, as 127.0.0.1:8080 or [::1]:8080, not \"{}\"", text)};
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return problem;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']') && host.size() > 2)
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return problem;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return problem;
  const bool clean =
      !host.empty() && host.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-%_") ==
                           std::string_view::npos;
  if (!clean) return problem;
  return Endpoint{std::string{host}, port};
}

bool is_loopback(const Endpoint& endpoint) {
  const std::string_view host = endpoint.host;
  if (host == "localhost" || host == "::1") return true;
  return host.starts_with("127.") &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace kith::server
