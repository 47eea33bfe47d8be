#include "client/options.hpp"

#include "client/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <variant>

namespace kith::bench {
namespace {

using Target = std::variant<std::uint32_t Options::*,
                            double Options::*,
                            bool Options::*,
                            std::string Options::*,
                            std::vector<net::Endpoint> Options::*,
                            net::Endpoint Options::*,
                            std::vector<Watched> Options::*>;

constexpr std::array<std::string_view, scenario_count> scenario_names{
    "pairs", "group", "idle", "storm", "catchup", "room", "history", "mixed"};

constexpr unsigned bit(ScenarioName name) {
  return 1U << static_cast<unsigned>(name);
}

constexpr unsigned all = (1U << scenario_count) - 1;
constexpr unsigned pairs = bit(ScenarioName::pairs);
constexpr unsigned group = bit(ScenarioName::group);
constexpr unsigned idle = bit(ScenarioName::idle);
constexpr unsigned storm = bit(ScenarioName::storm);
constexpr unsigned catchup = bit(ScenarioName::catchup);
constexpr unsigned room = bit(ScenarioName::room);
constexpr unsigned history = bit(ScenarioName::history);
constexpr unsigned mixed = bit(ScenarioName::mixed);

struct Spec {
  std::string_view name;
  Target target;
  double min = 0;
  double max = 0;
  unsigned scenarios = all;
  std::string_view help;
  bool secret = false;
};

const std::vector<Spec>& specs() {
  static const std::vector<Spec> list{
      {"server", &Options::servers, 0, 0, all, "HOST:PORT, several times: connections are spread"},
      {"rest", &Options::rest, 0, 0, all, "HOST:PORT where groups are made (the first server)"},
      {"path", &Options::path, 1, 200, all, "of Socket.IO"},
      {"dev", &Options::dev, 0, 1, all, "{\"user\":...} instead of a token (kith serve --dev)"},
      {"key", &Options::key, 1, 4096, all, "signs tokens with HS256", true},
      {"kid", &Options::kid, 0, 128, all, "of that key"},
      {"app", &Options::app, 1, 64, all, "`iss` of the tokens"},
      {"server-key", &Options::server_key, 1, 512, all, "sk_..., makes groups over REST", true},
      {"ready", &Options::ready, 1, 16, all, "hello or connect: what ends a connect"},
      {"tag", &Options::tag, 1, 16, all, "begins the names of users and groups (from the time)"},
      {"label", &Options::label, 1, 200, all, "of this run, in table and JSON"},
      {"json", &Options::json, 1, 4096, all, "FILE to which one JSON object is appended"},
      {"quiet", &Options::quiet, 0, 1, all, "no progress on stderr"},
      {"pid", &Options::watched, 0, 0, all, "NAME=PID, several times: its CPU and memory"},
      {"warmup", &Options::warmup_s, 0, 3600, all, "seconds before the measured time"},
      {"seconds", &Options::seconds, 0.1, 3600, all, "measured time"},
      {"drain", &Options::drain_s, 0, 3600, all, "seconds at most until everything has come"},
      {"connect-timeout", &Options::connect_timeout_s, 1, 3600, all, "seconds until all connected"},
      {"burst", &Options::burst, 1, 10'000, all, "handshakes in flight"},
      {"payload", &Options::payload, 48, 60'000, all, "bytes of a text or tick"},
      {"threads", &Options::threads, 1, 64, all, "conversations are divided among them"},
      {"source-ips", &Options::source_ips, 0, 250, all, "connect from 127.0.0.1 to 127.0.0.N"},
      {"pairs", &Options::pairs, 1, 9'500, pairs | catchup, "two connections each"},
      {"window", &Options::window, 1, 1'000, pairs | group, "messages of a sender in flight"},
      {"rate",
       &Options::rate,
       0,
       1e6,
       pairs | group | catchup | history | mixed,
       "a second, over all; 0: as fast as they come back"},
      {"bystanders",
       &Options::bystanders,
       0,
       200'000,
       pairs,
       "connections more, which only listen"},
      {"duplex", &Options::duplex, 0, 1, pairs, "both ends send"},
      {"groups", &Options::groups, 1, 10'000, group, ""},
      {"size",
       &Options::size,
       2,
       10'000,
       group | idle | storm | room,
       "members of a group, players of a room"},
      {"senders", &Options::senders, 1, 1'000, group, "in each group"},
      {"connections", &Options::connections, 1, 200'000, idle | storm | history | mixed, ""},
      {"memberships",
       &Options::memberships,
       0,
       1'000,
       idle | storm,
       "groups each user is in before"},
      {"further", &Options::further, 0, 1'000, idle, "groups each user gets after"},
      {"hold", &Options::hold_s, 0, 3'600, idle, "seconds before memory is read"},
      {"reconnects",
       &Options::reconnects,
       0,
       100,
       storm | mixed,
       "storm: times all are cut off; mixed: so many a second"},
      {"messages",
       &Options::messages,
       0,
       100'000'000,
       storm | catchup | history,
       "missed, or stored"},
      {"devices", &Options::devices, 1, 1'000, catchup, "that were away"},
      {"rooms", &Options::rooms, 1, 10'000, room, ""},
      {"players", &Options::players, 0, 100'000, room, "0: rooms times size"},
      {"hz", &Options::hz, 1, 1'000, room, "ticks a second of each player"},
      {"apart", &Options::apart, 0, 1, room, "players of a room spread over the tick"},
      {"limit", &Options::limit, 1, 100, history, "messages of a page"},
      {"conversation",
       &Options::conversation,
       1,
       128,
       history,
       "external id of one that is filled"},
  };
  return list;
}

std::string text_of(const Spec& spec, const Options& options) {
  return std::visit(
      [&](auto member) -> std::string {
        const auto& value = options.*member;
        using Value = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, bool>) {
          return value ? "true" : "false";
        } else if constexpr (std::is_arithmetic_v<Value>) {
          return fmt::format("{}", value);
        } else if constexpr (std::is_same_v<Value, std::string>) {
          return json_quoted(value);
        } else if constexpr (std::is_same_v<Value, net::Endpoint>) {
          return json_quoted(value.address.empty() ? "" : to_text(value));
        } else {
          std::string list;
          for (const auto& item : value) {
            if (!list.empty()) list += ' ';
            if constexpr (std::is_same_v<Value, std::vector<Watched>>) {
              list += fmt::format("{}={}", item.name, item.pid);
            } else {
              list += to_text(item);
            }
          }
          return json_quoted(list);
        }
      },
      spec.target);
}

std::string out_of_bounds(const Spec& spec, std::string_view text) {
  return fmt::format("--{} takes {:g} to {:g}, not `{}`", spec.name, spec.min, spec.max, text);
}

template <class Number>
std::string read_number(const Spec& spec, std::string_view text, Number& value) {
  Number read{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
  if (error != std::errc{} || end != text.data() + text.size()) return out_of_bounds(spec, text);
  if (!(static_cast<double>(read) >= spec.min && static_cast<double>(read) <= spec.max))
    return out_of_bounds(spec, text);
  value = read;
  return {};
}

std::string read_endpoint(const Spec& spec, std::string_view text, net::Endpoint& endpoint) {
  auto parsed = net::parse_endpoint(text);
  if (parsed.has_error()) return fmt::format("--{}: {}", spec.name, parsed.error().text);
  endpoint = std::move(parsed).value();
  return {};
}

std::string read_watched(std::string_view text, std::vector<Watched>& list) {
  const auto equals = text.find('=');
  Watched watched;
  if (equals != std::string_view::npos && equals > 0) {
    watched.name = text.substr(0, equals);
    const std::string_view digits = text.substr(equals + 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), watched.pid);
    if (error != std::errc{} || end != digits.data() + digits.size()) watched.pid = 0;
  }
  if (watched.pid <= 0) return fmt::format("--pid takes NAME=PID, as kith=1234, not `{}`", text);
  if (::kill(watched.pid, 0) != 0 && errno == ESRCH)
    return fmt::format("--pid {}: no such process runs", text);
  if (list.size() == watched_max) return fmt::format("--pid may be given {} times", watched_max);
  list.push_back(std::move(watched));
  return {};
}

std::string set(Options& options, const Spec& spec, std::string_view text) {
  return std::visit(
      [&](auto member) -> std::string {
        auto& value = options.*member;
        using Value = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, bool>) {
          value = true;
          return {};
        } else if constexpr (std::is_arithmetic_v<Value>) {
          return read_number(spec, text, value);
        } else if constexpr (std::is_same_v<Value, std::string>) {
          const auto length = static_cast<double>(text.size());
          if (length < spec.min || length > spec.max)
            return fmt::format("--{} takes {:g} to {:g} bytes", spec.name, spec.min, spec.max);
          value = text;
          return {};
        } else if constexpr (std::is_same_v<Value, net::Endpoint>) {
          return read_endpoint(spec, text, value);
        } else if constexpr (std::is_same_v<Value, std::vector<Watched>>) {
          return read_watched(text, value);
        } else {
          if (value.size() == servers_max)
            return fmt::format("--{} may be given {} times", spec.name, servers_max);
          return read_endpoint(spec, text, value.emplace_back());
        }
      },
      spec.target);
}

void scenario_defaults(Options& options) {
  switch (options.scenario) {
    case ScenarioName::idle:
    case ScenarioName::storm:
      options.connections = 10'000;
      break;
    case ScenarioName::catchup:
      options.messages = 1'000;
      options.pairs = 10;
      options.rate = 500;
      break;
    case ScenarioName::room:
      options.size = 8;
      break;
    case ScenarioName::history:
      options.connections = 16;
      options.messages = 10'000;
      break;
    case ScenarioName::mixed:
      options.connections = 1'000;
      options.rate = 500;
      options.reconnects = 5;
      break;
    default:
      break;
  }
}

bool needs_groups(const Options& options) {
  switch (options.scenario) {
    case ScenarioName::group:
    case ScenarioName::mixed:
    case ScenarioName::catchup:
      return true;
    case ScenarioName::idle:
    case ScenarioName::storm:
      return options.memberships + options.further > 0;
    case ScenarioName::history:
      return options.conversation.empty();
    default:
      return false;
  }
}

bool plain_name(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
  });
}

// What only the options together tell.
std::string complaint(const Options& options) {
  if (!options.dev && options.key.empty())
    return "give --dev (for `kith serve --dev`) or --key SECRET [--kid KID] to sign tokens with";
  if (options.dev && !options.key.empty()) return "give either --dev or --key, not both";
  if (needs_groups(options) && options.server_key.empty())
    return "this makes groups: give --server-key sk_... (`kith serve --dev` prints one)";
  if (options.ready != "hello" && options.ready != "connect")
    return "--ready takes hello or connect";
  if (!plain_name(options.tag)) return "--tag takes letters, digits, - and _";
  if (!options.path.starts_with('/')) return "--path begins with /";
  if (options.scenario == ScenarioName::group && options.senders > options.size)
    return "--senders is more than --size";
  if (options.scenario == ScenarioName::room && options.size > 1'000)
    return "--size of a room is at most 1000";
  if (options.scenario == ScenarioName::storm && options.messages > 1'000)
    return "--messages missed in a group are at most 1000: beyond that a server sends a gap";
  if (options.scenario == ScenarioName::storm && options.messages > 0 && options.memberships == 0)
    return "--messages are missed in groups: give --memberships";
  if (options.scenario == ScenarioName::history && options.messages < 2 * options.limit)
    return "--messages of a history are at least two pages";
  if (options.scenario == ScenarioName::catchup &&
      (options.messages < 1 || options.messages > 9'000))
    return "--messages to catch up with are 1 to 9000: beyond that a server sends gaps";
  return {};
}

const Spec* find(std::string_view name) {
  const auto found = std::find_if(
      specs().begin(), specs().end(), [&](const Spec& spec) { return spec.name == name; });
  return found == specs().end() ? nullptr : &*found;
}

// One option of the command line, at `at`, which is moved behind it.
std::string read_option(std::span<const std::string> arguments, std::size_t& at, Options& options) {
  std::string_view name{arguments[at++]};
  if (!name.starts_with("--")) return fmt::format("`{}` is no option: they begin with --", name);
  name.remove_prefix(2);
  const auto equals = name.find('=');
  const bool joined = equals != std::string_view::npos;
  const std::string_view behind = joined ? name.substr(equals + 1) : std::string_view{};
  name = name.substr(0, equals);
  const Spec* spec = find(name);
  if (spec == nullptr) return fmt::format("there is no option --{}: see kith-bench --help", name);
  if ((spec->scenarios & bit(options.scenario)) == 0)
    return fmt::format("{} takes no --{}", to_text(options.scenario), name);
  if (std::holds_alternative<bool Options::*>(spec->target))
    return joined ? fmt::format("--{} takes no value", name) : set(options, *spec, {});
  if (joined) return set(options, *spec, behind);
  if (at == arguments.size()) return fmt::format("--{} lacks its value", name);
  return set(options, *spec, arguments[at++]);
}

}  // namespace

std::string_view to_text(ScenarioName name) noexcept {
  return scenario_names[static_cast<std::size_t>(name)];
}

ParsedOptions parse_options(std::span<const std::string> arguments) {
  ParsedOptions parsed;
  Options& options = parsed.options;
  if (std::find(arguments.begin(), arguments.end(), "--help") != arguments.end()) {
    options.help = true;
    return parsed;
  }
  const auto known = arguments.empty()
                         ? scenario_names.end()
                         : std::find(scenario_names.begin(), scenario_names.end(), arguments[0]);
  if (known == scenario_names.end()) {
    parsed.error = fmt::format("name a scenario first: {}", fmt::join(scenario_names, ", "));
    return parsed;
  }
  options.scenario = static_cast<ScenarioName>(known - scenario_names.begin());
  scenario_defaults(options);
  for (std::size_t at = 1; at < arguments.size() && parsed.error.empty();)
    parsed.error = read_option(arguments, at, options);
  if (options.servers.empty()) options.servers.push_back({"127.0.0.1", 8080});
  if (options.rest.address.empty()) options.rest = options.servers.front();
  if (options.label.empty()) options.label = to_text(options.scenario);
  if (parsed.error.empty()) parsed.error = complaint(options);
  return parsed;
}

std::vector<std::pair<std::string, std::string>> shown_options(const Options& options) {
  std::vector<std::pair<std::string, std::string>> shown;
  for (const Spec& spec : specs())
    if ((spec.scenarios & bit(options.scenario)) != 0 && !spec.secret)
      shown.emplace_back(spec.name, text_of(spec, options));
  return shown;
}

std::string usage() {
  std::string text =
      "kith-bench SCENARIO [options]: loads a chat server over Socket.IO and verifies every "
      "message\n\nscenarios: ";
  text += fmt::format("{}\n\n", fmt::join(scenario_names, ", "));
  const Options defaults;
  for (const Spec& spec : specs()) {
    std::string of;
    if (spec.scenarios != all)
      for (std::size_t i = 0; i < scenario_count; ++i)
        if ((spec.scenarios & (1U << i)) != 0) of += fmt::format(" {}", scenario_names[i]);
    const bool number = std::holds_alternative<std::uint32_t Options::*>(spec.target) ||
                        std::holds_alternative<double Options::*>(spec.target);
    text += fmt::format("  --{:<16}{}", spec.name, spec.help);
    if (number)
      text += fmt::format(" [{}; {:g} to {:g}]", text_of(spec, defaults), spec.min, spec.max);
    text += of.empty() ? "\n" : fmt::format(" ({})\n", of.substr(1));
  }
  text +=
      "\nexit: 0 all verified; 1 something lost, duplicated, reordered or refused; 2 not begun\n";
  return text;
}

std::uint64_t connections_of(const Options& options) noexcept {
  switch (options.scenario) {
    case ScenarioName::pairs:
      return 2ULL * options.pairs + options.bystanders;
    case ScenarioName::group:
      return std::uint64_t{options.groups} * options.size;
    case ScenarioName::catchup:
      return 2ULL * options.pairs + 2;
    case ScenarioName::room:
      return options.players != 0 ? options.players : std::uint64_t{options.rooms} * options.size;
    default:
      return std::uint64_t{options.connections} + 1;
  }
}

}  // namespace kith::bench
