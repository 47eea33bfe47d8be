#pragma once

#include "base/limits.hpp"
#include "server/problem.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What an operator may set. Each setting is one line of the table in settings.cpp: its name, place,
// range and sentence in docs/configuration.md.
namespace kith::server {

// What an application has of features/.
struct FeatureSwitches {
  bool receipts = true;
  bool typing = true;
  bool presence = true;
  bool rooms = true;

  friend bool operator==(const FeatureSwitches&, const FeatureSwitches&) = default;
};

// What each application may lower for itself: `[app_defaults]` and `[apps.NAME]`.
struct AppSettings {
  std::uint32_t text_bytes_max = base::limits::text_bytes_max;
  std::uint32_t custom_bytes_max = base::limits::custom_bytes_max;
  std::uint32_t members_max = base::limits::members_max;
  std::optional<std::uint32_t> deliver_within = 5;  // ms; nothing: when committed
  std::uint32_t messages_per_s = 0;                 // 0: as they come
  std::uint32_t commands_per_s = 0;
  FeatureSwitches features;
  std::string jwks_file;  // empty: none

  friend bool operator==(const AppSettings&, const AppSettings&) = default;
};

struct SocketioSettings {
  std::uint32_t ping_interval_ms = 25'000;
  std::uint32_t ping_timeout_ms = 20'000;
  std::uint32_t upgrade_timeout_ms = 10'000;
  std::uint32_t connect_timeout_ms = 45'000;
  std::uint32_t max_payload_bytes = 1'000'000;
  bool allow_eio3 = true;
  std::vector<std::string> cors_origins;  // "*": any
  std::vector<std::string> transports{"polling", "websocket"};
  std::string cookie;  // its name; empty: none
  std::string cookie_path = "/";
  bool cookie_http_only = true;
  std::string cookie_same_site = "lax";
  std::uint32_t recovery_ms = 0;  // 0: off
  std::uint32_t recovery_bytes_max = 64 * 1024 * 1024;
};

struct ServerSettings {
  std::string listen = "127.0.0.1:8080";
  std::string admin_listen = "127.0.0.1:8081";  // empty: none
  std::uint32_t reactors = 0;                   // 0: one for each core
  std::string data_dir = "./data";
  std::uint32_t drain_over_ms = 0;
  std::string tls_cert_file;  // both or none
  std::string tls_key_file;
  std::uint32_t tls_handshake_timeout_ms = base::limits::tls_handshake_timeout_ms;
  std::vector<std::string> trusted_proxies;  // networks
  bool proxy_protocol = false;
};

struct StoreSettings {
  std::string url = "sqlite:kith.db";
  std::uint32_t commit_linger_us = 1'000;
};

struct LimitSettings {
  std::uint32_t user_messages_per_s = 50;  // 0: none
  std::uint32_t user_commands_per_s = 400;
  std::uint32_t connection_messages_per_s = 0;
  std::uint32_t connection_commands_per_s = 200;
  std::uint32_t address_handshakes_per_s = 100;
  std::uint32_t handshakes_pending_max = 10'000;
  std::uint32_t handshakes_per_s = 2'000;  // 0: as they come
  std::uint32_t connections_max = 0;       // 0: what the limit of open files leaves
  std::uint32_t catchup_events_max = 10'000;
  std::uint32_t slow_reader_timeout_ms = 60'000;
};

struct RoomSettings {
  std::uint32_t gather_us = 1'500;
};

struct LogSettings {
  std::string level = "info";
  bool json = false;
};

struct Config {
  SocketioSettings socketio;
  ServerSettings server;
  StoreSettings store;
  LimitSettings limits;
  RoomSettings rooms;
  LogSettings log;
  AppSettings app_defaults;
  std::map<std::string, AppSettings, std::less<>> apps;  // app_defaults already under them
  bool dev = false;

  // The settings of an application, named in the file or not.
  const AppSettings& app(std::string_view name) const;
  // The database file of `store.url`; relative ones lie in the data folder.
  std::string store_path() const;
  // Where a file is that a setting names: relative ones lie in the data folder.
  std::string path_of(std::string_view file) const;

  bool tls() const noexcept { return !server.tls_cert_file.empty(); }
};

using EnvironmentVariable = std::pair<std::string, std::string>;

// What a configuration is made of, weakest first: defaults, file, environment, command line. Under
// `dev` some defaults are others; whatever is given explicitly wins over those.
struct ConfigSources {
  std::string file_name;                         // empty: no file
  std::vector<EnvironmentVariable> environment;  // all of it; those that begin with KITH_ count
  std::vector<std::pair<std::string, std::string>> settings;  // of the command line: key and text
  bool dev = false;
};

struct LoadedConfig {
  Config config;
  std::map<std::string, std::string, std::less<>>
      origins;                      // key -> where a given setting comes from
  std::vector<std::string> errors;  // each names its place; empty: the configuration is good
};

// Reads the file; everything wrong is listed, not only the first.
LoadedConfig load_config(const ConfigSources& sources);

// The same with the file's text given.
LoadedConfig load_config(const ConfigSources& sources, std::string_view file_text);

// `key = value` lines of all settings with their origin, secrets as stars.
std::string describe(const LoadedConfig& loaded);

}  // namespace kith::server
