#pragma once

#include "commands/command.hpp"

#include <cstdint>
#include <string_view>

namespace kith::commands {

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

  // A connection of this reactor has ended.
  virtual void on_session_end(std::uint64_t /*session*/) {}
};

}  // namespace kith::commands
