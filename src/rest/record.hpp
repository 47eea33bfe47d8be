#pragma once

#include "base/fault.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "commands/command.hpp"
#include "rest/ask.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kith::rest {

// What a server key changes in a user's name (`On-Behalf-Of`, or under his path) is a line of the
// log: whose key, for whom, what, where, as which event of that conversation, and how it ended.
// Nothing else is recorded here. Said once; also of what was never answered.
class Record {
 public:
  Record(base::Logger& logger, const Ask& ask);
  Record(Record&& other) noexcept;
  Record& operator=(Record&&) = delete;
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;
  ~Record();

  void close(const base::Result<commands::Answer>& result);
  // Nothing: it was done.
  void close(std::optional<base::Errc> failed);

 private:
  void say(std::string_view code);

  base::Logger* logger_;  // none: not to be recorded, or said
  const Route* route_;
  std::string app_;
  std::string kid_;
  std::string user_;
  std::string in_;  // the conversation
  std::string seq_;
};

}  // namespace kith::rest
