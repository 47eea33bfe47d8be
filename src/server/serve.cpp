#include "server/serve.hpp"

#include "adapters/sqlite/sqlite.hpp"
#include "net/open_files.hpp"
#include "net/tls_context.hpp"
#include "runtime/cores.hpp"
#include "runtime/signals.hpp"
#include "server/admin_protocol.hpp"
#include "server/control_socket.hpp"
#include "server/log_sink.hpp"
#include "server/node.hpp"
#include "server/store_admin.hpp"
#include "server/token_keys.hpp"
#include "server/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <iostream>
#include <semaphore>

namespace kith::server {
namespace {

Outcome<std::unique_ptr<ports::Store>> open_store(const Config& config,
                                                  base::Logger& logger,
                                                  const base::Clock& clock,
                                                  base::Random& random) {
  auto opened = adapters::sqlite::open_sqlite(
      {.path = config.store_path(),
       .logger = logger,
       .clock = clock,
       .random = random,
       .commit_linger = std::chrono::microseconds{config.store.commit_linger_us}});
  if (opened.has_error())
    return Problem{
        .exit_code = 1,
        .text = fmt::format(
            "the database {} can not be opened: {}", config.store_path(), opened.error().text)};
  return std::move(opened).value();
}

std::size_t reactor_count(const Config& config) {
  const std::size_t wanted =
      config.server.reactors == 0 ? runtime::usable_cores() : config.server.reactors;
  return std::min(wanted, delivery::reactors_max);
}

// Development begins without any command: an application, something to sign tokens with, and a key
// for REST.
class DevApplication {
 public:
  Outcome<void> make(ports::Store& store, StoreAdmin& admin, base::Random& random) {
    auto made = admin.create_app({.name = std::string{front::dev_app}});
    const auto known = store.directory();
    if (known.has_error()) return Problem{.exit_code = 1, .text = known.error().text};
    const auto app = std::find_if(known->apps.begin(), known->apps.end(), [](const auto& row) {
      return row.name == front::dev_app;
    });
    if (app == known->apps.end()) return made.error();
    const bool signs = std::any_of(known->keys.begin(), known->keys.end(), [&](const auto& key) {
      return key.app == app->id && key.kind == ports::KeyKind::signing && key.retired_at.ms == 0;
    });
    if (!signs) {
      const auto key =
          admin.add_key({.app = std::string{front::dev_app}, .kind = AdminKeyKind::signing});
      if (key.has_error()) return key.error();
    }
    auto key = make_server_key(random);
    keys_.push_back({.app = app->id,
                     .kid = key.kid,
                     .kind = ports::KeyKind::server,
                     .secret = key.secret_hash});
    bearer_ = key.bearer;
    return {};
  }

  const std::vector<ports::AppKeyRow>& keys() const { return keys_; }

  const std::string& bearer() const { return bearer_; }

 private:
  std::vector<ports::AppKeyRow> keys_;
  std::string bearer_;
};

LogOptions log_options(const LogSettings& settings) {
  return {.least = parse_log_level(settings.level).value_or(base::LogLevel::info),
          .json = settings.json};
}

// What signals ask for: heard on a reactor, done on the main thread.
class Wishes {
 public:
  void hear(int signal) noexcept {
    if (signal == SIGHUP)
      reload_ = true;
    else
      ++ends_;
    heard_.release();
  }

  // Waits. True: the configuration is to be read again; false: the end.
  bool wait_for_reload() {
    for (;;) {
      heard_.acquire();
      if (ends_ > 0) return false;
      if (reload_.exchange(false)) return true;
    }
  }

  bool hurry() const noexcept { return ends_ > 1; }

 private:
  std::atomic<bool> reload_{false};
  std::atomic<int> ends_{0};
  std::counting_semaphore<> heard_{0};
};

Outcome<std::shared_ptr<const net::TlsContext>> load_tls(const Config& config) {
  if (!config.tls()) return std::shared_ptr<const net::TlsContext>{};
  auto loaded = net::TlsContext::load({.certificate = config.path_of(config.server.tls_cert_file),
                                       .key = config.path_of(config.server.tls_key_file)});
  if (loaded.has_error()) return Problem{.exit_code = 1, .text = loaded.error().text};
  return std::move(loaded).value();
}

std::string joined(const std::vector<std::string>& names) {
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ","));
}

