#pragma once

#include "server/admin.hpp"
#include "server/store_files.hpp"

#include <optional>
#include <span>
#include <string>
#include <variant>

namespace kith::server {

struct Serve {
  bool dev = false;
  std::optional<std::string> listen;
};

struct CheckConfig {
  std::string file;  // empty: that of --config, or none
  bool reference = false;
};

struct ShowOpenapi {};

struct ShowVersion {};

using Command =
    std::variant<Serve, AdminCommand, StoreCommand, CheckConfig, ShowOpenapi, ShowVersion>;

// What a person asked for.
struct Invocation {
  Command command;
  std::optional<std::string> data;  // --data
  std::string config;               // --config; empty: none
  bool json = false;                // --json
};

// What is said instead: help, or what is wrong with the command line.
struct Said {
  int exit_code = 0;
  std::string out;
  std::string err;
};

// `arguments` without the program's name.
std::variant<Invocation, Said> parse_command_line(std::span<const std::string> arguments);

}  // namespace kith::server
