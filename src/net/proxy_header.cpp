#include "net/proxy_header.hpp"

#include "base/limits.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace kith::net {
namespace {

using State = ProxyHeader::State;

constexpr std::string_view signature_1 = "PROXY ";
constexpr std::string_view signature_2{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t line_bytes_max = 107;  // with its end, by the specification
constexpr std::size_t head_2_bytes = 16;
constexpr ProxyHeader more{};
constexpr ProxyHeader wrong{.state = State::wrong, .length = 0, .source = {}};

bool is_port(std::string_view text) noexcept {
  unsigned port = 0;
  const auto* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, port);
  return !text.empty() && error == std::errc{} && at == end && port <= 0xffff &&
         (text.size() == 1 || text.front() != '0');
}

// `TCP4 192.0.2.1 198.51.100.1 4711 443`. Nothing: it is no such line.
std::optional<base::IpAddress> read_line(std::string_view line) noexcept {
  std::array<std::string_view, 5> words;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto blank = line.find(' ');
    if ((blank == std::string_view::npos) != (i + 1 == words.size())) return std::nullopt;
    words[i] = line.substr(0, blank);
    line.remove_prefix(i + 1 == words.size() ? line.size() : blank + 1);
  }
  const bool v6 = words[0] == "TCP6";
  if (!v6 && words[0] != "TCP4") return std::nullopt;
  const auto is_family = [v6](std::string_view text) {
    return (text.find(':') != std::string_view::npos) == v6;
  };
  if (!is_family(words[1]) || !is_family(words[2]) || !is_port(words[3]) || !is_port(words[4]) ||
      !base::IpAddress::parse(words[2]))
    return std::nullopt;
  return base::IpAddress::parse(words[1]);
}

ProxyHeader read_1(std::string_view bytes) noexcept {
  const auto line_feed = bytes.substr(0, line_bytes_max).find('\n');
  if (line_feed == std::string_view::npos) return bytes.size() < line_bytes_max ? more : wrong;
  if (bytes[line_feed - 1] != '\r') return wrong;
  const auto line = bytes.substr(signature_1.size(), line_feed - 1 - signature_1.size());
  ProxyHeader header{.state = State::done, .length = line_feed + 1, .source = {}};
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return header;
  header.source = read_line(line);
  return header.source ? header : wrong;
}

std::uint8_t byte_at(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<std::uint8_t>(bytes[at]);
}

// The source of what is described; none unless it is TCP. False: less is there than must be.
bool read_source(std::string_view described, std::uint8_t kind, ProxyHeader& header) noexcept {
  constexpr std::uint8_t tcp4 = 0x11;
  constexpr std::uint8_t tcp6 = 0x21;
  const auto at = [described](std::size_t i) { return byte_at(described, i); };
  if (kind == tcp4) {
    if (described.size() < 12) return false;
    header.source = base::IpAddress::v4(at(0), at(1), at(2), at(3));
  } else if (kind == tcp6) {
    if (described.size() < 36) return false;
    base::IpAddress source;
    for (std::size_t i = 0; i < source.bytes.size(); ++i)
      source.bytes[i] = at(i);
    header.source = source;
  }
  return true;
}

ProxyHeader read_2(std::string_view bytes) noexcept {
  constexpr std::uint8_t local = 0x20;  // version 2, command LOCAL
  constexpr std::uint8_t proxy = 0x21;
  constexpr std::uint8_t kinds_end = 0x33;
  if (bytes.size() <= signature_2.size()) return more;
  const auto command = byte_at(bytes, 12);
  if (command != local && command != proxy) return wrong;
  if (bytes.size() < head_2_bytes) return more;
  const auto kind = byte_at(bytes, 13);
  if (kind >= kinds_end || (kind & 0x0f) > 2) return wrong;
  const auto length =
      head_2_bytes + static_cast<std::size_t>(byte_at(bytes, 14) << 8 | byte_at(bytes, 15));
  if (length > base::limits::proxy_header_bytes_max) return wrong;
  if (bytes.size() < length) return more;
  ProxyHeader header{.state = State::done, .length = length, .source = {}};
  if (command == local) return header;
  const auto described = bytes.substr(head_2_bytes, length - head_2_bytes);
  return read_source(described, kind, header) ? header : wrong;
}

bool may_begin(std::string_view bytes, std::string_view signature) noexcept {
  return bytes.substr(0, signature.size()) == signature.substr(0, bytes.size());
}

}  // namespace

ProxyHeader read_proxy_header(std::string_view bytes) noexcept {
  if (bytes.empty()) return more;
  if (may_begin(bytes, signature_2)) return read_2(bytes);
  if (!may_begin(bytes, signature_1)) return wrong;
  return bytes.size() < signature_1.size() ? more : read_1(bytes);
}

}  // namespace kith::net
