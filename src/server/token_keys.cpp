#include "server/token_keys.hpp"

#include "base/limits.hpp"
#include "wire/json/parser.hpp"

#include <fmt/format.h>

#include <fstream>
#include <string>

namespace kith::server {
namespace {

Outcome<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(base::limits::jwks_bytes_max + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad() || (file.fail() && !file.eof()))
    return Problem{.text = "can not be read; does it exist, and may the server read it?"};
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > base::limits::jwks_bytes_max)
    return Problem{.text = fmt::format("is larger than {} bytes; is it the right file?",
                                       base::limits::jwks_bytes_max)};
  return text;
}

}  // namespace

Outcome<std::vector<front::TokenKey>> read_token_keys(const Config& config,
                                                      std::span<const ports::AppRow> apps) {
  std::vector<front::TokenKey> keys;
  wire::json::Parser parser{{.capacity_bytes_max = base::limits::jwks_bytes_max}};
  for (const auto& app : apps) {
    const auto& name = config.app(app.name).jwks_file;
    if (name.empty()) continue;
    const auto path = config.path_of(name);
    const auto text = read_file(path);
    if (text.has_error())
      return Problem{.exit_code = 1, .text = fmt::format("{}: {}", path, text.error().text)};
    auto read = front::read_jwks(app.id, *text, parser);
    if (read.has_error())
      return Problem{.exit_code = 1, .text = fmt::format("{}: {}", path, read.error().text)};
    for (auto& key : *read)
      keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace kith::server
