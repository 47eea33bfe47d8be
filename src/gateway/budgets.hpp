#pragma once

#include "base/limits.hpp"
#include "base/pace.hpp"
#include "commands/command.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace kith::gateway {

// What was taken by one who is counted: a connection, a user, an application.
struct Meters {
  base::Meter messages;
  base::Meter commands;  // messages too

  bool rested(base::Instant now) const noexcept {
    return messages.rested(now) && commands.rested(now);
  }
};

// How often each may.
struct Paces {
  base::Pace messages;
  base::Pace commands;

  static constexpr Paces per_s(std::uint32_t messages, std::uint32_t commands) noexcept {
    return {base::Pace::per_s(messages), base::Pace::per_s(commands)};
  }

  bool limit() const noexcept { return messages.limits() || commands.limits(); }
};

// What one who asks may still do, by all who are counted: himself, his user, his application. Takes
// of each or of none. Lives while a command begins.
class Allowance final : public commands::Budget {
 public:
  void add(base::Meter& meter, const base::Pace& pace) noexcept;
  std::uint32_t take(base::Instant now) override;

  bool empty() const noexcept { return count_ == 0; }

 private:
  struct Part {
    base::Meter* meter = nullptr;
    base::Pace pace;
  };

  static constexpr std::size_t parts_max = 3;
  std::array<Part, parts_max> parts_;
  std::size_t count_ = 0;
};

// The meters of the users whose home is this reactor, as long as they are held or not yet rested.
class UserMeters {
 public:
  explicit UserMeters(std::size_t users_max = base::limits::metered_users_max)
      : users_max_(users_max) {}

  // Beyond the bound: fresh ones, for whoever asks alone.
  std::shared_ptr<Meters> get(const base::UserKey& user, base::Instant now);

  std::size_t size() const noexcept { return meters_.size(); }

 private:
  void sweep(base::Instant now);

  std::size_t users_max_;
  boost::unordered_flat_map<base::UserKey, std::shared_ptr<Meters>, base::KeyHash> meters_;
  std::size_t sweep_at_ = 64;  // rested ones are looked for when there are this many
};

// The meters of applications, for all reactors: few, and asked for with every command, so they
// stay. Without a lock: the list only grows, at its head.
class AppMeters {
 public:
  AppMeters() = default;
  AppMeters(const AppMeters&) = delete;
  AppMeters& operator=(const AppMeters&) = delete;
  ~AppMeters();

  // Only for those that exist.
  Meters& get(base::AppId app);

 private:
  struct Node {
    base::AppId app;
    Node* next;
    Meters meters;
  };

  static Node* find(Node* from, base::AppId app) noexcept;

  static constexpr std::size_t lists = 256;
  std::array<std::atomic<Node*>, lists> heads_{};
};

}  // namespace kith::gateway
