#pragma once

#include "commands/command.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace kith::commands {

// The conversation that a caller named.
struct Target {
  ConversationKey key;
  std::optional<std::pair<UserId, UserId>> direct;  // named by `to`: the two it is between
};

// Finds the conversation named by `cid`, `external_id` or `to`. External ids are looked up once and
// remembered. What one connection asks is answered in its order, whichever names it uses: a message
// never overtakes one that still waits for a look-up.
class Resolver {
 public:
  using Found = ports::Done<Target>;
  Resolver(ports::Reactor& reactor, ports::Store& store);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // `found` may be called before this returns.
  void resolve(const Caller& caller, Value args, Found found);

 private:
  using Key = std::pair<base::AppId, std::string>;

  // Asked by a connection behind a look-up of its own.
  struct Step {
    std::variant<Target, Key> named;
    Found found;
  };

  struct Waiter {
    std::uint64_t session;  // 0: none, in no order
    Found found;
  };

  bool resolve_external(std::uint64_t session, Key key, Found found);  // true: it waits
  void on_found(const Key& key, const Result<std::optional<Cid>>& result);
  void go_on(std::uint64_t session);

  ports::Reactor& reactor_;
  ports::Store& store_;
  std::map<Key, Cid>
      known_;  // at most known_max; an external id never moves to another conversation
  std::map<Key, std::vector<Waiter>> waiting_;
  // Of connections that wait for a look-up; bounded, as that is, by in_flight_commands_max of each.
  std::map<std::uint64_t, std::deque<Step>> behind_;
  std::shared_ptr<Resolver*> self_;
};

}  // namespace kith::commands
