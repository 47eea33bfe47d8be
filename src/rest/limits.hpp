#pragma once

#include "commands/command.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kith::rest {

// One limit by its name; bytes, counts or times as the name says.
struct Limit {
  std::string_view name;
  std::uint64_t value = 0;
};

// GET /v1/limits: one object of all limits that whoever talks to this server can meet, those of
// base/limits.hpp, of the settings given, and of an application.
std::string limits_json(const commands::AppSettings& app, std::span<const Limit> settings);

}  // namespace kith::rest
