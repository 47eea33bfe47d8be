#include "net/linger.hpp"

#include "net/test_client.hpp"
#include "net/test_server.hpp"

#include <gtest/gtest.h>

namespace kith::net {
namespace {

// A server that answers the first byte with `answer` and closes; the stream is destroyed at once.
struct Goodbye {
  explicit Goodbye(std::string answer, std::uint32_t linger_ms = 20'000)
      : server{1,
               [answer, linger_ms](TestConnection& connection) {
                 connection.bytes_script = [answer, linger_ms](TestConnection& c,
                                                               std::string_view) {
                   c.stream->write(answer);
                   c.stream->close(linger_ms);
                   c.stream.reset();
                 };
                 connection.closed_script = [](TestConnection&) { FAIL() << "it closed itself"; };
               },
               {.seats = {}, .send_buffer_bytes = 4'096}} {}

  // Turns of the reactor until nothing lingers; each is a wait for its socket events, too.
  bool nothing_lingers() {
    const runtime::SystemClock clock;
    const base::Instant end = clock.now() + test_deadline;
    while (server.lingering() != 0)
      if (clock.now() > end) return false;
    return true;
  }

  TestServer server;
};

TEST(Linger, WhatIsQueuedIsSentThenTheSendingSideEnds) {
  const std::string answer(2'000'000, 'z');
  Goodbye goodbye{answer};
  TestClient client{goodbye.server.where(), 4'096};
  ASSERT_TRUE(client.send("x"));
  EXPECT_EQ(client.receive_all(), answer);
  EXPECT_EQ(goodbye.server.open(), 0U);
  EXPECT_EQ(goodbye.server.lingering(), 1U);
  client.close();
  EXPECT_TRUE(goodbye.nothing_lingers());
}

TEST(Linger, WhatThePeerStillSendsIsReadAndDroppedSoThatItsReadIsNotReset) {
  Goodbye goodbye{"refused"};
  TestClient client{goodbye.server.where()};
  // More than both kernels' buffers hold: sent only if somebody reads.
  ASSERT_TRUE(client.send(std::string(20'000'000, 'x')));
  EXPECT_EQ(client.receive_all(), "refused");
  client.close();
  EXPECT_TRUE(goodbye.nothing_lingers());
}

TEST(Linger, APeerThatDoesNotEndIsResetWhenTheTimeIsOver) {
  Goodbye goodbye{"bye", 30};
  TestClient client{goodbye.server.where()};
  ASSERT_TRUE(client.send("x"));
  ASSERT_EQ(client.receive(3), "bye");
  EXPECT_TRUE(client.at_end());
  EXPECT_TRUE(goodbye.nothing_lingers());
  // Only now does sending fail: the connection is gone.
  EXPECT_FALSE(client.send("x") && client.send("y") && client.send("z"));
}

TEST(Linger, APeerThatDoesNotReadIsResetWhenTheTimeIsOver) {
  Goodbye goodbye{std::string(5'000'000, 'z'), 30};
  TestClient client{goodbye.server.where(), 4'096};
  ASSERT_TRUE(client.send("x"));
  ASSERT_EQ(client.receive(1), "z");
  EXPECT_TRUE(goodbye.nothing_lingers());
  EXPECT_TRUE(client.was_reset());
}

TEST(Linger, APeerThatEndsItsSideEarlyStillGetsAll) {
  const std::string answer(2'000'000, 'z');
  Goodbye goodbye{answer};
  TestClient client{goodbye.server.where(), 4'096};
  ASSERT_TRUE(client.send("x"));
  ASSERT_EQ(client.receive(1), "z");
  client.end_sending();
  EXPECT_EQ(client.receive_all().size() + 1, answer.size());
  EXPECT_TRUE(goodbye.nothing_lingers());
}

TEST(Linger, AResetEndsItWithAndWithoutBytesLeft) {
  for (const std::size_t length : {std::size_t{1}, std::size_t{5'000'000}}) {
    Goodbye goodbye{std::string(length, 'z')};
    TestClient client{goodbye.server.where(), 4'096};
    ASSERT_TRUE(client.send("x"));
    ASSERT_EQ(client.receive(1), "z");
    client.reset();
    EXPECT_TRUE(goodbye.nothing_lingers());
  }
}

TEST(Linger, AServerThatEndsResetsWhatLingers) {
  auto goodbye = std::make_unique<Goodbye>("bye");
  TestClient client{goodbye->server.where()};
  ASSERT_TRUE(client.send("x"));
  ASSERT_EQ(client.receive(3), "bye");
  ASSERT_TRUE(client.at_end());
  goodbye.reset();
  EXPECT_FALSE(client.send("x") && client.send("y") && client.send("z"));
}

}  // namespace
}  // namespace kith::net