class Serving {
 public:
  Serving(const Config& config,
          const ReadAgain& read_again,
          LogSink& logger,
          const base::Clock& clock,
          base::Random& random)
      : config_(config),
        now_(std::make_shared<const Config>(config)),
        read_again_(read_again),
        logger_(logger),
        clock_(clock),
        random_(random) {}

  int run() {
    open_files_ = net::raise_open_files_limit();
    // In this order, so that at the end nothing posts to what is gone: the node, the store's
    // threads, the reactors. The signals before any thread, because threads inherit what is
    // blocked.
    runtime::ReactorSet reactors{{.count = reactor_count(config_)}, logger_};
    const runtime::Signals signals{reactors[0], [this](int signal) { wishes_.hear(signal); }};
    const auto tls = load_tls(config_);
    if (tls.has_error()) return complain(tls.error());
    const auto opened = open_store(config_, logger_, clock_, random_);
    if (opened.has_error()) return complain(opened.error());
    store_ = opened->get();
    Node node{{.config = config_,
               .reactors = reactors,
               .store = *store_,
               .logger = logger_,
               .connections_max = connections_max(),
               .tls = *tls}};
    StoreAdmin admin{*store_, clock_, random_};
    if (config_.dev)
      if (const auto made = dev_.make(*store_, admin, random_); made.has_error())
        return complain(made.error());
    if (const auto loaded = load_credentials(node); loaded.has_error())
      return complain(loaded.error());
    admin.on_change([&] { reload_credentials(node); });
    const auto control = start_control(admin);
    if (control.has_error()) return complain(control.error());
    const auto address = node.listen(config_.server.listen);
    if (address.has_error())
      return complain({.exit_code = 1,
                       .text = fmt::format("{}: {}", config_.server.listen, address.error().text)});
    if (!listen_for_operators(node)) return 1;
    reactors.start();
    announce(*address, reactors.size());
    while (wishes_.wait_for_reload())
      reload(node);
    logger_.log(base::LogLevel::info, "draining", {});
    node.drain([this] { return wishes_.hurry(); });
    reactors.stop();
    logger_.log(base::LogLevel::info, "stopped", {});
    return 0;
  }

 private:
  // What the limit of open files leaves, when the files of the store and the like are taken off.
  std::size_t connections_max() const {
    constexpr std::uint64_t kept_for_files = 64;
    if (config_.limits.connections_max > 0) return config_.limits.connections_max;
    return open_files_ > 2 * kept_for_files ? open_files_ - kept_for_files : kept_for_files;
  }

  // In development two servers may run beside each other: the second goes without.
  bool listen_for_operators(Node& node) {
    if (config_.server.admin_listen.empty()) return true;
    const auto address = node.listen_for_operators(config_.server.admin_listen);
    if (address.has_value()) {
      logger_.log(base::LogLevel::info, "operators_port", {{"address", *address}});
      return true;
    }
    if (config_.dev) {
      logger_.log(base::LogLevel::warning,
                  "operators_port_taken",
                  {{"address", config_.server.admin_listen}});
      return true;
    }
    complain(
        {.exit_code = 1,
         .text = fmt::format(
             "server.admin_listen {}: {}", config_.server.admin_listen, address.error().text)});
    return false;
  }

  // All of it or nothing; it is logged which.
  void reload(Node& node) {
    const auto read = read_again_();
    for (const auto& error : read.errors)
      refuse_reload(error);
    if (!read.errors.empty()) return;
    auto taken = take_live(*now_.load(), read.config);
    const auto tls = load_tls(taken.config);
    if (tls.has_error()) return refuse_reload(tls.error().text);
    if (const auto keys = check_token_keys(taken.config); keys.has_error())
      return refuse_reload(keys.error().text);
    const auto config = std::make_shared<const Config>(std::move(taken.config));
    now_ = config;
    logger_.set_least(log_options(config->log).least);
    node.set_config(config);
    if (*tls) node.set_tls(*tls);
    reload_credentials(node);
    logger_.log(
        base::LogLevel::info,
        "configuration_read",
        {{"changed", joined(taken.changed)}, {"needs_restart", joined(taken.needs_restart)}});
  }

