#include "server/settings.hpp"

#include <fmt/format.h>

namespace kith::server {
namespace {

std::string range_of(const Setting& setting, Slot slot) {
  if (std::holds_alternative<std::uint32_t*>(slot))
    return fmt::format("{} to {}", setting.least, setting.most);
  if (std::holds_alternative<OptionalNumber*>(slot))
    return fmt::format("{} to {}, `\"committed\"`", setting.least, setting.most);
  if (std::holds_alternative<bool*>(slot)) return "`true`, `false`";
  if (std::holds_alternative<std::string*>(slot)) return "text";
  return "list of texts";
}

std::string row(const Setting& setting, std::string_view key, Slot slot) {
  const std::string dev = setting.dev ? fmt::format(" (`--dev`: `{}`)", *setting.dev) : "";
  return fmt::format("| `{}` | `{}`{} | {} | {} |\n",
                     key,
                     to_toml(slot),
                     dev,
                     range_of(setting, slot),
                     setting.text);
}

constexpr std::string_view table_head =
    "| Setting | Default | Values | What |\n|---|---|---|---|\n";

constexpr std::string_view introduction = R"(# Configuration

Written by `kith check-config --reference` from the table in `src/server/settings.cpp`; a test compares the two.

Kith runs with no configuration at all. What is set is read in this order, later wins: the defaults below · the file named by
`--config FILE` (TOML) · environment variables · the command line. `server.listen` is `KITH_SERVER_LISTEN` in the environment, and
so on: `KITH_`, capitals, `_` for the dot; lists are written with commas there. A setting that does not exist is an error that names
the nearest one, in the file and in the environment alike; variables that begin with `KITH_TEST_` or `KITH_SETUP_` are left alone.
`kith check-config FILE` shows what is in effect and where it comes from.

```toml
[server]
listen = "127.0.0.1:8080"

[socketio]
cors_origins = ["https://chat.example.org"]

[app_defaults]
members_max = 1000
deliver_within = "committed"

[apps.shop]
text_bytes_max = 2000
jwks_file = "shop_keys.json"
```

Under `kith serve --dev` some defaults are others, as noted; a setting given explicitly wins over them.

)";

constexpr std::string_view applications = R"(
## Applications

In `[app_defaults]` for all, in `[apps.NAME]` for one; what an application does not set it has from `[app_defaults]`. The limits of the
server can only be lowered. In the environment: `KITH_APP_DEFAULTS_MEMBERS_MAX`, `KITH_APPS_SHOP_MEMBERS_MAX`.

)";

}  // namespace

std::string configuration_reference() {
  Config config;
  std::string out{introduction};
  out += table_head;
  for (const auto& setting : settings())
    out += row(setting, setting.key, setting.of_config(config));
  out += applications;
  out += table_head;
  for (const auto& setting : app_settings())
    out += row(setting, setting.key, setting.of_app(config.app_defaults));
  return out;
}

}  // namespace kith::server
