#pragma once

#include "server/config.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The one table of settings, and what every source of settings has in common: text to value, value
// to text, ranges.
namespace kith::server {

// A number that may be left out; "committed" stands for nothing.
using OptionalNumber = std::optional<std::uint32_t>;
using Slot =
    std::variant<std::uint32_t*, OptionalNumber*, bool*, std::string*, std::vector<std::string>*>;

// What a text must look like.
enum class Format : std::uint8_t {
  any,
  any_or_none,
  endpoint,
  endpoint_or_none,
  store_url,
  log_level,
  transports,
  origins,
  networks,
  cookie_name,
  cookie_path,
  same_site,
  file_or_none
};

struct Setting {
  std::string_view key;  // socketio.ping_interval_ms; of an application: text_bytes_max
  Slot (*of_config)(Config&) = nullptr;
  Slot (*of_app)(AppSettings&) = nullptr;
  std::uint32_t least = 0;  // of numbers
  std::uint32_t most = 0;
  Format format = Format::any;
  std::optional<std::string_view> dev;  // its default under `serve --dev`
  std::string_view text;                // for docs/configuration.md
};

std::span<const Setting> settings();
std::span<const Setting> app_settings();

const Setting* find_setting(std::string_view key);
const Setting* find_app_setting(std::string_view key);

// KITH_SOCKETIO_PING_INTERVAL_MS of socketio.ping_interval_ms.
std::string environment_name(std::string_view key);

// A value as a source gives it, before anybody knows whether the setting takes it.
using RawValue = std::variant<std::int64_t, bool, std::string, std::vector<std::string>>;

// Sets the slot; on an error nothing changes and the problem says what is expected.
Outcome<void> assign(const Setting& setting, Slot slot, const RawValue& value);
// Environment and command line know text only: a number, true or false, a list with commas.
Outcome<void> assign_text(const Setting& setting, Slot slot, std::string_view text);

// As TOML writes it.
std::string to_toml(Slot slot);
// As to_toml, with the password of a URL as stars.
std::string to_toml_without_secrets(const Setting& setting, Slot slot);

// The candidate with the smallest edit distance. At least one is given.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

// docs/configuration.md.
std::string configuration_reference();

}  // namespace kith::server
