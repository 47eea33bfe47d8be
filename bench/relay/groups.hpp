#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kith::bench::relay {

inline constexpr std::size_t groups_max = 10'000;
inline constexpr std::size_t members_max = 10'000;

// A frame that waits for its write, and who sent it: he does not get it.
struct Waiting {
  int sender = -1;
  std::string frame;
};

struct Group {
  std::vector<std::string> users;
  std::vector<int> sockets;
  std::vector<Waiting> waiting;
};

// Groups by their external id, and which sockets are in them.
class Groups {
 public:
  // False beyond the bounds.
  bool add(std::string_view name, std::vector<std::string> users);
  void connect(std::string_view user, int socket);
  void disconnect(std::string_view user, int socket);
  Group* find(std::string_view name);

 private:
  void join(Group& group, const std::string& user);

  std::unordered_map<std::string, Group> groups_;
  std::unordered_map<std::string, std::vector<std::string>> of_user_;
  std::unordered_map<std::string, std::vector<int>> sockets_;
};

}  // namespace kith::bench::relay
