#include "server/settings.hpp"

#include "base/ip_address.hpp"
#include "delivery/network.hpp"
#include "net/endpoint.hpp"
#include "wire/json/parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>

namespace kith::server {
namespace {

constexpr std::uint32_t day_ms = 86'400'000;
constexpr std::string_view committed = "committed";

// Short names for the table: a place in Config, a place in AppSettings.
#define KITH_AT(member) [](Config& c) -> Slot { return &c.member; }, nullptr
#define KITH_APP_AT(member) nullptr, [](AppSettings& a) -> Slot { return &a.member; }

// clang-format off
constexpr std::array table{
    Setting{"server.listen", KITH_AT(server.listen), 0, 0, Format::endpoint, {}, "Address and port clients connect to. Port 0 picks a free one, which the ready line prints. Under `--dev` it must be a loopback address."},
    Setting{"server.admin_listen", KITH_AT(server.admin_listen), 0, 0, Format::endpoint_or_none, {}, "Address and port of the operators' routes (`/metrics`). Keep it private. Empty: none."},
    Setting{"server.reactors", KITH_AT(server.reactors), 0, delivery::reactors_max, {}, {}, "Threads that serve connections. 0: one for each core this process may use, by its affinity and the quota of its control group (cgroup v2, as `docker run --cpus` sets it)."},
    Setting{"server.data_dir", KITH_AT(server.data_dir), 0, 0, {}, {}, "Folder of the database, the lock and the control socket; made with mode 0700. The same as `--data`."},
    Setting{"server.drain_over_ms", KITH_AT(server.drain_over_ms), 0, 3'600'000, {}, {}, "At SIGTERM clients are told to move (`session.move`) and closed spread over this time, and served until then; 0: all at once. A second SIGTERM ends the wait."},
    Setting{"server.tls_cert_file", KITH_AT(server.tls_cert_file), 0, 0, Format::any_or_none, {}, "Certificate chain (PEM, the server's first) for clients' connections, read again at SIGHUP; relative to the data folder. Empty: no TLS here."},
    Setting{"server.tls_key_file", KITH_AT(server.tls_key_file), 0, 0, Format::any_or_none, {}, "Its key (PEM, without a password)."},
    Setting{"server.tls_handshake_timeout_ms", KITH_AT(server.tls_handshake_timeout_ms), 100, 600'000, {}, {}, "How long a connection may take until it is encrypted."},
    Setting{"server.trusted_proxies", KITH_AT(server.trusted_proxies), 0, 0, Format::networks, {}, "Addresses of load balancers and proxies, as `10.0.0.0/8` or `2001:db8::7`: what they say of their clients' addresses (`X-Forwarded-For`, the PROXY protocol) is believed. Whoever can reach the server from there must be one of them."},
    Setting{"server.proxy_protocol", KITH_AT(server.proxy_protocol), 0, 0, {}, {}, "Connections from `server.trusted_proxies` begin with a header of the PROXY protocol, version 1 or 2, and are closed without; those from elsewhere have none."},
    Setting{"store.url", KITH_AT(store.url), 0, 0, Format::store_url, {}, "The database: `sqlite:FILE`, relative to the data folder."},
    Setting{"store.commit_linger_us", KITH_AT(store.commit_linger_us), 0, base::limits::lane_linger_us_max, {}, {}, "How long a transaction waits for more messages while they come faster than commits. Whoever sends alone never waits; 0: nobody does."},
    Setting{"socketio.ping_interval_ms", KITH_AT(socketio.ping_interval_ms), 100, day_ms, {}, {}, "Time between heartbeats."},
    Setting{"socketio.ping_timeout_ms", KITH_AT(socketio.ping_timeout_ms), 100, day_ms, {}, {}, "How long the answer to a heartbeat may take before the connection counts as dead."},
    Setting{"socketio.upgrade_timeout_ms", KITH_AT(socketio.upgrade_timeout_ms), 100, day_ms, {}, {}, "How long a change from polling to WebSocket may take."},
    Setting{"socketio.connect_timeout_ms", KITH_AT(socketio.connect_timeout_ms), 100, day_ms, {}, {}, "How long a new connection may take until it is authenticated."},
    Setting{"socketio.max_payload_bytes", KITH_AT(socketio.max_payload_bytes), 1'024, wire::json::Parser::capacity_bytes_limit, {}, {}, "Largest packet or polling body a client may send."},
    Setting{"socketio.allow_eio3", KITH_AT(socketio.allow_eio3), 0, 0, {}, {}, "Serve clients of version 2 too (Engine.IO 3)."},
    Setting{"socketio.cors_origins", KITH_AT(socketio.cors_origins), 0, 0, Format::origins, "*", "Origins whose pages may connect, as `https://chat.example.org`; `*`: any. A WebSocket's Origin is checked too. Empty: pages of the server's own origin only."},
    Setting{"socketio.transports", KITH_AT(socketio.transports), 0, 0, Format::transports, {}, "Transports offered: `polling`, `websocket` or both."},
    Setting{"socketio.recovery_ms", KITH_AT(socketio.recovery_ms), 0, day_ms, {}, {}, "How long a connection that was lost can be recovered (Socket.IO's connection state recovery): a client that comes back with its `pid` has its session and its id again, and is sent what it missed of its conversations. 0: not at all; every client gets what it missed by its cursors anyway."},
    Setting{"socketio.recovery_bytes_max", KITH_AT(socketio.recovery_bytes_max), 1'024, 1'000'000'000, {}, {}, "Memory for lost connections that can be recovered, in all; beyond, the oldest can not."},
    Setting{"socketio.cookie", KITH_AT(socketio.cookie), 0, 0, Format::cookie_name, {}, "Name of a cookie with the session's id, set when a session begins with polling: for load balancers that keep a session on one server by it. The server never reads it; listed `socketio.cors_origins` may then send credentials. Empty: none."},
    Setting{"socketio.cookie_path", KITH_AT(socketio.cookie_path), 0, 0, Format::cookie_path, {}, "Its `Path`."},
    Setting{"socketio.cookie_http_only", KITH_AT(socketio.cookie_http_only), 0, 0, {}, {}, "Whether it is `HttpOnly`: scripts can not read it."},
    Setting{"socketio.cookie_same_site", KITH_AT(socketio.cookie_same_site), 0, 0, Format::same_site, {}, "Its `SameSite`: `lax`, `strict` or `none`; with `none` it is `Secure` too."},
    Setting{"limits.user_messages_per_s", KITH_AT(limits.user_messages_per_s), 0, 1'000'000, {}, "0", "Messages a user may send in a second, over all of his connections to this node and with his token over REST; a second's worth at once. 0: no limit."},
    Setting{"limits.user_commands_per_s", KITH_AT(limits.user_commands_per_s), 0, 1'000'000, {}, "0", "Events of any kind, and requests with his token, of a user in a second, likewise. 0: no limit."},
    Setting{"limits.connection_messages_per_s", KITH_AT(limits.connection_messages_per_s), 0, 1'000'000, {}, {}, "Messages of one connection in a second. 0: no limit but its user's."},
    Setting{"limits.connection_commands_per_s", KITH_AT(limits.connection_commands_per_s), 0, 1'000'000, {}, "0", "Events of any kind of one connection in a second. 0: no limit but its user's."},
    Setting{"limits.address_handshakes_per_s", KITH_AT(limits.address_handshakes_per_s), 0, 1'000'000, {}, "0", "New sessions and refused tokens of one address in a second (IPv6: of a /64), a second's worth at once; beyond, 429 with `Retry-After`. Addresses of this machine are not counted; behind a proxy set `server.trusted_proxies`, or all clients have one address. 0: as they come."},
    Setting{"limits.handshakes_pending_max", KITH_AT(limits.handshakes_pending_max), 1, 10'000'000, {}, "100000", "Connections not yet authenticated, in all."},
    Setting{"limits.handshakes_per_s", KITH_AT(limits.handshakes_per_s), 0, 1'000'000, {}, "0", "New connections admitted in a second, in all; who comes beyond gets 503 with `Retry-After`, and a stock client tries again by itself. 0: as they come."},
    Setting{"limits.connections_max", KITH_AT(limits.connections_max), 0, 10'000'000, {}, {}, "Connections at a time, in all, and as many sessions; 0: as many as the limit of open files leaves."},
    Setting{"limits.catchup_events_max", KITH_AT(limits.catchup_events_max), 1, 10'000'000, {}, {}, "Events pushed to a device that comes back, in all; the oldest conversations get `conversation.gap` instead."},
    Setting{"limits.slow_reader_timeout_ms", KITH_AT(limits.slow_reader_timeout_ms), 100, day_ms, {}, {}, "A connection that does not read what is due to it is closed when nothing went out for so long."},
    Setting{"rooms.gather_us", KITH_AT(rooms.gather_us), 0, base::limits::room_gather_us_max, {}, {}, "Where 2,000 messages a second and more go to rooms over one reactor, it looks at its sockets at most that often, and what came meanwhile leaves together, that of a room that is not whole yet one look later: a third of the CPU for as much latency, of all it serves. 0: as they come."},
    Setting{"log.level", KITH_AT(log.level), 0, 0, Format::log_level, {}, "`debug`, `info`, `warning` or `error`."},
    Setting{"log.json", KITH_AT(log.json), 0, 0, {}, {}, "Log lines as JSON objects instead of `key=value`."},
};

constexpr std::array app_table{
    Setting{"text_bytes_max", KITH_APP_AT(text_bytes_max), 1, base::limits::text_bytes_max, {}, {}, "Longest text of a message."},
    Setting{"custom_bytes_max", KITH_APP_AT(custom_bytes_max), 0, base::limits::custom_bytes_max, {}, {}, "Largest `custom` of a message or conversation."},
    Setting{"members_max", KITH_APP_AT(members_max), 2, base::limits::members_max, {}, {}, "Members of a group."},
    Setting{"deliver_within", KITH_APP_AT(deliver_within), 0, base::limits::lane_wait_ms_max, {}, {}, "Milliseconds a message waits for the database before those who are connected see it, with `\"seq\": null` until it is stored; 0: it never waits. `\"committed\"`: it is seen when it is stored."},
    Setting{"messages_per_s", KITH_APP_AT(messages_per_s), 0, 10'000'000, {}, {}, "Messages in a second of all users and server keys of an application together, on this node. 0: no limit."},
    Setting{"commands_per_s", KITH_APP_AT(commands_per_s), 0, 10'000'000, {}, {}, "Events and requests of any kind in a second of all users and server keys of an application together, on this node. 0: no limit."},
    Setting{"features.receipts", KITH_APP_AT(features.receipts), 0, 0, {}, {}, "Reading marks and ticks: `receipt.*`, `message.read`, `message.delivered`, `unread.updated`. Switched off, their commands answer `feature_disabled` and their events are not sent; so with those below."},
    Setting{"features.typing", KITH_APP_AT(features.typing), 0, 0, {}, {}, "Who is writing: `typing.*`."},
    Setting{"features.presence", KITH_APP_AT(features.presence), 0, 0, {}, {}, "Who is there, and when he was last seen: `presence.*`."},
    Setting{"features.rooms", KITH_APP_AT(features.rooms), 0, 0, {}, {}, "Ephemeral rooms: `room.*`."},
    Setting{"jwks_file", KITH_APP_AT(jwks_file), 0, 0, Format::file_or_none, {}, "A JWK set (RFC 7517) of public keys that may sign the application's tokens with RS256, ES256 or EdDSA, besides its own signing keys; relative to the data folder. Under `[app_defaults]` those keys sign for every application. Empty: none."},
};
// clang-format on

#undef KITH_AT
#undef KITH_APP_AT

const Setting* find_in(std::span<const Setting> list, std::string_view key) {
  const auto at =
      std::find_if(list.begin(), list.end(), [&](const Setting& s) { return s.key == key; });
  return at == list.end() ? nullptr : &*at;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> allowed) {
  return std::find(allowed.begin(), allowed.end(), text) != allowed.end();
}

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

bool is_path_char(char c) {
  return c > ' ' && c < 0x7f && c != ';';
}

bool is_origin(std::string_view text) {
  if (text == "*") return true;
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos || !is_one_of(text.substr(0, scheme), {"http", "https"}))
    return false;
  const auto host = text.substr(scheme + 3);
  return !host.empty() && host.find_first_of("/?# ") == std::string_view::npos;
}

// Nothing: fits.
std::optional<std::string> misfit(Format format, std::string_view text) {
  switch (format) {
    case Format::any:
      return text.empty() ? std::optional<std::string>{"must not be empty"} : std::nullopt;
    case Format::any_or_none:
      return std::nullopt;
    case Format::endpoint_or_none:
      if (text.empty()) return std::nullopt;
      [[fallthrough]];
    case Format::endpoint:
      if (net::parse_endpoint(text).has_value()) return std::nullopt;
      return fmt::format("must be ADDRESS:PORT, as 127.0.0.1:8080 or [::1]:8080, not \"{}\"", text);
    case Format::store_url:
      // The value is not repeated: another database's URL may hold a password.
      if (!text.starts_with("sqlite:") || text.size() == 7) return "must be sqlite:FILE";
      return std::nullopt;
    case Format::log_level:
      if (!is_one_of(text, {"debug", "info", "warning", "error"}))
        return fmt::format("must be debug, info, warning or error, not \"{}\"", text);
      return std::nullopt;
    case Format::cookie_name:
      if (std::all_of(text.begin(), text.end(), is_token_char)) return std::nullopt;
      return "must be letters, digits, - and _";
    case Format::cookie_path:
      if (text.starts_with('/') && std::all_of(text.begin(), text.end(), is_path_char))
        return std::nullopt;
      return "must begin with / and hold no blank, ; or control character";
    case Format::same_site:
      if (is_one_of(text, {"lax", "strict", "none"})) return std::nullopt;
      return fmt::format("must be lax, strict or none, not \"{}\"", text);
    case Format::networks:
      if (base::IpNetwork::parse(text)) return std::nullopt;
      return fmt::format("may list addresses and networks, as 10.0.0.0/8, not \"{}\"", text);
    case Format::transports:
      if (!is_one_of(text, {"polling", "websocket"}))
        return fmt::format("may list polling and websocket, not \"{}\"", text);
      return std::nullopt;
    case Format::origins:
      if (!is_origin(text))
        return fmt::format("may list origins as https://chat.example.org, or *, not \"{}\"", text);
      return std::nullopt;
    case Format::file_or_none:
      return std::nullopt;
  }
  return std::nullopt;
}

Outcome<void> set(const Setting& setting, std::uint32_t* slot, const RawValue& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr)
    return Problem{
        .text = fmt::format("must be a whole number from {} to {}", setting.least, setting.most)};
  if (*number < setting.least || *number > setting.most)
    return Problem{
        .text = fmt::format("must be from {} to {}, not {}", setting.least, setting.most, *number)};
  *slot = static_cast<std::uint32_t>(*number);
  return {};
}

Outcome<void> set(const Setting& setting, OptionalNumber* slot, const RawValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text != nullptr && *text == committed) {
    slot->reset();
    return {};
  }
  std::uint32_t number = 0;
  if (auto problem = set(setting, &number, value); problem.has_error())
    return Problem{.text = problem.error().text + ", or \"committed\""};
  *slot = number;
  return {};
}

Outcome<void> set(const Setting& /*setting*/, bool* slot, const RawValue& value) {
  const auto* truth = std::get_if<bool>(&value);
  if (truth == nullptr) return Problem{.text = "must be true or false"};
  *slot = *truth;
  return {};
}

Outcome<void> set(const Setting& setting, std::string* slot, const RawValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return Problem{.text = "must be a text in quotes"};
  if (auto complaint = misfit(setting.format, *text)) return Problem{.text = std::move(*complaint)};
  *slot = *text;
  return {};
}

Outcome<void> set(const Setting& setting, std::vector<std::string>* slot, const RawValue& value) {
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  if (list == nullptr) return Problem{.text = "must be a list of texts, as [\"a\", \"b\"]"};
  for (const auto& text : *list)
    if (auto complaint = misfit(setting.format, text))
      return Problem{.text = std::move(*complaint)};
  if (setting.format == Format::transports && list->empty())
    return Problem{.text = "must list polling, websocket or both"};
  *slot = *list;
  return {};
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = text.find(',');
    auto part = text.substr(0, comma);
    while (part.starts_with(' '))
      part.remove_prefix(1);
    while (part.ends_with(' '))
      part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return parts;
}

RawValue read_text(Slot slot, std::string_view text) {
  if (std::holds_alternative<std::uint32_t*>(slot) ||
      std::holds_alternative<OptionalNumber*>(slot)) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size()) return number;
    return std::string{text};
  }
  if (std::holds_alternative<bool*>(slot)) {
    if (is_one_of(text, {"true", "1"})) return true;
    if (is_one_of(text, {"false", "0"})) return false;
    return std::string{text};
  }
  if (std::holds_alternative<std::vector<std::string>*>(slot)) return split_list(text);
  return std::string{text};
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      out += fmt::format("\\u{:04x}", byte);
    else
      out += c;
  }
  return out += '"';
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::span<const Setting> settings() {
  return table;
}

