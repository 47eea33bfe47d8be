#pragma once

#include "commands/command.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace kith::commands {

struct SessionInfo {
  std::uint64_t id = 0;
  UserKey user;
  Cid user_cid;  // his own log
};

// What an application may leave out: a folder in features/ and its lines in server/features.cpp.
// One object per reactor. How to write one: docs/extending.md.
class Feature {
 public:
  Feature() = default;
  Feature(const Feature&) = delete;
  Feature& operator=(const Feature&) = delete;
  virtual ~Feature() = default;
  virtual std::string_view name() const noexcept = 0;
  // And its hooks.
  virtual void add_commands(Table& table) = 0;

  // A connection of this reactor has begun, and ended; also of an application that does without the
  // feature now, for it may not later.
  virtual void on_session_begin(const SessionInfo& /*session*/) {}

  virtual void on_session_end(const SessionInfo& /*session*/) {}

  // The node ends, and the store takes nothing after this. Called twice on each reactor: what the
  // first call posted to other reactors is there at the second.
  virtual void flush() {}

  // Which applications have it; until this is said, all of them.
  void set_served(std::function<bool(base::AppId)> served) { served_ = std::move(served); }

 protected:
  // For what does not begin with a command or a connection.
  bool serves(base::AppId app) const { return !served_ || served_(app); }

 private:
  std::function<bool(base::AppId)> served_;
};

// By their bits, of which there are features_max.
using Features = std::vector<std::unique_ptr<Feature>>;

template <class Call>
void each_feature(const Features& features, FeatureBits off, Call call) {
  for (std::size_t i = 0; i < features.size(); ++i)
    if ((off & feature_bit(i)) == 0) call(*features[i]);
}

}  // namespace kith::commands
