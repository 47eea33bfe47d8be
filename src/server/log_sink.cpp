#include "server/log_sink.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ostream_sink.h>

#include <atomic>
#include <map>
#include <mutex>
#include <string>

namespace kith::server {
namespace {

constexpr std::size_t events_max =
    1'024;  // events are words of the source: this is a bound, not a limit
constexpr base::Duration window = std::chrono::seconds{1};

std::string as_json(base::WallTime now,
                    base::LogLevel level,
                    std::string_view event,
                    std::initializer_list<base::LogField> fields) {
  boost::json::object line{
      {"ts", base::to_rfc3339(now)}, {"level", base::to_text(level)}, {"event", event}};
  for (const auto& field : fields)
    std::visit([&](const auto& value) { line[field.key] = value; }, field.value);
  return boost::json::serialize(line);
}

std::string as_text(base::WallTime now,
                    base::LogLevel level,
                    std::string_view event,
                    std::initializer_list<base::LogField> fields) {
  return "ts=" + base::to_rfc3339(now) + " " + base::format_log_line(level, event, fields);
}

}  // namespace

struct LogSink::Output {
  // What one event said in the present second.
  struct Count {
    base::Instant since;
    std::uint32_t lines = 0;
    std::uint64_t suppressed = 0;
  };

  Output(LogOptions wanted, const base::Clock& source, std::ostream& out)
      : options(wanted), least(wanted.least), clock(source), sink(out, true) {
    sink.set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
  }

  void write(base::LogLevel level,
             std::string_view event,
             std::initializer_list<base::LogField> fields) {
    const auto line = options.json ? as_json(clock.wall(), level, event, fields)
                                   : as_text(clock.wall(), level, event, fields);
    sink.log(spdlog::details::log_msg{{}, spdlog::level::info, {line.data(), line.size()}});
  }

  // False: this event said enough in this second.
  bool may_write(std::string_view event) {
    const auto now = clock.now();
    auto at = counts.find(event);
    if (at == counts.end()) {
      if (counts.size() >= events_max) counts.clear();
      at = counts.emplace(std::string{event}, Count{now}).first;
    }
    auto& count = at->second;
    if (now - count.since >= window) {
      const auto suppressed = count.suppressed;
      count = Count{now};
      if (suppressed > 0)
        write(base::LogLevel::warning, "log_suppressed", {{"of", event}, {"lines", suppressed}});
    }
    if (count.lines < options.lines_per_event_per_s) return ++count.lines, true;
    return ++count.suppressed, false;
  }

  const LogOptions options;
  std::atomic<base::LogLevel> least;
  const base::Clock& clock;
  // Lines of several reactors share one stream, and each event its counter: what is guarded is
  // short and rare.
  std::mutex mutex;
  spdlog::sinks::ostream_sink_st sink;
  std::map<std::string, Count, std::less<>> counts;
};

std::optional<base::LogLevel> parse_log_level(std::string_view text) {
  using base::LogLevel;
  // Not `audit`: at every setting it is written.
  for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error})
    if (text == base::to_text(level)) return level;
  return std::nullopt;
}

LogSink::LogSink(LogOptions options, const base::Clock& clock, std::ostream& out)
    : output_(std::make_unique<Output>(options, clock, out)) {}

LogSink::~LogSink() = default;

void LogSink::set_least(base::LogLevel least) noexcept {
  output_->least = least;
}

void LogSink::log(base::LogLevel level,
                  std::string_view event,
                  std::initializer_list<base::LogField> fields) {
  if (level < output_->least.load(std::memory_order_relaxed)) return;
  const std::lock_guard guard{output_->mutex};
  if (level == base::LogLevel::audit || output_->may_write(event))
    output_->write(level, event, fields);
}

}  // namespace kith::server
