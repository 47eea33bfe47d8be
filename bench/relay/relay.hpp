#pragma once

#include "relay/groups.hpp"
#include "runtime/fd.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kith::bench::relay {

inline constexpr std::size_t input_bytes_max = 1024 * 1024;
inline constexpr std::size_t output_bytes_max = 64 * 1024 * 1024;

// What a fan-out costs when nothing is done but read, copy and write: a frame that a member sends
// goes to the others, `frames` of them in one write where so many come, fewer when nothing more is
// there to be read. It answers the load generator as Kith does, with frames as long as Kith's.
class Relay {
 public:
  explicit Relay(std::size_t frames) : frames_(frames), read_(read_bytes, '\0') {}

  // The port it listens on; 0 if it could not.
  std::uint16_t listen(std::uint16_t port);
  // One wait for sockets and what follows. False when epoll fails.
  bool turn();

 private:
  static constexpr std::size_t read_bytes = 64 * 1024;
  static constexpr int events_max = 512;

  struct Client {
    runtime::Fd fd;
    bool upgraded = false;
    bool waits_for_room = false;
    bool ended = false;
    std::string user, in, out;
  };

  void accept();
  void read(Client& client);
  void take(Client& client, std::string_view bytes);
  std::size_t take_request(Client& client, std::string_view bytes);
  void rest(Client& client, std::string_view path, std::string_view owner, std::string_view body);
  std::size_t take_frame(Client& client, std::string_view bytes);
  void packet(Client& client, std::string_view text);
  void message(Client& client, std::string_view text);
  void flush(Group& group);
  void flush_all();
  void send(Client& client, std::string_view bytes);
  void send_text(Client& client, std::string_view text);
  void write(Client& client);
  void watch(Client& client, bool room);
  void forget(int socket);

  std::size_t frames_;
  std::string read_;
  std::string scratch_, batch_;
  runtime::Fd epoll_, listener_;
  std::vector<std::unique_ptr<Client>> clients_;  // by descriptor
  Groups groups_;
  std::vector<Group*> waiting_;
};

}  // namespace kith::bench::relay
