#pragma once

#include "net/socket_address.hpp"
#include "runtime/fd.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <utility>

namespace kith::net {

// For tests: the two ends of connections, through a listening socket of the system, without our
// listener.
class SocketPairs {
 public:
  static constexpr int small_buffer_bytes = 4'096;

  SocketPairs() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto any = to_socket_address({"127.0.0.1", 0});
    EXPECT_EQ(::bind(fd_.get(), any->get(), any->length), 0);
    EXPECT_EQ(::listen(fd_.get(), 4), 0);
    address_.length = sizeof address_.storage;
    EXPECT_EQ(::getsockname(fd_.get(), address_.get(), &address_.length), 0);
  }

  // The accepted and the connecting end of one that holds few bytes.
  std::pair<runtime::Fd, runtime::Fd> connect() {
    runtime::Fd far{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    ::setsockopt(far.get(), SOL_SOCKET, SO_RCVBUF, &small_buffer_bytes, sizeof small_buffer_bytes);
    EXPECT_EQ(::connect(far.get(), address_.get(), address_.length), 0);
    runtime::Fd here{::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    ::setsockopt(here.get(), SOL_SOCKET, SO_SNDBUF, &small_buffer_bytes, sizeof small_buffer_bytes);
    return {std::move(here), std::move(far)};
  }

 private:
  runtime::Fd fd_;
  SocketAddress address_;
};

}  // namespace kith::net
