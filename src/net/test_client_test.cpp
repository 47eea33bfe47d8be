#include "net/test_client.hpp"

#include "net/linger.hpp"
#include "net/socket_address.hpp"

#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace kith::net {

namespace {

runtime::Fd make_socket(int family) {
  runtime::Fd fd{::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const timeval deadline{20, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline);
  return fd;
}

}  // namespace

TestClient::TestClient() : fd_(make_socket(AF_INET)) {}

TestClient::TestClient(const Endpoint& where, int receive_buffer_bytes)
    : fd_(make_socket(to_socket_address(where)->storage.ss_family)) {
  if (receive_buffer_bytes > 0)
    ::setsockopt(
        fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  if (!connect(where)) fd_.reset();
}

bool TestClient::connect(const Endpoint& where) {
  const auto address = to_socket_address(where);
  return ::connect(fd_.get(), address->get(), address->length) == 0;
}

bool TestClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

long TestClient::receive_some(char* into, std::size_t length) {
  for (;;) {
    const auto got = ::recv(fd_.get(), into, length, 0);
    if (got >= 0 || errno != EINTR) return got;
  }
}

std::string TestClient::receive(std::size_t length) {
  std::string bytes(length, '\0');
  std::size_t have = 0;
  while (have < length) {
    const long got = receive_some(bytes.data() + have, length - have);
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

std::string TestClient::receive_all() {
  std::string bytes;
  std::array<char, 16 * 1024> part{};
  for (long got = 0; (got = receive_some(part.data(), part.size())) > 0;)
    bytes.append(part.data(), static_cast<std::size_t>(got));
  return bytes;
}

bool TestClient::at_end() {
  char byte = 0;
  return receive_some(&byte, 1) == 0;
}

bool TestClient::was_reset() {
  std::array<char, 16 * 1024> part{};
  long got = 0;
  while ((got = receive_some(part.data(), part.size())) > 0) {
  }
  return got < 0 && (errno == ECONNRESET || errno == EPIPE);
}

void TestClient::end_sending() {
  ::shutdown(fd_.get(), SHUT_WR);
}

void TestClient::reset() {
  reset_connection(std::move(fd_));
}

std::uint16_t TestClient::local_port() const {
  SocketAddress address;
  address.length = sizeof address.storage;
  ::getsockname(fd_.get(), address.get(), &address.length);
  return to_endpoint(address).port;
}

}  // namespace kith::net
