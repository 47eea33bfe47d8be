#pragma once

#include "base/log.hpp"
#include "net/listener.hpp"
#include "net/tcp_streams.hpp"
#include "ports/stream.hpp"
#include "runtime/reactor_set.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <semaphore>
#include <string>
#include <string_view>
#include <vector>

// For the tests of net/: a server whose connections do what the test says, on reactors of their
// own.
namespace kith::net {

inline constexpr std::chrono::seconds test_deadline{20};

// "Something happened" from any thread, for a test that waits until what it wants is true.
class Notice {
 public:
  void note() { happened_.release(); }

  bool await(const std::function<bool()>& wanted) {
    while (!wanted())
      if (!happened_.try_acquire_for(test_deadline)) return wanted();
    return true;
  }

 private:
  std::counting_semaphore<> happened_{0};
};

struct TestSide;

// A connection on the server's side. Callbacks get it by reference and may destroy it through its
// side.
struct TestConnection final : ports::StreamHandler {
  explicit TestConnection(TestSide& s) : side(&s) {}

  void on_bytes(std::string_view bytes) override { bytes_script(*this, bytes); }

  void on_drained() override { drained_script(*this); }

  void on_closed() override { closed_script(*this); }

  TestSide* side;
  std::unique_ptr<ports::Stream> stream;
  std::string received;
  std::size_t step = 0;
  std::function<void(TestConnection&, std::string_view)> bytes_script =
      [](TestConnection& c, std::string_view bytes) { c.received += bytes; };
  std::function<void(TestConnection&)> drained_script = [](TestConnection&) {};
  std::function<void(TestConnection&)> closed_script = [](TestConnection&) {};
};

// What lives on one reactor.
struct TestSide final : AcceptHandler {
  TestSide(runtime::RealReactor& r, std::function<void(TestConnection&)>& a)
      : reactor(r), streams(r), accepted(a) {}

  void on_accepted(std::unique_ptr<ports::ReleasedStream> released) override {
    ++count;
    auto connection = std::make_unique<TestConnection>(*this);
    connection->stream = streams.adopt(std::move(released));
    TestConnection& made = keep(std::move(connection));
    accepted(made);
    if (made.stream) made.stream->set_handler(&made);
  }

  TestConnection& keep(std::unique_ptr<TestConnection> connection) {
    TestConnection& kept = *connection;
    connections[&kept] = std::move(connection);
    return kept;
  }

  std::unique_ptr<TestConnection> take(TestConnection& connection) {
    auto taken = std::move(connections.at(&connection));
    connections.erase(&connection);
    return taken;
  }

  // Later in this turn's mailbox phase or the next's: a script can not outlive the connection that
  // owns it.
  void destroy(TestConnection& connection) {
    reactor.post([c = std::shared_ptr<TestConnection>(take(connection))] { c->stream.reset(); });
  }

  runtime::RealReactor& reactor;
  TcpStreams streams;
  std::function<void(TestConnection&)>& accepted;
  std::map<TestConnection*, std::unique_ptr<TestConnection>> connections;
  std::atomic<int> count{0};
};

class TestServer {
 public:
  // `accepted` runs for each connection on its reactor, before its handler is set.
  explicit TestServer(std::size_t reactors,
                      std::function<void(TestConnection&)> accepted,
                      ListenerOptions options = {})
      : accepted_(std::move(accepted)), set({.count = reactors}, logger) {
    for (std::size_t i = 0; i < reactors; ++i) {
      sides.push_back(std::make_unique<TestSide>(set[i], accepted_));
      options.seats.push_back({&set[i], sides.back().get()});
    }
    listener = Listener::listen(set[0], {"127.0.0.1", 0}, std::move(options)).value();
    set.start();
  }

  ~TestServer() { stop(); }

  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  // After this the test may look at everything.
  void stop() {
    set.stop();
    if (listener) listener->stop();
    for (auto& side : sides)
      side->connections.clear();
  }

  const Endpoint& where() const { return listener->endpoint(); }

  std::size_t lingering() {
    std::atomic<std::size_t> sum{0};
    set.on_each(
        [&](runtime::RealReactor& r) { sum += sides[r.index()]->streams.lingering_count(); });
    return sum;
  }

  std::size_t open() {
    std::atomic<std::size_t> sum{0};
    set.on_each([&](runtime::RealReactor& r) { sum += sides[r.index()]->streams.open_count(); });
    return sum;
  }

 private:
  std::function<void(TestConnection&)> accepted_;

 public:
  base::NullLogger logger;
  runtime::ReactorSet set;
  std::vector<std::unique_ptr<TestSide>> sides;
  std::unique_ptr<Listener> listener;
};

}  // namespace kith::net
