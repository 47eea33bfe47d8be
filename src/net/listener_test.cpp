#include "net/listener.hpp"

#include "net/socket_address.hpp"
#include "net/tcp_stream.hpp"
#include "net/test_client.hpp"
#include "net/test_server.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

namespace kith::net {
namespace {

void greet(TestConnection& connection) {
  connection.stream->write("hi");
}

TEST(Listener, PortZeroPicksAPortAndReportsIt) {
  TestServer server{1, greet};
  EXPECT_NE(server.where().port, 0);
  TestClient client{server.where()};
  EXPECT_EQ(client.receive(2), "hi");
}

TEST(Listener, ConnectionsAreDealtOutInTurn) {
  TestServer server{3, greet};
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 9; ++i) {
    clients.push_back(std::make_unique<TestClient>(server.where()));
    ASSERT_EQ(clients.back()->receive(2), "hi");
  }
  for (const auto& side : server.sides)
    EXPECT_EQ(side->count, 3);
}

TEST(Listener, AnAddressInUseIsAConflictAndAForeignOneIsRefused) {
  TestServer server{1, greet};
  base::NullLogger logger;
  runtime::RealReactor reactor{{}, logger};
  std::function<void(TestConnection&)> nothing = [](TestConnection&) {};
  TestSide side{reactor, nothing};
  const auto listen = [&](const Endpoint& where) {
    return Listener::listen(reactor, where, {.seats = {{&reactor, &side}}});
  };
  EXPECT_EQ(listen(server.where()).error().code, base::Errc::conflict);
  EXPECT_EQ(listen({"203.0.113.7", 0}).error().code, base::Errc::validation_failed);
  EXPECT_EQ(listen({"example", 0}).error().code, base::Errc::validation_failed);
}

TEST(Listener, StoppedItRefuses) {
  TestServer server{1, greet};
  const Endpoint where = server.where();
  server.set.on_each([&](runtime::RealReactor&) { server.listener->stop(); });
  EXPECT_FALSE(TestClient{where}.connected());
}

// One thread, one reactor: what is accepted is counted and kept.
class ListenerAlone : public ::testing::Test, public AcceptHandler {
 protected:
  void on_accepted(std::unique_ptr<ports::ReleasedStream> connection) override {
    connections.push_back(std::move(connection));
    if (connections.size() >= stop_at) reactor.stop();
  }

  void listen(const Endpoint& where = {"127.0.0.1", 0}) {
    auto made = Listener::listen(reactor, where, {.seats = {{&reactor, this}}});
    ASSERT_TRUE(made.has_value()) << made.error().text;
    listener = std::move(made).value();
  }

  base::NullLogger logger;
  runtime::RealReactor reactor{{}, logger};
  std::size_t stop_at = 1;
  std::vector<std::unique_ptr<ports::ReleasedStream>> connections;
  std::unique_ptr<Listener> listener;
};

std::string peer_of(const ReleasedSocket& socket) {
  SocketAddress peer;
  peer.length = sizeof peer.storage;
  EXPECT_EQ(::getpeername(socket.fd.get(), peer.get(), &peer.length), 0);
  return to_endpoint(peer).address;
}

TEST_F(ListenerAlone, AcceptedSocketsDoNotDelayAndDoNotBlock) {
  listen();
  TestClient client{listener->endpoint()};
  reactor.run();
  const auto& socket = dynamic_cast<ReleasedSocket&>(*connections.at(0));
  EXPECT_EQ(peer_of(socket), "127.0.0.1");
  int no_delay = 0;
  socklen_t length = sizeof no_delay;
  ::getsockopt(socket.fd.get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &length);
  EXPECT_NE(no_delay, 0);
  EXPECT_NE(::fcntl(socket.fd.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(listener->accepted(), 1U);
}

// Whether this machine has an IPv6 loopback, asked without the listener.
bool has_ipv6() {
  const runtime::Fd fd{::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  auto address = to_socket_address({"::1", 0});
  return fd && ::bind(fd.get(), address->get(), address->length) == 0;
}

TEST_F(ListenerAlone, Ipv6WorksAndIsRefusedOnAMachineWithout) {
  if (!has_ipv6()) {
    auto refused = Listener::listen(reactor, {"::1", 0}, {.seats = {{&reactor, this}}});
    EXPECT_FALSE(refused.has_value());
    return;
  }
  listen({"::1", 0});
  TestClient client{listener->endpoint()};
  ASSERT_TRUE(client.connected());
  reactor.run();
  EXPECT_EQ(peer_of(dynamic_cast<ReleasedSocket&>(*connections.at(0))), "::1");
}

// Takes every descriptor but `left`, and gives them back when it dies.
class Exhausted {
 public:
  explicit Exhausted(std::size_t left) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit lowered{256, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &lowered);
    for (int fd = 0; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;)
      taken_.emplace_back(fd);
    for (; left > 0; --left)
      taken_.pop_back();
  }

  ~Exhausted() { ::setrlimit(RLIMIT_NOFILE, &before_); }

  Exhausted(const Exhausted&) = delete;
  Exhausted& operator=(const Exhausted&) = delete;

  void give_back(std::size_t count) {
    for (; count > 0; --count)
      taken_.pop_back();
  }

 private:
  rlimit before_{};
  std::vector<runtime::Fd> taken_;
};

TEST(Listener, OutOfDescriptorsItShedsAndServesAgainLater) {
  TestServer server{2, greet};
  std::vector<TestClient> clients(5);
  TestClient later;
  {
    Exhausted descriptors{2};
    // Two are served, three are shed: they see an end, not a silence.
    int served = 0;
    int ended = 0;
    for (TestClient& client : clients) {
      ASSERT_TRUE(client.connect(server.where()));
      client.receive(2) == "hi" ? ++served : ++ended;
    }
    EXPECT_EQ(served, 2);
    EXPECT_EQ(ended, 3);
  }
  ASSERT_TRUE(later.connect(server.where()));
  EXPECT_EQ(later.receive(2), "hi");
  server.stop();
  EXPECT_EQ(server.listener->shed(), 3U);
  EXPECT_EQ(server.listener->accepted(), 3U);
}

struct Later final : ports::Timer {
  void on_timer() override { action(); }

  std::function<void()> action;
};

TEST_F(ListenerAlone, WithoutEvenTheReserveItPausesAndComesBack) {
  TestClient client;
  Later later;
  std::unique_ptr<Exhausted> descriptors;
  const auto give_back = [&] {
    EXPECT_TRUE(connections.empty());
    if (descriptors) descriptors->give_back(3);
  };
  {
    // UBSan looks at a type it meets for the first time through a pipe, for which there will be no
    // descriptor: let it meet them all now.
    runtime::RealReactor first{{}, logger};
    ListenerOptions options{.seats = {{&first, this}}};
    const auto warm = Listener::listen(first, {"127.0.0.1", 0}, options).value();
    TestClient caller{warm->endpoint()};
    later.action = [&] {
      logger.log(base::LogLevel::info, "warm", {});
      first.stop();
    };
    first.arm(later, std::chrono::milliseconds{10});
    stop_at = 2;
    first.run();
    connections.clear();
    stop_at = 1;
  }
  descriptors = std::make_unique<Exhausted>(1);  // for the listening socket; none for the reserve
  listen();
  ASSERT_TRUE(client.connect(listener->endpoint()));
  later.action = give_back;
  reactor.arm(later, std::chrono::milliseconds{50});
  reactor.run();
  EXPECT_EQ(connections.size(), 1U);
  EXPECT_EQ(listener->shed(), 0U);
}

}  // namespace
}  // namespace kith::net
