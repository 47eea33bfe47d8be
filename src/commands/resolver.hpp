#pragma once

#include "commands/command.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kith::commands {

// The conversation that a caller named.
struct Target {
  ConversationKey key;
  std::optional<std::pair<UserId, UserId>> direct;  // named by `to`: the two it is between
};

// Finds the conversation named by `cid`, `external_id` or `to`. External ids are looked up once and
// remembered; callers who ask for the same one meanwhile are answered in their order.
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
  void resolve_external(Key key, Found found);
  void on_found(const Key& key, const Result<std::optional<Cid>>& result);

  ports::Reactor& reactor_;
  ports::Store& store_;
  std::map<Key, Cid>
      known_;  // at most known_max; an external id never moves to another conversation
  std::map<Key, std::vector<Found>> waiting_;
  std::shared_ptr<Resolver*> self_;
};

}  // namespace kith::commands
