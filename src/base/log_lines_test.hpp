#pragma once

#include "base/log.hpp"

#include <string>
#include <vector>

namespace kith::base {

// Keeps the lines. One thread at a time.
class LinesLogger final : public Logger {
 public:
  void log(LogLevel level,
           std::string_view event,
           std::initializer_list<LogField> fields) override {
    lines.push_back(format_log_line(level, event, fields));
  }

  std::vector<std::string> lines;
};

}  // namespace kith::base
