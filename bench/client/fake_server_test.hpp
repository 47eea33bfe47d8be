#pragma once

#include "net/endpoint.hpp"
#include "runtime/fd.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace kith::bench {

// A server for one client in the same thread, that says what a test tells it to, in pieces of the
// test's choice.
class FakeServer {
 public:
  FakeServer();

  net::Endpoint endpoint() const { return {"127.0.0.1", port_}; }

  // Takes a client that is waiting; false when none is.
  bool accept();
  void write(std::string_view bytes);

  void close() { client_.reset(); }

  // Everything the client has sent since the last call, as it stands on the wire.
  std::string read();
  // The same as the texts of its frames, unmasked, one behind the other with a space before each.
  std::string read_texts();

  static std::string frame(std::string_view payload, char opcode = '\x81');
  static constexpr std::string_view upgrade =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

 private:
  runtime::Fd listener_;
  runtime::Fd client_;
  std::uint16_t port_ = 0;
};

}  // namespace kith::bench
