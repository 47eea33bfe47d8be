#include "net/tls_handshakes.hpp"

#include "base/log.hpp"
#include "net/socket_pair_test.hpp"
#include "net/tls_certificate_test.hpp"
#include "net/tls_client_test.hpp"
#include "runtime/real_reactor.hpp"

#include <gtest/gtest.h>

namespace kith::net {
namespace {

using State = ports::contract::FarEnd::State;

class TlsHandshakesTest : public ::testing::Test {
 protected:
  void SetUp() override { make({}); }

  void TearDown() override { streams_done_.clear(); }

  void make(TlsHandshakes::Options options) {
    handshakes_ = std::make_unique<TlsHandshakes>(
        streams_,
        [this](std::unique_ptr<ports::Stream> stream) {
          streams_done_.push_back(std::move(stream));
        },
        options);
  }

  // A client that has said nothing yet.
  std::unique_ptr<TlsClient> connect() {
    auto [here, far] = pairs_.connect();
    handshakes_->begin(released_socket(std::move(here)), *context_);
    return std::make_unique<TlsClient>(std::move(far));
  }

  bool run_until(const std::function<bool()>& done) {
    const auto end = system_.now() + std::chrono::seconds{20};
    while (!done()) {
      if (system_.now() > end) return false;
      reactor_.post([this] { reactor_.stop(); });
      reactor_.run();
    }
    return true;
  }

  bool run_until_over(TlsClient& client) {
    return run_until([&] {
      client.read();
      return client.state() != State::open;
    });
  }

  base::NullLogger logger_;
  runtime::SystemClock system_;
  runtime::RealReactor reactor_{{}, logger_};
  TcpStreams streams_{reactor_};
  SocketPairs pairs_;
  TestCertificate certificate_;
  std::shared_ptr<const TlsContext> context_ =
      TlsContext::load({certificate_.certificate_file(), certificate_.key_file()}).value();
  std::vector<std::unique_ptr<ports::Stream>> streams_done_;
  std::unique_ptr<TlsHandshakes> handshakes_;
};

TEST_F(TlsHandshakesTest, GivesAwayWhoSucceeded) {
  const auto client = connect();
  EXPECT_EQ(handshakes_->pending(), 1U);
  EXPECT_TRUE(run_until([&] { return client->shake_hands() && !streams_done_.empty(); }));
  EXPECT_EQ(handshakes_->pending(), 0U);
  EXPECT_EQ(streams_.open_count(), 1U);
}

TEST_F(TlsHandshakesTest, WhoIsTooSlowIsDropped) {
  make({.timeout = std::chrono::milliseconds{20}});
  const auto client = connect();
  client->shake_hands();  // its first words, and nothing more
  EXPECT_TRUE(run_until([&] { return handshakes_->pending() == 0; }));
  EXPECT_EQ(streams_.open_count(), 0U);
  EXPECT_TRUE(streams_done_.empty());
  EXPECT_TRUE(run_until_over(*client));
}

TEST_F(TlsHandshakesTest, AtTheBoundTheOldestGoes) {
  make({.most = 2});
  const auto first = connect();
  const auto second = connect();
  const auto third = connect();
  EXPECT_EQ(handshakes_->pending(), 2U);
  EXPECT_TRUE(run_until([&] {
    second->shake_hands();
    third->shake_hands();
    return streams_done_.size() == 2;
  }));
  EXPECT_TRUE(run_until_over(*first));
}

TEST_F(TlsHandshakesTest, WhoSpeaksSomethingElseIsToldSoAndDropped) {
  auto [here, far] = pairs_.connect();
  handshakes_->begin(released_socket(std::move(here)), *context_);
  const std::string_view plain = "GET / HTTP/1.1\r\n\r\n";
  EXPECT_EQ(::send(far.get(), plain.data(), plain.size(), 0), static_cast<ssize_t>(plain.size()));
  EXPECT_TRUE(run_until([&] { return handshakes_->pending() == 0; }));
  far.reset();
  EXPECT_TRUE(run_until([&] { return streams_.lingering_count() == 0; }));
  EXPECT_TRUE(streams_done_.empty());
}

TEST_F(TlsHandshakesTest, WhoGoesIsForgotten) {
  auto client = connect();
  client->reset();
  EXPECT_TRUE(run_until([&] { return handshakes_->pending() == 0; }));
  EXPECT_EQ(streams_.open_count(), 0U);
}

TEST_F(TlsHandshakesTest, AllCanBeDropped) {
  const auto first = connect();
  const auto second = connect();
  handshakes_->drop_all();
  EXPECT_EQ(handshakes_->pending(), 0U);
  EXPECT_EQ(streams_.open_count(), 0U);
}

TEST_F(TlsHandshakesTest, AStreamThatIsClosedSaysGoodbye) {
  const auto client = connect();
  ASSERT_TRUE(run_until([&] { return client->shake_hands() && !streams_done_.empty(); }));
  streams_done_.front()->write("bye");
  streams_done_.front()->close(1'000);
  std::string heard;
  EXPECT_TRUE(run_until([&] {
    heard += client->read();
    return client->state() != State::open;
  }));
  EXPECT_EQ(heard, "bye");
  EXPECT_TRUE(client->heard_farewell());
}

TEST_F(TlsHandshakesTest, WhatIsWrittenInATickLeavesInOneRecord) {
  const auto client = connect();
  ASSERT_TRUE(run_until([&] { return client->shake_hands() && !streams_done_.empty(); }));
  client->read();  // tickets
  auto& stream = *streams_done_.front();
  for (int i = 0; i < 100; ++i)
    stream.write("0123456789");
  EXPECT_EQ(stream.queued_bytes(), 1'000U);
  ASSERT_TRUE(run_until([&] { return stream.queued_bytes() == 0; }));
  std::array<char, 2'000> once{};
  int got = 0;
  ASSERT_TRUE(run_until([&] {
    got = SSL_read(client->ssl(), once.data(), once.size());
    return got > 0;
  }));
  EXPECT_EQ(got, 1'000) << "a read gives a record";
}

}  // namespace
}  // namespace kith::net
