#include "net/proxy_gate.hpp"

#include "net/test_client.hpp"
#include "net/test_server.hpp"

#include <gtest/gtest.h>

namespace kith::net {
namespace {

const std::string line = "PROXY TCP4 192.0.2.1 198.51.100.1 4711 443\r\n";

ProxyGateOptions trusting(std::string_view network) {
  return {.trusted = {*base::IpNetwork::parse(network)}};
}

// A gate before a reactor that says to each connection who it is, and then what it said.
class GateWorld {
 public:
  explicit GateWorld(ProxyGateOptions options = trusting("127.0.0.0/8"))
      : set_({.count = 1}, logger_), side_(set_[0], accepted_) {
    gate_ = std::make_unique<ProxyGate>(set_[0], side_, std::move(options));
    listener_ =
        Listener::listen(set_[0], {"127.0.0.1", 0}, {.seats = {{&set_[0], gate_.get()}}}).value();
    set_.start();
  }

  GateWorld(const GateWorld&) = delete;
  GateWorld& operator=(const GateWorld&) = delete;

  ~GateWorld() {
    set_.stop();
    listener_.reset();
    gate_.reset();
    side_.connections.clear();
  }

  Endpoint where() const { return listener_->endpoint(); }

  std::size_t waiting() {
    std::size_t count = 0;
    set_.on_each([&](runtime::RealReactor&) { count = gate_->waiting(); });
    return count;
  }

  int accepted() const { return side_.count; }

 private:
  base::NullLogger logger_;
  runtime::ReactorSet set_;
  std::function<void(TestConnection&)> accepted_ = [](TestConnection& connection) {
    connection.stream->write(connection.stream->peer_address() + ";");
    connection.bytes_script = [](TestConnection& c, std::string_view bytes) {
      c.stream->write(std::string{bytes});
    };
  };
  TestSide side_;
  std::unique_ptr<ProxyGate> gate_;
  std::unique_ptr<Listener> listener_;
};

TEST(ProxyGate, a_connection_gets_the_address_its_header_names_and_keeps_what_follows) {
  GateWorld world;
  TestClient client{world.where()};
  client.send(line + "hello");
  EXPECT_EQ(client.receive(15), "192.0.2.1;hello");
}

TEST(ProxyGate, a_header_may_come_byte_by_byte) {
  GateWorld world;
  TestClient client{world.where()};
  for (const char byte : line)
    client.send({&byte, 1});
  client.send("hi");
  EXPECT_EQ(client.receive(12), "192.0.2.1;hi");
  EXPECT_EQ(world.waiting(), 0U);
}

TEST(ProxyGate, version_2_is_understood_and_ipv6_is_shown) {
  GateWorld world;
  TestClient client{world.where()};
  std::string header{"\r\n\r\n\0\r\nQUIT\n\x21\x21\x00\x24\x20\x01\x0d\xb8", 20};
  header += std::string(11, '\0') + '\x07' + std::string(20, '\1');
  client.send(header + "hi");
  EXPECT_EQ(client.receive(14), "2001:db8::7;hi");
}

TEST(ProxyGate, a_check_of_health_has_the_address_of_its_proxy) {
  GateWorld world;
  TestClient client{world.where()};
  client.send("PROXY UNKNOWN\r\n");
  EXPECT_EQ(client.receive(10), "127.0.0.1;");
}

TEST(ProxyGate, who_is_not_trusted_passes_as_he_is_and_his_header_is_no_header) {
  GateWorld world{trusting("10.0.0.0/8")};
  TestClient client{world.where()};
  EXPECT_EQ(client.receive(10), "127.0.0.1;");  // without having said anything
  client.send(line);
  EXPECT_EQ(client.receive(line.size()), line);
}

TEST(ProxyGate, a_trusted_peer_without_a_header_is_closed) {
  GateWorld world;
  TestClient client{world.where()};
  client.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.receive_all(), "");
  TestClient silent{world.where()};
  silent.end_sending();
  EXPECT_EQ(silent.receive_all(), "");
  EXPECT_EQ(world.accepted(), 0);
  EXPECT_EQ(world.waiting(), 0U);
}

TEST(ProxyGate, whoever_does_not_finish_his_header_in_time_is_closed) {
  auto options = trusting("127.0.0.1");
  options.header_timeout_ms = 30;
  GateWorld world{std::move(options)};
  TestClient client{world.where()};
  client.send("PROXY TCP4 192.");
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(world.accepted(), 0);
}

TEST(ProxyGate, only_so_many_wait_for_their_headers) {
  auto options = trusting("127.0.0.1");
  options.waiting_max = 2;
  GateWorld world{std::move(options)};
  TestClient first{world.where()};
  TestClient second{world.where()};
  TestClient third{world.where()};
  EXPECT_EQ(third.receive_all(), "");
  EXPECT_EQ(world.waiting(), 2U);
  second.send(line);
  EXPECT_EQ(second.receive(10), "192.0.2.1;");
  first.send(line);
  EXPECT_EQ(first.receive(10), "192.0.2.1;");
}

TEST(ProxyGate, what_still_waits_when_it_ends_is_closed) {
  std::unique_ptr<TestClient> client;
  {
    GateWorld world;
    client = std::make_unique<TestClient>(world.where());
    client->send("PROXY ");
    while (world.waiting() == 0) {
    }
  }
  EXPECT_EQ(client->receive_all(), "");
}

}  // namespace
}  // namespace kith::net
