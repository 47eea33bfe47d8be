#include "net/endpoint.hpp"

#include "net/socket_address.hpp"

#include <charconv>

namespace kith::net {
namespace {

constexpr base::Fault bad_endpoint{base::Errc::validation_failed,
                                   "write ADDRESS:PORT, as 127.0.0.1:8080 or [::1]:8080"};

}  // namespace

base::Result<Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad_endpoint;
  std::string_view address = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);

  Endpoint endpoint;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (port.empty() || error != std::errc{} || end != port.data() + port.size()) return bad_endpoint;

  // An IPv6 address without brackets leaves open where the port begins.
  const bool bracketed = address.size() > 2 && address.front() == '[' && address.back() == ']';
  if (bracketed) address = address.substr(1, address.size() - 2);
  if (bracketed != (address.find(':') != std::string_view::npos)) return bad_endpoint;
  if (address.find('\0') != std::string_view::npos) return bad_endpoint;
  endpoint.address = address == "localhost" ? "127.0.0.1" : address;
  if (!to_socket_address(endpoint)) return bad_endpoint;
  return endpoint;
}

std::string to_text(const Endpoint& endpoint) {
  const bool v6 = endpoint.address.find(':') != std::string::npos;
  return (v6 ? "[" + endpoint.address + "]" : endpoint.address) + ":" +
         std::to_string(endpoint.port);
}

bool is_loopback(const Endpoint& endpoint) {
  return endpoint.address.starts_with("127.") || endpoint.address == "::1";
}

}  // namespace kith::net
