#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace kith::base {

// `audit`: what was done in whose name; written at every log.level, and none is left out.
enum class LogLevel : std::uint8_t { debug, info, warning, error, audit };

std::string_view to_text(LogLevel level);

// One `key=value` of a log line. Values are numbers, ids and static words: never message text,
// tokens or secrets.
struct LogField {
  std::string_view key;
  std::variant<std::int64_t, std::uint64_t, double, bool, std::string_view> value;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}

  LogField(std::string_view k, const char* v) : key(k), value(std::string_view{v}) {}

  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view{v}) {}

  LogField(std::string_view k, bool v) : key(k), value(v) {}

  LogField(std::string_view k, double v) : key(k), value(v) {}
  template <class Int>

  requires std::is_integral_v<Int> LogField(std::string_view k, Int v) : key(k) {
    if constexpr (std::is_signed_v<Int>)
      value = static_cast<std::int64_t>(v);
    else
      value = static_cast<std::uint64_t>(v);
  }
};

// Where log lines go. The server's writes to standard error (server/log_sink.cpp); tests collect
// theirs. Thread-safe. `event` is a static word in snake_case.
class Logger {
 public:
  Logger() = default;
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;
  virtual ~Logger() = default;
  virtual void log(LogLevel level,
                   std::string_view event,
                   std::initializer_list<LogField> fields) = 0;
};

// Drops everything.
class NullLogger final : public Logger {
 public:
  void log(LogLevel, std::string_view, std::initializer_list<LogField>) override {}
};

// `level=info event=listening address=127.0.0.1:8080`, without the newline. Values with blanks,
// quotes, control characters or `=` are quoted and escaped, so that a line can not be forged.
std::string format_log_line(LogLevel level,
                            std::string_view event,
                            std::initializer_list<LogField> fields);

}  // namespace kith::base
