// TCP keeps the promises of the stream port, and so does TLS.
#include "ports/stream_contract_test.hpp"

#include "net/linger.hpp"
#include "net/socket_pair_test.hpp"
#include "net/tcp_streams.hpp"
#include "net/tls_certificate_test.hpp"
#include "net/tls_client_test.hpp"
#include "net/tls_handshakes.hpp"

#include <array>
#include <cerrno>
#include <sys/socket.h>

namespace kith::ports::contract {

namespace {

using runtime::Fd;

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

// Two reactors, turned by the test.
class SocketWorld : public StreamWorld {
 public:
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

 protected:
  std::pair<Fd, Fd> connect_sockets() { return pairs_.connect(); }

  net::TcpStreams& first_streams() { return places_[0].streams; }

 private:
  struct Place {
    Place(std::size_t index, base::Logger& logger) : reactor({index, 2}, logger) {}

    runtime::RealReactor reactor;
    net::TcpStreams streams{reactor};
  };

  base::NullLogger logger_;
  runtime::SystemClock system_;
  std::array<Place, 2> places_{{{0, logger_}, {1, logger_}}};
  net::SocketPairs pairs_;
};

class TcpWorld final : public SocketWorld {
 public:
  Connected connect() override {
    auto [here, far] = connect_sockets();
    return {first_streams().adopt(net::released_socket(std::move(here))),
            std::make_unique<SocketEnd>(std::move(far))};
  }
};

class TlsWorld final : public SocketWorld {
 public:
  Connected connect() override {
    auto [here, far] = connect_sockets();
    auto client = std::make_unique<net::TlsClient>(std::move(far));
    handshakes_.begin(net::released_socket(std::move(here)), *context_);
    EXPECT_TRUE(run_until([&] { return client->shake_hands() && stream_ != nullptr; }));
    return {std::move(stream_), std::move(client)};
  }

 private:
  net::TestCertificate certificate_;
  std::shared_ptr<const net::TlsContext> context_ =
      net::TlsContext::load({certificate_.certificate_file(), certificate_.key_file()}).value();
  std::unique_ptr<Stream> stream_;
  net::TlsHandshakes handshakes_{first_streams(),
                                 [this](auto stream) { stream_ = std::move(stream); }};
};

INSTANTIATE_TEST_SUITE_P(Tcp,
                         StreamContract,
                         ::testing::Values(StreamAdapter{
                             "tcp", "127.0.0.1", [] { return std::make_unique<TcpWorld>(); }}),
                         stream_name);

INSTANTIATE_TEST_SUITE_P(Tls,
                         StreamContract,
                         ::testing::Values(StreamAdapter{
                             "tls", "127.0.0.1", [] { return std::make_unique<TlsWorld>(); }}),
                         stream_name);

}  // namespace

}  // namespace kith::ports::contract
