#include "server/config.hpp"

#include "net/endpoint.hpp"
#include "server/settings.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <array>
#include <fstream>

namespace kith::server {
namespace {

constexpr std::size_t file_bytes_max = 1024 * 1024;
constexpr std::size_t apps_max = 10'000;
constexpr std::string_view environment_prefix = "KITH_";
// Variables of the project's own tools.
constexpr std::array<std::string_view, 2> environment_ignored{"KITH_TEST_", "KITH_SETUP_"};
constexpr std::string_view defaults_table = "app_defaults";
constexpr std::string_view apps_table = "apps";

// A setting of an application that was given: kept until app_defaults are known.
struct AppValue {
  std::string app;
  const Setting* setting = nullptr;
  RawValue value;
  bool is_text = false;
  std::string place;
};

std::vector<std::string> known_keys() {
  std::vector<std::string> keys;
  for (const auto& setting : settings())
    keys.emplace_back(setting.key);
  for (const auto& setting : app_settings())
    keys.push_back(fmt::format("{}.{}", defaults_table, setting.key));
  return keys;
}

std::vector<std::string> known_app_keys(std::string_view app) {
  std::vector<std::string> keys;
  for (const auto& setting : app_settings())
    keys.push_back(fmt::format("{}.{}.{}", apps_table, app, setting.key));
  return keys;
}

std::vector<std::string> known_tables() {
  std::vector<std::string> tables{std::string{defaults_table}, std::string{apps_table}};
  for (const auto& setting : settings()) {
    std::string name{setting.key.substr(0, setting.key.find('.'))};
    if (tables.back() != name) tables.push_back(std::move(name));
  }
  return tables;
}

// `features.typing` of app_defaults.features.typing, and of apps.shop.features.typing with `shop`.
struct AppKey {
  std::string_view app;  // empty: all
  std::string_view key;
};

std::optional<AppKey> app_key(std::string_view key) {
  const auto dot = key.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto rest = key.substr(dot + 1);
  if (key.substr(0, dot) == defaults_table) return AppKey{{}, rest};
  const auto end = rest.find('.');
  if (key.substr(0, dot) != apps_table || end == std::string_view::npos) return std::nullopt;
  return AppKey{rest.substr(0, end), rest.substr(end + 1)};
}

// Whether settings of the list stand below `key`.
bool holds_settings(std::span<const Setting> list, std::string_view key) {
  return std::any_of(list.begin(), list.end(), [&](const Setting& s) {
    return s.key.size() > key.size() && s.key.starts_with(key) && s.key[key.size()] == '.';
  });
}

class Loader {
 public:
  explicit Loader(const ConfigSources& sources) : sources_(sources) {}

  LoadedConfig load(std::optional<std::string_view> file_text) {
    out_.config.dev = sources_.dev;
    if (sources_.dev) dev_defaults();
    if (file_text) file(*file_text);
    environment();
    for (const auto& [key, text] : sources_.settings)
      command_line(key, text);
    applications();
    if (sources_.dev) only_loopback();
    certificate_with_key();
    return std::move(out_);
  }

 private:
  void complain(std::string_view place, std::string_view text) {
    out_.errors.push_back(fmt::format("{}: {}", place, text));
  }

  void unknown(std::string_view place,
               std::string_view name,
               std::span<const std::string> candidates) {
    complain(place,
             fmt::format("unknown setting {}; did you mean {}?", name, nearest(name, candidates)));
  }

  void keep(const Setting& setting,
            std::string key,
            const RawValue& value,
            std::string_view place) {
    const auto result = assign(setting, setting.of_config(out_.config), value);
    taken(std::move(key), result, place);
  }

  void taken(std::string key, const Outcome<void>& result, std::string_view place) {
    if (result.has_error())
      complain(place, fmt::format("{} {}", key, result.error().text));
    else
      out_.origins[std::move(key)] = place;
  }

  void dev_defaults() {
    for (const auto& setting : settings())
      if (setting.dev)
        taken(std::string{setting.key},
              assign_text(setting, setting.of_config(out_.config), *setting.dev),
              "--dev");
  }

  // --- the file
  void file(std::string_view text) {
    try {
      const auto root = toml::parse(text, sources_.file_name);
      table(root, "");
    } catch (const toml::parse_error& error) {
      complain(place_of(error.source()), error.description());
    }
  }

