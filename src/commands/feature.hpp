#pragma once

#include "commands/command.hpp"

#include <cstdint>
#include <string_view>

namespace kith::commands {

struct SessionInfo {
  std::uint64_t id = 0;
  UserKey user;
  Cid user_cid;  // his own log
};

// What an application may leave out: a folder in features/ and a line in server/features.cpp. One
// object per reactor.
class Feature {
 public:
  Feature() = default;
  Feature(const Feature&) = delete;
  Feature& operator=(const Feature&) = delete;
  virtual ~Feature() = default;
  virtual std::string_view name() const noexcept = 0;
  virtual void add_commands(Table& table) = 0;

  // A connection of this reactor has begun, and ended.
  virtual void on_session_begin(const SessionInfo& /*session*/) {}

  virtual void on_session_end(const SessionInfo& /*session*/) {}

  // The node ends, and the store takes nothing after this. Called twice on each reactor: what the
  // first call posted to other reactors is there at the second.
  virtual void flush() {}
};

}  // namespace kith::commands