  void refuse_reload(const std::string& why) {
    logger_.log(base::LogLevel::error, "configuration_refused", {{"why", why}});
  }

  Outcome<void> check_token_keys(const Config& config) {
    const auto directory = store_->directory();
    if (directory.has_error()) return Problem{.exit_code = 1, .text = directory.error().text};
    const auto keys = read_token_keys(config, directory->apps);
    if (keys.has_error()) return keys.error();
    return {};
  }

  // Applications, their keys and key files, as they are now. From the main thread and from that of
  // the control socket.
  Outcome<void> load_credentials(Node& node) {
    const auto number = ++credentials_read_;
    const auto config = now_.load();
    auto directory = store_->directory();
    if (directory.has_error()) return Problem{.exit_code = 1, .text = directory.error().text};
    auto keys = read_token_keys(*config, directory->apps);
    auto used = token_keys_.load();
    if (keys.has_value())
      token_keys_ = used = std::make_shared<const TokenKeys>(std::move(*keys));
    else if (used == nullptr)
      return keys.error();
    else  // a retired key must not stay because of them: those of before stay alone
      log_unread(keys.error());
    node.note_revoked(std::exchange(directory->revoked, {}));
    node.set_credentials(std::make_shared<const front::Credentials>(
                             std::move(*directory),
                             config->dev ? front::DevMode::on : front::DevMode::off,
                             dev_.keys(),
                             *used),
                         number);
    return {};
  }

  // While it serves.
  void reload_credentials(Node& node) {
    if (const auto loaded = load_credentials(node); loaded.has_error()) log_unread(loaded.error());
  }

  void log_unread(const Problem& problem) {
    logger_.log(base::LogLevel::error, "credentials_unread", {{"why", problem.text}});
  }

  Outcome<std::unique_ptr<ControlServer>> start_control(StoreAdmin& admin) {
    const auto path = control_socket_path(config_.server.data_dir);
    if (path.has_error()) return path.error();
    return ControlServer::start(path.value(), clock_, [&admin](std::string_view line) {
      return answer_admin(admin, line);
    });
  }

  void announce(const std::string& address, std::size_t reactors) {
    logger_.log(base::LogLevel::info,
                "started",
                {{"version", version()},
                 {"reactors", reactors},
                 {"open_files_max", open_files_},
                 {"data_dir", config_.server.data_dir},
                 {"dev", config_.dev}});
    if (config_.dev)
      std::cout << "development mode: anyone on this machine is whoever he says he is\n"
                << "server key for this run: " << dev_.bearer() << "\n"
                << "open " << scheme() << "://" << address << "/ in two windows and talk\n";
    std::cout << "listening on " << scheme() << "://" << address << std::endl;
  }

  std::string_view scheme() const { return config_.tls() ? "https" : "http"; }

  int complain(const Problem& problem) const {
    std::cerr << "kith: " << problem.text << "\n";
    return problem.exit_code;
  }

  const Config& config_;                            // as it began
  std::atomic<std::shared_ptr<const Config>> now_;  // the control socket's thread asks too
  const ReadAgain& read_again_;
  LogSink& logger_;
  const base::Clock& clock_;
  base::Random& random_;
  std::uint64_t open_files_ = 0;
  ports::Store* store_ = nullptr;
  DevApplication dev_;
  Wishes wishes_;
  std::atomic<std::uint64_t> credentials_read_{0};
  using TokenKeys = std::vector<front::TokenKey>;
  std::atomic<std::shared_ptr<const TokenKeys>> token_keys_;  // null: not read yet
};

}  // namespace

Outcome<std::unique_ptr<ports::Store>> open_store(const Config& config,
                                                  const base::Clock& clock,
                                                  base::Random& random) {
  // Used up by a command; its complaints belong on the terminal.
  static LogSink logger{{.least = base::LogLevel::warning}, clock, std::cerr};
  return open_store(config, logger, clock, random);
}

int serve(const LoadedConfig& loaded,
          const ReadAgain& read_again,
          DataDir data,
          const base::Clock& clock,
          base::Random& random) {
  const DataDir held{std::move(data)};
  LogSink logger{log_options(loaded.config.log), clock, std::cerr};
  return Serving{loaded.config, read_again, logger, clock, random}.run();
}

}  // namespace kith::server
