#include "server/command_line.hpp"

#include <CLI/CLI.hpp>

#include <sstream>

namespace kith::server {
namespace {

class Parser {
 public:
  Parser() : app_("Kith, a chat server for Socket.IO clients.", "kith") {
    app_.require_subcommand(1);
    serve();
    applications();
    token();
    store();
    rest();
  }

  std::variant<Invocation, Said> parse(std::span<const std::string> arguments) {
    try {
      app_.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::ParseError& error) {
      return said(error);
    }
    out_.command = chosen_();
    if (!data_.empty()) out_.data = data_;
    return out_;
  }

 private:
  Said said(const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const bool is_help = app_.exit(error, out, err) == 0;
    return {is_help ? 0 : 2, out.str(), err.str()};
  }

  template <class Make>
  CLI::App* leaf(CLI::App& above, const std::string& name, const std::string& text, Make make) {
    auto* command = above.add_subcommand(name, text);
    command->add_option("--data", data_, "Data folder (default ./data)")->type_name("DIR");
    command->add_option("--config", out_.config, "Configuration file (TOML)")->type_name("FILE");
    command->callback([this, make] { chosen_ = make; });
    return command;
  }

  void json_flag(CLI::App* command) {
    command->add_flag("--json", out_.json, "Answer as a JSON object");
  }

  void serve() {
    auto* command = leaf(app_, "serve", "Start the server", [this] {
      return Command{Serve{dev_, listen_.empty() ? std::nullopt : std::optional{listen_}}};
    });
    command->add_flag(
        "--dev",
        dev_,
        "Development: loopback only, users by name without token, demo page, no rate limits");
    command
        ->add_option("--listen",
                     listen_,
                     "Where clients connect; port 0 picks a free one (default 127.0.0.1:8080)")
        ->type_name("ADDR:PORT");
  }

  void applications() {
    auto& apps = *app_.add_subcommand("app", "Applications and their keys");
    apps.require_subcommand(1);
    auto* create =
        leaf(apps, "create", "Create an application", [this] { return Command{CreateApp{name_}}; });
    create->add_option("NAME", name_, "Its name: a-z A-Z 0-9 _ -")->required();
    json_flag(create);
    json_flag(leaf(apps, "list", "List the applications", [] { return Command{ListApps{}}; }));

    auto& keys = *apps.add_subcommand("key", "Keys of an application");
    keys.require_subcommand(1);
    auto* add = leaf(keys, "add", "Add a key; its secret is shown once", [this] {
      return Command{
          AddKey{name_, kind_ == "server" ? AdminKeyKind::server : AdminKeyKind::signing}};
    });
    app_name(add);
    add->add_option("--kind",
                    kind_,
                    "signing: your server signs users' tokens with it; server: your server calls "
                    "the REST API with it")
        ->required()
        ->check(CLI::IsMember({"signing", "server"}));
    json_flag(add);
    auto* list = leaf(keys, "list", "List the keys", [this] { return Command{ListKeys{name_}}; });
    app_name(list);
    json_flag(list);
    auto* retire =
        leaf(keys, "retire", "Retire a key: what it signed is refused from now on", [this] {
          return Command{RetireKey{name_, kid_}};
        });
    app_name(retire);
    retire->add_option("KID", kid_, "The key's id, as `kith app key list` shows it")->required();
    json_flag(retire);
  }

  void token() {
    auto* command = leaf(app_, "token", "Make a user's token", [this] {
      return Command{MakeToken{name_, user_, ttl_s_}};
    });
    app_name(command);
    command->add_option("USER", user_, "The user's id, 1 to 64 characters")->required();
    command->add_option("--ttl", ttl_s_, "Seconds it is good for")
        ->capture_default_str()
        ->type_name("S")
        ->check(CLI::Range(std::uint32_t{1}, token_ttl_s_max));
    json_flag(command);
  }

  void store() {
    auto& store = *app_.add_subcommand("store", "The database: check, backup, restore");
    store.require_subcommand(1);
    auto* check = leaf(store,
                       "check",
                       "Read all of the database, or of a backup, and say what is wrong with it; a "
                       "server may be running",
                       [this] { return Command{StoreCommand{CheckStore{file_}}}; });
    check->add_option("FILE", file_, "A backup (default: the database)");
    auto* backup = leaf(store, "backup", "Copy the database while the server runs", [this] {
      return Command{StoreCommand{BackUpStore{file_, force_}}};
    });
    backup->add_option("FILE", file_, "The copy")->required();
    backup->add_flag("--force", force_, "Replace FILE if it is there");
    auto* restore = leaf(
        store, "restore", "Put a backup in the place of the database; no server may run", [this] {
          return Command{StoreCommand{RestoreStore{file_}}};
        });
    restore->add_option("FILE", file_, "The backup")->required();
  }

  void rest() {
    auto* check = leaf(
        app_, "check-config", "Show the settings in effect, or what is wrong with them", [this] {
          return Command{CheckConfig{file_, reference_}};
        });
    check->add_option("FILE", file_, "Configuration file (TOML)");
    check->add_flag("--reference", reference_, "Print the page of all settings instead");
    leaf(app_, "openapi", "Print what the REST API is, as OpenAPI 3.1", [] {
      return Command{ShowOpenapi{}};
    });
    leaf(app_, "version", "Print the version", [] { return Command{ShowVersion{}}; });
  }

  void app_name(CLI::App* command) {
    command->add_option("APP", name_, "The application's name")->required();
  }

  CLI::App app_;
  Invocation out_;
  std::function<Command()> chosen_;
  std::string data_;
  std::string listen_;
  std::string name_;
  std::string kind_;
  std::string kid_;
  std::string user_;
  std::string file_;
  std::uint32_t ttl_s_ = MakeToken{}.ttl_s;
  bool dev_ = false;
  bool force_ = false;
  bool reference_ = false;
};

}  // namespace

std::variant<Invocation, Said> parse_command_line(std::span<const std::string> arguments) {
  return Parser{}.parse(arguments);
}

}  // namespace kith::server
