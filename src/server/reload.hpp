#pragma once

#include "server/config.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What SIGHUP does to a configuration.
namespace kith::server {

// Reads the configuration anew, from where it came.
using ReadAgain = std::function<LoadedConfig()>;

struct Reloaded {
  Config config;                           // the running one, with what may change changed
  std::vector<std::string> changed;        // what is in effect now
  std::vector<std::string> needs_restart;  // what is set otherwise and stays as it was
};

// `fresh` was read without errors.
Reloaded take_live(const Config& running, const Config& fresh);

// The settings that take effect without a restart, besides those of applications.
std::span<const std::string_view> live_settings();

// A setting that takes effect without a restart; those of applications all do.
bool is_live(std::string_view key);

}  // namespace kith::server