  std::string place_of(const toml::source_region& region) const {
    return fmt::format("{}:{}", sources_.file_name, region.begin.line);
  }

  void table(const toml::table& from, const std::string& above) {
    for (const auto& [name, node] : from) {
      const std::string key =
          above.empty() ? std::string{name.str()} : fmt::format("{}.{}", above, name.str());
      if (const auto* below = node.as_table(); below != nullptr && is_table(key))
        table(*below, key);
      else
        value(key, node, fmt::format("{}:{}", sources_.file_name, name.source().begin.line));
    }
  }

  // Only what can hold settings is looked into: anything else is one unknown setting, not many.
  static bool is_table(const std::string& key) {
    if (key == defaults_table || key == apps_table) return true;
    if (key.starts_with("apps.") && key.find('.', 5) == std::string::npos) return true;
    if (const auto of_app = app_key(key)) return holds_settings(app_settings(), of_app->key);
    return holds_settings(settings(), key);
  }

  void value(const std::string& key, const toml::node& node, std::string_view place) {
    const auto of_app = app_key(key);
    const bool of_one = of_app && !of_app->app.empty();
    const auto* setting = of_app ? find_app_setting(of_app->key) : find_setting(key);
    if (setting == nullptr)
      return unknown(
          place,
          key,
          node.is_table() ? known_tables() : (of_one ? known_app_keys(of_app->app) : known_keys()));
    auto raw = raw_value(node);
    if (raw.has_error()) return complain(place, fmt::format("{} {}", key, raw.error().text));
    if (of_one)
      app_values_.push_back(
          {std::string{of_app->app}, setting, std::move(raw).value(), false, std::string{place}});
    else if (of_app)
      taken(key, assign(*setting, setting->of_app(out_.config.app_defaults), raw.value()), place);
    else
      keep(*setting, key, raw.value(), place);
  }

  static Outcome<RawValue> raw_value(const toml::node& node) {
    if (const auto* number = node.as_integer()) return RawValue{number->get()};
    if (const auto* truth = node.as_boolean()) return RawValue{truth->get()};
    if (const auto* text = node.as_string()) return RawValue{text->get()};
    const auto* array = node.as_array();
    if (array == nullptr)
      return Problem{.text = "must be a number, true or false, a text or a list of texts"};
    std::vector<std::string> list;
    for (const auto& element : *array) {
      const auto* text = element.as_string();
      if (text == nullptr) return Problem{.text = "must be a list of texts, as [\"a\", \"b\"]"};
      list.push_back(text->get());
    }
    return RawValue{std::move(list)};
  }

  // --- the environment
  void environment() {
    for (const auto& [name, text] : sources_.environment) {
      const auto ignored = [&name = name](std::string_view prefix) {
        return name.starts_with(prefix);
      };
      if (!name.starts_with(environment_prefix) ||
          std::any_of(environment_ignored.begin(), environment_ignored.end(), ignored))
        continue;
      variable(name, text);
    }
  }

  void variable(const std::string& name, const std::string& text) {
    const std::string place = "environment variable " + name;
    for (const auto& setting : settings())
      if (environment_name(setting.key) == name)
        return taken(std::string{setting.key},
                     assign_text(setting, setting.of_config(out_.config), text),
                     place);
    for (const auto& setting : app_settings()) {
      const auto key = fmt::format("{}.{}", defaults_table, setting.key);
      if (environment_name(key) == name)
        return taken(
            key, assign_text(setting, setting.of_app(out_.config.app_defaults), text), place);
      if (auto app = app_of(name, setting.key); !app.empty()) {
        app_values_.push_back({std::move(app), &setting, RawValue{text}, true, place});
        return;
      }
    }
    std::vector<std::string> names;
    for (const auto& key : known_keys())
      names.push_back(environment_name(key));
    unknown("environment", name, names);
  }

