#include "base/log.hpp"

#include <fmt/format.h>

#include <array>

namespace kith::base {
namespace {

void append_escaped(std::string& out, std::string_view text) {
  const bool plain =
      !text.empty() && text.find_first_of(" \"=\\") == std::string_view::npos &&
      std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (plain) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

std::string_view to_text(LogLevel level) {
  constexpr std::array<std::string_view, 5> names{"debug", "info", "warning", "error", "audit"};
  return names[static_cast<std::size_t>(level)];
}

std::string format_log_line(LogLevel level,
                            std::string_view event,
                            std::initializer_list<LogField> fields) {
  std::string out = "level=";
  out += to_text(level);
  out += " event=";
  out += event;
  for (const auto& field : fields) {
    out += ' ';
    out += field.key;
    out += '=';
    std::visit(
        [&](const auto& value) {
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string_view>)
            append_escaped(out, value);
          else
            fmt::format_to(std::back_inserter(out), "{}", value);
        },
        field.value);
  }
  return out;
}

}  // namespace kith::base
