#include "server/reload.hpp"

#include "server/settings.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <type_traits>
#include <variant>

namespace kith::server {
namespace {

constexpr std::array<std::string_view, 12> live{
    "server.drain_over_ms",
    "server.tls_cert_file",
    "server.tls_key_file",
    "server.tls_handshake_timeout_ms",
    "limits.user_messages_per_s",
    "limits.user_commands_per_s",
    "limits.connection_messages_per_s",
    "limits.connection_commands_per_s",
    "limits.handshakes_pending_max",
    "limits.catchup_events_max",
    "limits.slow_reader_timeout_ms",
    "log.level",
};

void copy(Slot from, Slot to) {
  std::visit([&](auto* source) { *std::get<std::remove_cvref_t<decltype(source)>>(to) = *source; },
             from);
}

void note_applications(const Config& running, const Config& fresh, Reloaded& out) {
  if (running.app_defaults != fresh.app_defaults) out.changed.emplace_back("app_defaults");
  std::set<std::string_view> names;
  for (const auto& [name, settings] : running.apps)
    names.insert(name);
  for (const auto& [name, settings] : fresh.apps)
    names.insert(name);
  for (const auto name : names)
    if (running.app(name) != fresh.app(name)) out.changed.push_back("apps." + std::string{name});
}

}  // namespace

std::span<const std::string_view> live_settings() {
  return live;
}

bool is_live(std::string_view key) {
  return std::find(live.begin(), live.end(), key) != live.end();
}

Reloaded take_live(const Config& running, const Config& fresh) {
  Reloaded out{.config = running, .changed = {}, .needs_restart = {}};
  Config wanted = fresh;  // slots point into something that may be written
  for (const auto& setting : settings()) {
    const auto now = setting.of_config(out.config);
    const auto then = setting.of_config(wanted);
    if (to_toml(now) == to_toml(then)) continue;
    // Whether there is TLS at all is a matter of the listening socket.
    const bool live_here = is_live(setting.key) &&
                           (running.tls() == fresh.tls() || !setting.key.starts_with("server.tls"));
    (live_here ? out.changed : out.needs_restart).emplace_back(setting.key);
    if (live_here) copy(then, now);
  }
  note_applications(running, fresh, out);
  out.config.app_defaults = fresh.app_defaults;
  out.config.apps = fresh.apps;
  return out;
}

}  // namespace kith::server
