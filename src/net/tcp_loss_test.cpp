// How a connection ends from the other side, at each step of its life: exactly one on_closed.
#include "net/test_client.hpp"
#include "net/test_server.hpp"

#include <gtest/gtest.h>

namespace kith::net {
namespace {

class TcpLossTest : public ::testing::Test {
 protected:
  // `prepare` puts a connection into the state in which it is lost.
  void start(std::function<void(TestConnection&)> prepare) {
    server = std::make_unique<TestServer>(
        1,
        [this, prepare = std::move(prepare)](TestConnection& connection) {
          connection.closed_script = [this](TestConnection& c) {
            EXPECT_FALSE(c.stream->open());
            EXPECT_EQ(c.stream->queued_bytes(), 0U);
            ++closed;
            notice.note();
          };
          prepare(connection);
          made = true;
          notice.note();
        },
        ListenerOptions{.seats = {}, .send_buffer_bytes = 4'096});
    client = std::make_unique<TestClient>(server->where(), 4'096);
    ASSERT_TRUE(client->connected());
    ASSERT_TRUE(notice.await([&] { return made.load(); }));
  }

  // The loss is told once, and turns later still once.
  void expect_one_end() {
    EXPECT_TRUE(notice.await([&] { return closed > 0; }));
    for (int turn = 0; turn < 10; ++turn)
      server->set.on_each([](runtime::RealReactor&) {});
    EXPECT_EQ(closed, 1);
    EXPECT_EQ(server->open(), 0U);
  }

  Notice notice;
  std::atomic<int> closed{0};
  std::atomic<bool> made{false};
  std::unique_ptr<TestServer> server;
  std::unique_ptr<TestClient> client;
};

TEST_F(TcpLossTest, AnOrdinaryClose) {
  start([](TestConnection&) {});
  client->close();
  expect_one_end();
}

TEST_F(TcpLossTest, AHalfCloseIsAnEnd) {
  start([](TestConnection&) {});
  client->end_sending();
  expect_one_end();
}

TEST_F(TcpLossTest, AResetWhileIdle) {
  start([](TestConnection&) {});
  client->reset();
  expect_one_end();
}

TEST_F(TcpLossTest, AResetWhilePaused) {
  start([](TestConnection& c) { c.stream->pause(); });
  client->reset();
  expect_one_end();
}

TEST_F(TcpLossTest, AResetWhilePausedWithBytesUnread) {
  start([](TestConnection& c) { c.stream->pause(); });
  ASSERT_TRUE(client->send("never read"));
  client->reset();
  expect_one_end();
}

TEST_F(TcpLossTest, AResetWhileTheSocketIsFull) {
  start([](TestConnection& c) { c.stream->write(std::string(5'000'000, 'z')); });
  ASSERT_EQ(client->receive(1), "z");
  client->reset();
  expect_one_end();
}

TEST_F(TcpLossTest, AResetWhileTheSocketIsFullAndReadingPaused) {
  start([](TestConnection& c) {
    c.stream->write(std::string(5'000'000, 'z'));
    c.stream->pause();
  });
  ASSERT_EQ(client->receive(1), "z");
  client->reset();
  expect_one_end();
}

TEST_F(TcpLossTest, ACloseWhileTheSocketIsFull) {
  start([](TestConnection& c) { c.stream->write(std::string(5'000'000, 'z')); });
  ASSERT_EQ(client->receive(1), "z");
  client->close();  // with bytes unread: the kernel resets
  expect_one_end();
}

TEST_F(TcpLossTest, AResetBetweenABytesAndItsAnswer) {
  std::binary_semaphore gone{0};
  std::binary_semaphore reading{0};
  start([&](TestConnection& connection) {
    connection.bytes_script = [&](TestConnection& c, std::string_view) {
      reading.release();
      EXPECT_TRUE(gone.try_acquire_for(test_deadline));
      c.stream->write("to nobody");  // the flush of this turn fails
    };
  });
  ASSERT_TRUE(client->send("x"));
  ASSERT_TRUE(reading.try_acquire_for(test_deadline));
  client->reset();
  gone.release();
  expect_one_end();
}

TEST_F(TcpLossTest, WritesToAPeerThatResetsAllTheTime) {
  start([](TestConnection& connection) {
    connection.bytes_script = [](TestConnection& c, std::string_view bytes) {
      c.stream->write(std::string(bytes.size() * 100, 'z'));
    };
  });
  client->reset();
  expect_one_end();
  for (int i = 0; i < 50; ++i) {
    TestClient next{server->where(), 4'096};
    for (int j = 0; j < i % 4; ++j)
      next.send(std::string(3'000, 'x'));
    next.reset();
  }
  EXPECT_TRUE(notice.await([&] { return closed == 51; }));
  EXPECT_EQ(server->open(), 0U);
}

TEST_F(TcpLossTest, WithoutAHandlerTheLossWaitsForTheNextOne) {
  std::atomic<TestConnection*> connection{nullptr};
  start([&](TestConnection& c) {
    c.bytes_script = [&](TestConnection& self, std::string_view) {
      self.stream->set_handler(nullptr);
      self.stream->write("y");
      connection = &self;
    };
  });
  ASSERT_TRUE(client->send("x"));
  ASSERT_EQ(client->receive(1), "y");
  client->reset();
  for (int turn = 0; turn < 10; ++turn)
    server->set.on_each([](runtime::RealReactor&) {});
  EXPECT_EQ(closed, 0);
  server->set[0].post([&] { connection.load()->stream->set_handler(connection); });
  expect_one_end();
}

TEST_F(TcpLossTest, WithoutAHandlerAndWithBytesLeftTheLossWaitsToo) {
  std::atomic<TestConnection*> connection{nullptr};
  start([&](TestConnection& c) {
    c.bytes_script = [&](TestConnection& self, std::string_view) {
      self.stream->write(std::string(5'000'000, 'z'));
      self.stream->set_handler(nullptr);
      connection = &self;
    };
  });
  ASSERT_TRUE(client->send("x"));
  ASSERT_EQ(client->receive(1), "z");
  client->reset();
  const auto queued = [&] {
    std::atomic<std::size_t> bytes{0};
    server->set.on_each(
        [&](runtime::RealReactor&) { bytes = connection.load()->stream->queued_bytes(); });
    return bytes.load();
  };
  while (queued() != 0) {
  }
  EXPECT_EQ(closed, 0);
  server->set[0].post([&] { connection.load()->stream->set_handler(connection); });
  expect_one_end();
}

TEST_F(TcpLossTest, OwnCloseAndAbortAreNotTold) {
  start([](TestConnection& connection) {
    connection.bytes_script = [](TestConnection& c, std::string_view bytes) {
      if (bytes[0] == 'c')
        c.stream->close(20'000);
      else
        c.stream->abort();
    };
  });
  ASSERT_TRUE(client->send("a"));
  EXPECT_TRUE(client->was_reset());
  TestClient second{server->where()};
  ASSERT_TRUE(second.send("c"));
  EXPECT_TRUE(second.at_end());
  second.close();
  for (int turn = 0; turn < 10; ++turn)
    server->set.on_each([](runtime::RealReactor&) {});
  EXPECT_EQ(closed, 0);
}

}  // namespace
}  // namespace kith::net
