#include "server/run.hpp"

#include "rest/openapi.hpp"
#include "server/admin_protocol.hpp"
#include "server/command_line.hpp"
#include "server/control_socket.hpp"
#include "server/settings.hpp"
#include "server/store_admin.hpp"
#include "server/version.hpp"

#include <fmt/format.h>

#include <ostream>

namespace kith::server {
namespace {

// A server that starts or ends holds the folder for a moment without answering.
constexpr int attempts_max = 60;

// --- results for people
std::string to_people(const AppInfo& app) {
  return fmt::format("created application {}\n", app.name);
}

std::string to_people(const AppList& list) {
  std::string out;
  for (const auto& app : list.apps)
    out += fmt::format("{}  {}\n", app.created_at, app.name);
  return out;
}

std::string to_people(const NewKey& key) {
  const auto* note = key.kind == AdminKeyKind::server ? "keep it now: only a hash of it is stored"
                                                      : "sign users' tokens with it (HS256)";
  return fmt::format(
      "kid: {}\nkind: {}\nsecret: {}\nnote: {}\n", key.kid, to_text(key.kind), key.secret, note);
}

std::string to_people(const KeyList& list) {
  std::string out;
  for (const auto& key : list.keys)
    out += fmt::format("{}  {:<7}  created {}  {}\n",
                       key.kid,
                       to_text(key.kind),
                       key.created_at,
                       key.retired_at.empty() ? "in use" : "retired " + key.retired_at);
  return out;
}

std::string to_people(const KeyRetired& key) {
  return fmt::format("retired key {}\n", key.kid);
}

std::string to_people(const TokenMade& made) {
  return made.token + "\n";
}

class Run {
 public:
  Run(const Invocation& invocation, World& world) : invocation_(invocation), world_(world) {}

  int operator()(const Serve& wish) {
    auto loaded = load(invocation_.config, wish.dev, wish.listen);
    if (!loaded.errors.empty()) return complain(loaded);
    auto opened = DataDir::open(loaded.config.server.data_dir);
    if (auto* problem = std::get_if<Problem>(&opened)) return complain(*problem);
    if (auto* busy = std::get_if<DataDirBusy>(&opened))
      return complain(data_dir_in_use(loaded.config.server.data_dir, *busy));
    const auto read_again = [this, &wish] {
      return load(invocation_.config, wish.dev, wish.listen);
    };
    return world_.serve(loaded, read_again, std::move(std::get<DataDir>(opened)));
  }

  int operator()(const AdminCommand& command) {
    const auto loaded = load(invocation_.config, false, std::nullopt);
    if (!loaded.errors.empty()) return complain(loaded);
    auto result = execute(loaded.config, command);
    if (result.has_error()) return complain(result.error());
    if (invocation_.json)
      world_.out << to_json(result.value()) << "\n";
    else
      world_.out << std::visit([](const auto& value) { return to_people(value); }, result.value());
    return 0;
  }

  int operator()(const StoreCommand& command) {
    const auto loaded = load(invocation_.config, false, std::nullopt);
    if (!loaded.errors.empty()) return complain(loaded);
    std::optional<DataDir> held;
    if (std::holds_alternative<RestoreStore>(command)) {
      const auto& path = loaded.config.server.data_dir;
      auto opened = DataDir::open(path);
      if (auto* problem = std::get_if<Problem>(&opened)) return complain(*problem);
      if (auto* busy = std::get_if<DataDirBusy>(&opened))
        return complain(data_dir_in_use(path, *busy));
      held = std::move(std::get<DataDir>(opened));
    }
    const auto report = world_.do_with_store(loaded.config, command);
    if (report.has_error()) return complain(report.error());
    world_.out << report->text;
    return report->exit_code;
  }

  int operator()(const CheckConfig& wish) {
    if (wish.reference) {
      world_.out << configuration_reference();
      return 0;
    }
    const auto loaded =
        load(wish.file.empty() ? invocation_.config : wish.file, false, std::nullopt);
    if (!loaded.errors.empty()) return complain(loaded);
    world_.out << describe(loaded) << "ok\n";
    return 0;
  }

  int operator()(const ShowOpenapi&) {
    world_.out << rest::openapi_json();
    return 0;
  }

  int operator()(const ShowVersion&) {
    world_.out << "kith " << version();
    if (!source_revision().empty()) world_.out << " (" << source_revision() << ")";
    world_.out << "\n";
    return 0;
  }

 private:
  LoadedConfig load(const std::string& file,
                    bool dev,
                    const std::optional<std::string>& listen) const {
    ConfigSources sources{
        .file_name = file, .environment = world_.environment, .settings = {}, .dev = dev};
    if (invocation_.data) sources.settings.emplace_back("server.data_dir", *invocation_.data);
    if (listen) sources.settings.emplace_back("server.listen", *listen);
    return load_config(sources);
  }

  // On the store if nobody holds the folder, else by asking who does.
  Outcome<AdminResult> execute(const Config& config, const AdminCommand& command) {
    const auto& path = config.server.data_dir;
    DataDirBusy holder;
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
      auto opened = DataDir::open(path);
      if (auto* problem = std::get_if<Problem>(&opened)) return *problem;
      if (std::holds_alternative<DataDir>(opened)) return execute_here(config, command);
      holder = std::get<DataDirBusy>(opened);
      auto result = execute_there(path, command);
      if (result.has_value() || result.error().exit_code != exit_nobody_listens) return result;
      world_.pause();
    }
    auto problem = data_dir_in_use(path, holder);
    problem.text += " (it does not answer at its control socket)";
    return problem;
  }

  Outcome<AdminResult> execute_here(const Config& config, const AdminCommand& command) {
    auto store = world_.open_store(config);
    if (store.has_error()) return store.error();
    return StoreAdmin{*store.value(), world_.clock, world_.random}.execute(command);
  }

  Outcome<AdminResult> execute_there(const std::string& path, const AdminCommand& command) const {
    const auto socket = control_socket_path(path);
    if (socket.has_error()) return socket.error();
    RemoteAdmin admin{
        [&](std::string_view line) { return control_call(socket.value(), line, world_.clock); }};
    return admin.execute(command);
  }

  int complain(const Problem& problem) const {
    world_.err << "kith: " << problem.text << "\n";
    return problem.exit_code;
  }

  int complain(const LoadedConfig& loaded) const {
    for (const auto& error : loaded.errors)
      world_.err << "kith: " << error << "\n";
    return 2;
  }

  const Invocation& invocation_;
  World& world_;
};

}  // namespace

int run(std::span<const std::string> arguments, World& world) {
  const auto parsed = parse_command_line(arguments);
  if (const auto* said = std::get_if<Said>(&parsed)) {
    world.out << said->out;
    world.err << said->err;
    return said->exit_code;
  }
  const auto& invocation = std::get<Invocation>(parsed);
  const int code = std::visit(Run{invocation, world}, invocation.command);
  world.out.flush();
  return code;
}

}  // namespace kith::server
