#pragma once

#include "net/linger.hpp"
#include "ports/stream_fixture_test.hpp"
#include "runtime/fd.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <utility>

namespace kith::net {

// For tests: a client's end of a connection with TLS, by the library's own reading and writing of
// sockets. None of it waits.
class TlsClient final : public ports::contract::FarEnd {
 public:
  explicit TlsClient(runtime::Fd fd)
      : fd_(std::move(fd)), context_(SSL_CTX_new(TLS_client_method())), ssl_(SSL_new(context_)) {
    std::signal(SIGPIPE, SIG_IGN);  // the library writes to sockets that are gone
    ::fcntl(fd_.get(), F_SETFL, O_NONBLOCK);
    SSL_set_fd(ssl_, fd_.get());
    SSL_set_connect_state(ssl_);
  }

  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  ~TlsClient() override {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }

  // True: hands are shaken.
  bool shake_hands() {
    ERR_clear_error();
    return SSL_do_handshake(ssl_) == 1;
  }

  ssl_st* ssl() noexcept { return ssl_; }

  void send(std::string_view bytes) override {
    ERR_clear_error();
    EXPECT_EQ(SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())),
              static_cast<int>(bytes.size()));
  }

  void end() override {
    read();  // with a ticket unread, the close would be a reset
    ERR_clear_error();
    SSL_shutdown(ssl_);
    fd_.reset();
  }

  void reset() override { reset_connection(std::move(fd_)); }

  void stall() override {}  // it reads only when it is told to

  std::string read() override {
    std::string bytes;
    std::array<char, 16 * 1024> part{};
    while (fd_ && state_ == State::open) {
      ERR_clear_error();
      errno = 0;
      const int got = SSL_read(ssl_, part.data(), part.size());
      if (got > 0) {
        bytes.append(part.data(), static_cast<std::size_t>(got));
        continue;
      }
      const int error = SSL_get_error(ssl_, got);
      if (error == SSL_ERROR_WANT_READ) break;
      farewell_ = error == SSL_ERROR_ZERO_RETURN;
      state_ = errno == ECONNRESET ? State::reset : State::ended;
    }
    return bytes;
  }

  State state() override { return state_; }

  // It was told that nothing more comes, and did not only see the connection end.
  bool heard_farewell() const noexcept { return farewell_; }

 private:
  runtime::Fd fd_;
  ssl_ctx_st* context_;
  ssl_st* ssl_;
  State state_ = State::open;
  bool farewell_ = false;
};

}  // namespace kith::net