std::span<const Setting> app_settings() {
  return app_table;
}

const Setting* find_setting(std::string_view key) {
  return find_in(table, key);
}

const Setting* find_app_setting(std::string_view key) {
  return find_in(app_table, key);
}

std::string environment_name(std::string_view key) {
  std::string name = "KITH_";
  for (const char c : key)
    name +=
        c == '.' || c == '-' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  return name;
}

Outcome<void> assign(const Setting& setting, Slot slot, const RawValue& value) {
  return std::visit([&](auto* at) { return set(setting, at, value); }, slot);
}

Outcome<void> assign_text(const Setting& setting, Slot slot, std::string_view text) {
  return assign(setting, slot, read_text(slot, text));
}

std::string to_toml(Slot slot) {
  if (auto** number = std::get_if<std::uint32_t*>(&slot)) return fmt::format("{}", **number);
  if (auto** number = std::get_if<OptionalNumber*>(&slot))
    return **number ? fmt::format("{}", ***number) : quoted(committed);
  if (auto** truth = std::get_if<bool*>(&slot)) return **truth ? "true" : "false";
  if (auto** text = std::get_if<std::string*>(&slot)) return quoted(**text);
  std::string out = "[";
  for (const auto& text : *std::get<std::vector<std::string>*>(slot)) {
    if (out.size() > 1) out += ", ";
    out += quoted(text);
  }
  return out += ']';
}

std::string to_toml_without_secrets(const Setting& setting, Slot slot) {
  auto** text = std::get_if<std::string*>(&slot);
  if (setting.format != Format::store_url || text == nullptr) return to_toml(slot);
  const auto scheme = (*text)->find("://");
  const auto host = (*text)->rfind('@');
  const auto password = scheme == std::string::npos ? scheme : (*text)->find(':', scheme + 3);
  if (host == std::string::npos || password == std::string::npos || password > host)
    return to_toml(slot);
  return quoted((*text)->substr(0, password + 1) + "***" + (*text)->substr(host));
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  KITH_ASSERT(!candidates.empty());
  // A key without its table is as near as one with a single edit.
  const auto distance = [&](std::string_view key) {
    return std::min(edit_distance(word, key),
                    edit_distance(word, key.substr(key.rfind('.') + 1)) + 1);
  };
  return *std::min_element(candidates.begin(), candidates.end(), [&](const auto& a, const auto& b) {
    return distance(a) < distance(b);
  });
}

}  // namespace kith::server
