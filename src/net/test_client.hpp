#pragma once

#include "net/endpoint.hpp"
#include "runtime/fd.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// For the tests of net/: a plain blocking socket with a deadline of 20 seconds on everything.
namespace kith::net {

class TestClient {
 public:
  // A socket not yet connected (IPv4).
  TestClient();
  // `receive_buffer_bytes`: SO_RCVBUF, 0 for the kernel's choice. A refused connection gives
  // connected() == false.
  explicit TestClient(const Endpoint& where, int receive_buffer_bytes = 0);

  bool connect(const Endpoint& where);

  bool connected() const noexcept { return static_cast<bool>(fd_); }

  bool send(std::string_view bytes);        // false: the peer is gone
  std::string receive(std::size_t length);  // fewer bytes: the end, a reset or the deadline
  std::string receive_all();                // until the end
  bool at_end();                            // waits: the peer has closed, orderly
  bool was_reset();                         // waits: the peer has reset
  void end_sending();                       // half-close

  void close() { fd_.reset(); }

  void reset();  // closes with RST
  std::uint16_t local_port() const;

 private:
  long receive_some(char* into, std::size_t length);
  runtime::Fd fd_;
};

}  // namespace kith::net
