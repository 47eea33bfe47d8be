// A connection that moves between reactors while its client talks.
#include "net/test_client.hpp"
#include "net/test_server.hpp"

#include <gtest/gtest.h>

namespace kith::net {
namespace {

constexpr std::size_t reactors = 3;

// Echoes; after each answer that has left, the next bytes make it move on to the next reactor.
struct Nomad {
  TestServer server{reactors, [this](TestConnection& connection) { settle(connection); }};
  std::atomic<int> moves{0};

  void settle(TestConnection& connection) {
    connection.bytes_script = [this](TestConnection& c, std::string_view bytes) {
      if (c.stream->queued_bytes() == 0 && ++c.step % 3 == 0) return move(c, std::string(bytes));
      c.stream->write(std::string(bytes));
    };
  }

  // The bytes that were read travel with the socket and are answered at the new place.
  void move(TestConnection& connection, std::string bytes) {
    ++moves;
    auto released = connection.stream->release();
    TestSide& from = *connection.side;
    TestSide& to = *server.sides[(from.reactor.index() + 1) % reactors];
    to.reactor.post([this, &to, r = std::move(released), bytes = std::move(bytes)]() mutable {
      auto moved = std::make_unique<TestConnection>(to);
      moved->stream = to.streams.adopt(std::move(r));
      settle(*moved);
      moved->stream->write(std::move(bytes));
      TestConnection& kept = to.keep(std::move(moved));
      kept.stream->set_handler(&kept);
    });
    from.destroy(connection);
  }
};

TEST(TcpMove, NoByteIsLostOrMovedWhileConnectionsChangeTheirReactors) {
  Nomad nomad;
  constexpr std::size_t clients_count = 20;
  std::vector<std::unique_ptr<TestClient>> clients;
  for (std::size_t i = 0; i < clients_count; ++i)
    clients.push_back(std::make_unique<TestClient>(nomad.server.where()));
  std::vector<std::string> sent(clients_count);
  for (int round = 0; round < 60; ++round)
    for (std::size_t i = 0; i < clients_count; ++i) {
      const std::string bytes = std::to_string(i) + ":" + std::to_string(round) + ";";
      sent[i] += bytes;
      ASSERT_TRUE(clients[i]->send(bytes));
    }
  for (std::size_t i = 0; i < clients_count; ++i)
    ASSERT_EQ(clients[i]->receive(sent[i].size()), sent[i]);
  EXPECT_EQ(nomad.server.open(), clients_count);
}

TEST(TcpMove, APingPongMovesEveryThirdTime) {
  Nomad nomad;
  TestClient client{nomad.server.where()};
  for (int i = 0; i < 90; ++i) {
    ASSERT_TRUE(client.send("p" + std::to_string(i % 10)));
    ASSERT_EQ(client.receive(2), "p" + std::to_string(i % 10));
  }
  EXPECT_GT(nomad.moves, 20);
}

TEST(TcpMove, AResetOnTheWayIsToldAtTheNewPlace) {
  std::binary_semaphore gone{0};
  std::binary_semaphore read{0};
  Notice notice;
  std::atomic<int> closed{0};
  TestServer server{2, [&](TestConnection& connection) {
                      connection.bytes_script = [&](TestConnection& c, std::string_view) {
                        read.release();
                        EXPECT_TRUE(gone.try_acquire_for(test_deadline));
                        TestSide& to = *server.sides[1];
                        to.reactor.post([&, r = c.stream->release()]() mutable {
                          auto moved = std::make_unique<TestConnection>(to);
                          moved->stream = to.streams.adopt(std::move(r));
                          moved->closed_script = [&](TestConnection&) {
                            ++closed;
                            notice.note();
                          };
                          TestConnection& kept = to.keep(std::move(moved));
                          kept.stream->set_handler(&kept);
                        });
                      };
                    }};
  TestClient client{server.where()};
  ASSERT_TRUE(client.send("x"));
  ASSERT_TRUE(read.try_acquire_for(test_deadline));
  client.reset();
  gone.release();
  EXPECT_TRUE(notice.await([&] { return closed == 1; }));
}

TEST(TcpMove, AReleasedSocketThatNobodyAdoptsIsClosed) {
  TestServer server{1, [](TestConnection& connection) {
                      connection.bytes_script = [](TestConnection& c, std::string_view) {
                        auto dropped = c.stream->release();
                        EXPECT_FALSE(c.stream->open());
                      };
                    }};
  TestClient client{server.where()};
  ASSERT_TRUE(client.send("x"));
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(server.open(), 0U);
}

}  // namespace
}  // namespace kith::net
