#include "relay/groups.hpp"

#include <algorithm>

namespace kith::bench::relay {

bool Groups::add(std::string_view name, std::vector<std::string> users) {
  if (groups_.size() >= groups_max && find(name) == nullptr) return false;
  Group& group = groups_[std::string(name)];
  if (group.users.size() + users.size() > members_max) return false;
  for (auto& user : users) {
    if (std::find(group.users.begin(), group.users.end(), user) != group.users.end()) continue;
    join(group, user);
    of_user_[user].emplace_back(name);
    group.users.push_back(std::move(user));
  }
  return true;
}

void Groups::join(Group& group, const std::string& user) {
  const auto online = sockets_.find(user);
  if (online == sockets_.end()) return;
  group.sockets.insert(group.sockets.end(), online->second.begin(), online->second.end());
}

void Groups::connect(std::string_view user, int socket) {
  const std::string name(user);
  sockets_[name].push_back(socket);
  for (const auto& group : of_user_[name])
    groups_[group].sockets.push_back(socket);
}

void Groups::disconnect(std::string_view user, int socket) {
  const std::string name(user);
  for (const auto& group : of_user_[name])
    std::erase(groups_[group].sockets, socket);
  const auto online = sockets_.find(name);
  if (online == sockets_.end()) return;
  std::erase(online->second, socket);
  if (online->second.empty()) sockets_.erase(online);
}

Group* Groups::find(std::string_view name) {
  const auto found = groups_.find(std::string(name));
  return found == groups_.end() ? nullptr : &found->second;
}

}  // namespace kith::bench::relay
