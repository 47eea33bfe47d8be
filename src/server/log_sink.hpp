#pragma once

#include "base/log.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string_view>

namespace kith::server {

struct LogOptions {
  base::LogLevel least = base::LogLevel::info;
  bool json = false;
  std::uint32_t lines_per_event_per_s =
      50;  // more of one event are counted, and the count is logged
};

// `debug`, `info`, `warning`, `error`.
std::optional<base::LogLevel> parse_log_level(std::string_view text);

// Writes one line an event: `ts=2026-01-01T10:00:00.000Z level=info event=listening
// address=127.0.0.1:8080`, or the same as a JSON object. The stream outlives the sink.
class LogSink final : public base::Logger {
 public:
  LogSink(LogOptions options, const base::Clock& clock, std::ostream& out);
  ~LogSink() override;

  // From any thread.
  void set_least(base::LogLevel least) noexcept;

  void log(base::LogLevel level,
           std::string_view event,
           std::initializer_list<base::LogField> fields) override;

 private:
  struct Output;
  std::unique_ptr<Output> output_;
};

}  // namespace kith::server
