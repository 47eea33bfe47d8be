// TCP keeps the promises of the stream port.
#include "ports/stream_contract_test.hpp"

#include "net/linger.hpp"
#include "net/socket_address.hpp"
#include "net/tcp_streams.hpp"

#include <array>
#include <cerrno>
#include <sys/socket.h>

namespace kith::ports::contract {

namespace {

using runtime::Fd;

constexpr int small_buffer_bytes = 4'096;

class SocketEnd final : public FarEnd {
 public:
  explicit SocketEnd(Fd fd) : fd_(std::move(fd)) {}

  void send(std::string_view bytes) override {
    EXPECT_EQ(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT),
              static_cast<ssize_t>(bytes.size()));
  }

  void end() override { fd_.reset(); }

  void reset() override { net::reset_connection(std::move(fd_)); }

  void stall() override {}  // it reads only when it is told to

  std::string read() override {
    std::string bytes;
    std::array<char, 64 * 1024> part{};
    while (fd_ && state_ == State::open) {
      const auto got = ::recv(fd_.get(), part.data(), part.size(), MSG_DONTWAIT);
      if (got < 0 && errno == EAGAIN) break;
      if (got < 0) state_ = State::reset;
      if (got == 0) state_ = State::ended;
      if (got > 0) bytes.append(part.data(), static_cast<std::size_t>(got));
    }
    return bytes;
  }

  State state() override { return state_; }

 private:
  Fd fd_;
  State state_ = State::open;
};

// A listening socket of the system, without our listener.
class Door {
 public:
  Door() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto any = net::to_socket_address({"127.0.0.1", 0});
    EXPECT_EQ(::bind(fd_.get(), any->get(), any->length), 0);
    EXPECT_EQ(::listen(fd_.get(), 4), 0);
    address_.length = sizeof address_.storage;
    EXPECT_EQ(::getsockname(fd_.get(), address_.get(), &address_.length), 0);
  }

  // The two ends of a connection that holds few bytes.
  std::pair<Fd, Fd> connect() {
    Fd far{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    ::setsockopt(far.get(), SOL_SOCKET, SO_RCVBUF, &small_buffer_bytes, sizeof small_buffer_bytes);
    EXPECT_EQ(::connect(far.get(), address_.get(), address_.length), 0);
    Fd here{::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    ::setsockopt(here.get(), SOL_SOCKET, SO_SNDBUF, &small_buffer_bytes, sizeof small_buffer_bytes);
    return {std::move(here), std::move(far)};
  }

 private:
  Fd fd_;
  net::SocketAddress address_;
};

class TcpWorld final : public StreamWorld {
 public:
  Connected connect() override {
    auto [here, far] = door_.connect();
    return {places_[0].streams.adopt(net::released_socket(std::move(here))),
            std::make_unique<SocketEnd>(std::move(far))};
  }

  Reactor& reactor(std::size_t place) override { return places_.at(place).reactor; }

  StreamFactory& factory(std::size_t place) override { return places_.at(place).streams; }

  void turn() override {
    for (Place& place : places_) {
      place.reactor.post([&place] { place.reactor.stop(); });
      place.reactor.run();
    }
  }

  bool run_until(const std::function<bool()>& done) override {
    const base::Instant end = system_.now() + std::chrono::seconds{20};
    while (!done()) {
      if (system_.now() > end) return false;
      turn();
    }
    return true;
  }

 private:
  struct Place {
    Place(std::size_t index, base::Logger& logger) : reactor({index, 2}, logger) {}

    runtime::RealReactor reactor;
    net::TcpStreams streams{reactor};
  };

  base::NullLogger logger_;
  runtime::SystemClock system_;
  std::array<Place, 2> places_{{{0, logger_}, {1, logger_}}};
  Door door_;
};

INSTANTIATE_TEST_SUITE_P(Tcp,
                         StreamContract,
                         ::testing::Values(StreamAdapter{
                             "tcp", "127.0.0.1", [] { return std::make_unique<TcpWorld>(); }}),
                         stream_name);

}  // namespace

}  // namespace kith::ports::contract
