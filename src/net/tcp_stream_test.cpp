#include "net/tcp_stream.hpp"

#include "base/limits.hpp"
#include "net/test_client.hpp"
#include "net/test_server.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

namespace kith::net {
namespace {

using std::chrono::milliseconds;

// 24 bytes more than this and the promise of "a few hundred bytes for an idle connection" needs a
// second look.
static_assert(sizeof(TcpStream) <= 144);

void echo(TestConnection& connection) {
  connection.bytes_script = [](TestConnection& c, std::string_view bytes) {
    c.stream->write(std::string(bytes));
  };
}

std::string pattern(std::size_t length, unsigned salt = 0) {
  std::string bytes(length, '\0');
  for (std::size_t i = 0; i < length; ++i)
    bytes[i] = static_cast<char>((i * 31 + i / 251 + salt) & 0xff);
  return bytes;
}

TEST(TcpStream, ManyConnectionsEachGetTheirOwnBytesBackInOrder) {
  TestServer server{2, echo};
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 200; ++i)
    clients.push_back(std::make_unique<TestClient>(server.where()));
  for (unsigned round = 0; round < 3; ++round) {
    for (unsigned i = 0; i < clients.size(); ++i)
      ASSERT_TRUE(clients[i]->send(pattern(1'000 + i, i + round)));
    for (unsigned i = 0; i < clients.size(); ++i)
      ASSERT_EQ(clients[i]->receive(1'000 + i), pattern(1'000 + i, i + round));
  }
  EXPECT_EQ(server.open(), 200U);
}

TEST(TcpStream, KnowsItsPeersAddress) {
  TestServer server{1, [](TestConnection& c) { c.stream->write(c.stream->peer_address()); }};
  TestClient client{server.where()};
  EXPECT_EQ(client.receive(9), "127.0.0.1");
}

TEST(TcpStream, AHandlerThatIsReplacedWithinATickMissesNothing) {
  TestServer server{1, [](TestConnection& connection) {
                      connection.bytes_script = [](TestConnection& c, std::string_view bytes) {
                        const std::string echoed{bytes};
                        c.stream->set_handler(nullptr);
                        c.stream->set_handler(&c);
                        c.stream->write(echoed);
                      };
                    }};
  TestClient client{server.where()};
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(client.send("ping"));
    ASSERT_EQ(client.receive(4), "ping");
  }
}

TEST(TcpStream, WritesWaitForTheEndOfTheTickAndLeaveTogether) {
  std::atomic<std::size_t> queued{0};
  Notice notice;
  TestServer server{1, [&](TestConnection& connection) {
                      connection.bytes_script = [&](TestConnection& c, std::string_view) {
                        const auto shared = std::make_shared<const std::string>("[shared]");
                        c.stream->write("one ");
                        c.stream->write(shared, 1, 6);
                        c.stream->write(" two");
                        queued = c.stream->queued_bytes();
                      };
                    }};
  TestClient client{server.where()};
  client.send("x");
  EXPECT_EQ(client.receive(14), "one shared two");
  EXPECT_EQ(queued, 14U);
}

TEST(TcpStream, ASmallSendBufferDelaysButLosesNothingAndDrainedIsSaidOnce) {
  std::atomic<int> drained{0};
  std::atomic<std::size_t> left{1};
  const std::string owned = pattern(1'500'000, 1);
  const auto shared = std::make_shared<const std::string>(pattern(1'500'000, 2));
  Notice notice;
  TestServer server{1,
                    [&](TestConnection& connection) {
                      connection.drained_script = [&](TestConnection& c) {
                        left = c.stream->queued_bytes();
                        ++drained;
                        notice.note();
                      };
                      for (std::size_t at = 0; at < owned.size(); at += 10'000)
                        connection.stream->write(owned.substr(at, 10'000));
                      for (std::size_t at = 0; at < shared->size(); at += 30'000)
                        connection.stream->write(shared, at, 30'000);
                    },
                    {.seats = {}, .send_buffer_bytes = 4'096}};
  TestClient client{server.where(), 4'096};
  EXPECT_EQ(client.receive(owned.size()), owned);
  EXPECT_EQ(client.receive(shared->size()), *shared);
  EXPECT_TRUE(notice.await([&] { return drained > 0; }));
  EXPECT_EQ(left, 0U);
  EXPECT_EQ(drained, 1);
}

TEST(TcpStream, BytesWrittenWhileTheSocketIsFullFollowInOrder) {
  TestServer server{1,
                    [](TestConnection& connection) {
                      connection.stream->write(pattern(2'000'000));
                      connection.bytes_script = [](TestConnection& c, std::string_view bytes) {
                        c.stream->write(std::string(bytes));
                      };
                    },
                    {.seats = {}, .send_buffer_bytes = 4'096}};
  TestClient client{server.where(), 4'096};
  ASSERT_TRUE(client.send("after"));
  EXPECT_EQ(client.receive(2'000'000), pattern(2'000'000));
  EXPECT_EQ(client.receive(5), "after");
}

TEST(TcpStream, OneTurnReadsAtMostItsShare) {
  std::atomic<std::size_t> most{0};
  std::atomic<std::size_t> sum{0};
  Notice notice;
  TestServer server{1, [&](TestConnection& connection) {
                      connection.bytes_script = [&](TestConnection&, std::string_view bytes) {
                        most = std::max(most.load(), bytes.size());
                        sum += bytes.size();
                        notice.note();
                      };
                    }};
  TestClient client{server.where()};
  ASSERT_TRUE(client.send(pattern(3'000'000)));
  EXPECT_TRUE(notice.await([&] { return sum == 3'000'000; }));
  EXPECT_LE(most, base::limits::read_bytes_max);
}

TEST(TcpStream, AGreedySenderDoesNotStarveOthers) {
  TestServer server{1, [](TestConnection& connection) {
                      connection.bytes_script = [](TestConnection& c, std::string_view bytes) {
                        if (bytes.size() == 1) c.stream->write("y");
                      };
                    }};
  TestClient greedy{server.where()};
  TestClient modest{server.where()};
  std::atomic<bool> enough{false};
  std::thread flood{[&] {
    const std::string block = pattern(100'000);
    while (!enough && greedy.send(block)) {
    }
  }};
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(modest.send("x"));
    ASSERT_EQ(modest.receive(1), "y");
  }
  enough = true;
  flood.join();
}

TEST(TcpStream, PausedItReadsNothingAndResumedItReadsAll) {
  std::atomic<std::size_t> sum{0};
  std::atomic<TestConnection*> made{nullptr};
  Notice notice;
  TestServer server{1, [&](TestConnection& connection) {
                      connection.stream->pause();
                      connection.bytes_script = [&](TestConnection&, std::string_view bytes) {
                        sum += bytes.size();
                        notice.note();
                      };
                      made = &connection;
                      notice.note();
                    }};
  TestClient client{server.where()};
  ASSERT_TRUE(client.send(pattern(10'000)));
  ASSERT_TRUE(notice.await([&] { return made.load() != nullptr; }));
  for (int turn = 0; turn < 10; ++turn)
    server.set.on_each([](runtime::RealReactor&) {});
  EXPECT_EQ(sum, 0U);
  server.set[0].post([&] { made.load()->stream->resume(); });
  EXPECT_TRUE(notice.await([&] { return sum == 10'000; }));
}

TEST(TcpStream, WithoutAHandlerBytesWaitForTheNextOne) {
  std::atomic<TestConnection*> made{nullptr};
  Notice notice;
  TestServer server{1, [&](TestConnection& connection) {
                      connection.bytes_script = [&](TestConnection& c, std::string_view bytes) {
                        c.received += bytes;
                        c.stream->set_handler(nullptr);
                        c.stream->write("ack");
                        made = &c;
                      };
                    }};
  TestClient client{server.where()};
  ASSERT_TRUE(client.send("a"));
  ASSERT_EQ(client.receive(3), "ack");
  ASSERT_TRUE(client.send("b"));
  for (int turn = 0; turn < 10; ++turn)
    server.set.on_each([](runtime::RealReactor&) {});
  server.set.on_each([&](runtime::RealReactor&) {
    EXPECT_EQ(made.load()->received, "a");
    made.load()->stream->set_handler(made);
  });
  EXPECT_EQ(client.receive(3), "ack");
}

TEST(TcpStream, TheHandlerMayDestroyTheStreamWhileItReads) {
  TestServer server{1, [](TestConnection& connection) {
                      connection.bytes_script = [](TestConnection& c, std::string_view) {
                        c.stream->write("dropped by the abort");
                        c.stream.reset();
                      };
                    }};
  TestClient client{server.where()};
  ASSERT_TRUE(client.send("x"));
  EXPECT_TRUE(client.was_reset());
  EXPECT_EQ(server.open(), 0U);
}

TEST(TcpStream, TheHandlerMayDestroyTheStreamWhenItIsDrained) {
  TestServer server{1,
                    [](TestConnection& connection) {
                      connection.drained_script = [](TestConnection& c) { c.stream.reset(); };
                      connection.stream->write(pattern(3'000'000));
                    },
                    {.seats = {}, .send_buffer_bytes = 4'096}};
  TestClient client{server.where(), 4'096};
  // The reset may overtake the last bytes.
  EXPECT_TRUE(client.was_reset());
  EXPECT_EQ(server.open(), 0U);
}

TEST(TcpStream, TheHandlerMayDestroyTheStreamWhenItIsClosed) {
  Notice notice;
  std::atomic<int> closed{0};
  TestServer server{1, [&](TestConnection& connection) {
                      connection.closed_script = [&](TestConnection& c) {
                        EXPECT_FALSE(c.stream->open());
                        c.stream.reset();
                        ++closed;
                        notice.note();
                      };
                    }};
  TestClient client{server.where()};
  client.close();
  EXPECT_TRUE(notice.await([&] { return closed == 1; }));
}

TEST(TcpStream, AClosedStreamTakesNothingMoreAndReleasesNothing) {
  std::atomic<bool> right{false};
  TestServer server{1, [&](TestConnection& connection) {
                      connection.bytes_script = [&](TestConnection& c, std::string_view) {
                        c.stream->write("last");
                        c.stream->close(5'000);
                        c.stream->write("never sent");
                        c.stream->close(5'000);
                        c.stream->abort();
                        c.stream->pause();
                        c.stream->resume();
                        right = !c.stream->open() && c.stream->queued_bytes() == 0 &&
                                c.stream->release() == nullptr;
                      };
                    }};
  TestClient client{server.where()};
  ASSERT_TRUE(client.send("x"));
  EXPECT_EQ(client.receive_all(), "last");
  server.stop();
  EXPECT_TRUE(right);
}

}  // namespace
}  // namespace kith::net
