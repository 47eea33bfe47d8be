#pragma once

#include "base/result.hpp"
#include "net/endpoint.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kith::bench {

enum class ScenarioName : std::uint8_t { pairs, group, idle, storm, catchup, room, history, mixed };
inline constexpr std::size_t scenario_count = 8;
std::string_view to_text(ScenarioName name) noexcept;

inline constexpr std::size_t servers_max = 16;
inline constexpr std::size_t watched_max = 16;

struct Watched {
  std::string name;
  int pid = 0;
};

// What the command line says. The numbers here are the defaults; their bounds stand in options.cpp.
struct Options {
  ScenarioName scenario = ScenarioName::pairs;
  bool help = false;

  std::vector<net::Endpoint> servers;
  net::Endpoint rest;
  std::string path = "/socket.io/";
  bool dev = false;
  std::string key;
  std::string kid;
  std::string app = "kith";
  std::string server_key;
  std::string ready = "hello";
  std::string tag;
  std::string label;
  std::string json;
  bool quiet = false;
  std::vector<Watched> watched;

  double warmup_s = 1.5;
  double seconds = 5;
  double drain_s = 10;
  double hold_s = 5;
  double connect_timeout_s = 120;
  std::uint32_t burst = 200;
  std::uint32_t payload = 64;
  std::uint32_t threads = 1;
  std::uint32_t source_ips = 8;

  std::uint32_t pairs = 100;
  std::uint32_t bystanders = 0;
  std::uint32_t window = 8;
  double rate = 0;
  bool duplex = false;
  std::uint32_t groups = 10;
  std::uint32_t size = 100;
  std::uint32_t senders = 1;
  std::uint32_t connections = 0;
  std::uint32_t memberships = 0;
  std::uint32_t further = 0;
  std::uint32_t reconnects = 0;
  std::uint32_t messages = 0;
  std::uint32_t devices = 10;
  std::uint32_t rooms = 38;
  std::uint32_t players = 0;
  std::uint32_t hz = 60;
  bool apart = false;
  std::uint32_t limit = 50;
  std::string conversation;
};

// A text that says what is wrong and what to write instead, or the options.
struct ParsedOptions {
  Options options;
  std::string error;
};

ParsedOptions parse_options(std::span<const std::string> arguments);

std::string usage();

// Name and value (as JSON) of each option the scenario takes, for the report. Keys are not among
// them.
std::vector<std::pair<std::string, std::string>> shown_options(const Options& options);

// How many connections of the generator are open at once at the most.
std::uint64_t connections_of(const Options& options) noexcept;

}  // namespace kith::bench