  // `my-shop` of KITH_APPS_MY_SHOP_MEMBERS_MAX if the file has it, else `my_shop`.
  std::string app_of(std::string_view name, std::string_view key) const {
    const auto prefix = environment_name("apps.");
    const auto suffix = "_" + environment_name(key).substr(environment_prefix.size());
    if (!name.starts_with(prefix) || !name.ends_with(suffix) ||
        name.size() <= prefix.size() + suffix.size())
      return {};
    const auto middle = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    for (const auto& given : app_values_)
      if (environment_name(given.app).substr(environment_prefix.size()) == middle) return given.app;
    std::string app{middle};
    std::transform(app.begin(), app.end(), app.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return app;
  }

  // --- the command line
  void command_line(const std::string& key, const std::string& text) {
    const auto* setting = find_setting(key);
    KITH_ASSERT(setting != nullptr);
    taken(key, assign_text(*setting, setting->of_config(out_.config), text), "command line");
  }

  // --- what is left when all sources were read
  void applications() {
    for (const auto& given : app_values_) {
      const bool full =
          out_.config.apps.size() >= apps_max && !out_.config.apps.contains(given.app);
      if (full)
        return complain(given.place, fmt::format("more than {} applications are named", apps_max));
      auto& app = out_.config.apps.try_emplace(given.app, out_.config.app_defaults).first->second;
      auto key = fmt::format("{}.{}.{}", apps_table, given.app, given.setting->key);
      const auto slot = given.setting->of_app(app);
      taken(std::move(key),
            given.is_text ? assign_text(*given.setting, slot, std::get<std::string>(given.value))
                          : assign(*given.setting, slot, given.value),
            given.place);
    }
  }

  void only_loopback() {
    const auto endpoint = net::parse_endpoint(out_.config.server.listen);
    if (endpoint.has_value() && net::is_loopback(endpoint.value())) return;
    const auto origin = out_.origins.find("server.listen");
    complain(origin == out_.origins.end() ? "server.listen" : origin->second,
             "--dev trusts whoever connects and listens on loopback only: use 127.0.0.1:PORT, or "
             "serve without --dev");
  }

  void certificate_with_key() {
    const auto& server = out_.config.server;
    if (server.tls_cert_file.empty() == server.tls_key_file.empty()) return;
    const auto given =
        server.tls_cert_file.empty() ? "server.tls_key_file" : "server.tls_cert_file";
    const auto origin = out_.origins.find(given);
    complain(origin == out_.origins.end() ? given : origin->second,
             "server.tls_cert_file and server.tls_key_file are set together or not at all");
  }

  const ConfigSources& sources_;
  LoadedConfig out_;
  std::vector<AppValue> app_values_;
};

Outcome<std::string> read_file(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  if (!file) return Problem{.text = "can not be read; does it exist, and may you read it?"};
  std::string text(file_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return Problem{.text = "can not be read; is it a file?"};
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > file_bytes_max)
    return Problem{.text = "is larger than 1 MiB; is it the right file?"};
  return text;
}

}  // namespace

const AppSettings& Config::app(std::string_view name) const {
  const auto at = apps.find(name);
  return at == apps.end() ? app_defaults : at->second;
}

std::string Config::store_path() const {
  return path_of(std::string_view{store.url}.substr(store.url.find(':') + 1));
}

std::string Config::path_of(std::string_view file) const {
  return file.starts_with('/') ? std::string{file} : fmt::format("{}/{}", server.data_dir, file);
}

LoadedConfig load_config(const ConfigSources& sources, std::string_view file_text) {
  return Loader{sources}.load(file_text);
}

LoadedConfig load_config(const ConfigSources& sources) {
  if (sources.file_name.empty()) return Loader{sources}.load(std::nullopt);
  auto text = read_file(sources.file_name);
  if (text.has_value()) return load_config(sources, text.value());
  LoadedConfig failed = Loader{sources}.load(std::nullopt);
  failed.errors.insert(failed.errors.begin(),
                       fmt::format("{}: {}", sources.file_name, text.error().text));
  return failed;
}

std::string describe(const LoadedConfig& loaded) {
  Config config = loaded.config;  // slots point into something that may be written
  std::string out;
  const auto add = [&](const std::string& key, const Setting& setting, Slot slot) {
    const auto origin = loaded.origins.find(key);
    fmt::format_to(std::back_inserter(out),
                   "{} = {}  # {}\n",
                   key,
                   to_toml_without_secrets(setting, slot),
                   origin == loaded.origins.end() ? "default" : origin->second);
  };
  for (const auto& setting : settings())
    add(std::string{setting.key}, setting, setting.of_config(config));
  for (const auto& setting : app_settings())
    add(fmt::format("{}.{}", defaults_table, setting.key),
        setting,
        setting.of_app(config.app_defaults));
  for (auto& [name, app] : config.apps)
    for (const auto& setting : app_settings())
      add(fmt::format("{}.{}.{}", apps_table, name, setting.key), setting, setting.of_app(app));
  return out;
}

}  // namespace kith::server
