#include "client/loop.hpp"

#include "client/fake_server_test.hpp"

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>

namespace kith::bench {

FakeServer::FakeServer()
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(::bind(listener_.get(), plain, size), 0);
  EXPECT_EQ(::listen(listener_.get(), 8), 0);
  EXPECT_EQ(::getsockname(listener_.get(), plain, &size), 0);
  port_ = ntohs(address.sin_port);
}

bool FakeServer::accept() {
  runtime::Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!fd) return false;
  client_ = std::move(fd);
  return true;
}

void FakeServer::write(std::string_view bytes) {
  EXPECT_EQ(::send(client_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
}

std::string FakeServer::read() {
  std::string all(64 * 1024, '\0');
  const ssize_t size = ::recv(client_.get(), all.data(), all.size(), 0);
  all.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return all;
}

std::string FakeServer::read_texts() {
  std::string texts;
  const std::string bytes = read();
  for (std::size_t at = 0; at + 6 <= bytes.size();) {
    const auto length = static_cast<std::size_t>(bytes[at + 1] & 0x7f);
    texts += ' ';
    for (std::size_t i = 0; i < length; ++i)
      texts += static_cast<char>(bytes[at + 6 + i] ^ bytes[at + 2 + i % 4]);
    at += 6 + length;
  }
  return texts;
}

std::string FakeServer::frame(std::string_view payload, char opcode) {
  EXPECT_LT(payload.size(), 126U);
  return std::string{opcode} + static_cast<char>(payload.size()) + std::string(payload);
}

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

struct Heard final : Listener {
  std::string auth(const Connection& connection) override {
    return "{\"user\":\"u" + std::to_string(connection.index) + "\"}";
  }

  void on_ready(Connection&, std::int64_t) override { said += "ready;"; }

  void on_event(Connection&, const Packet& packet, std::int64_t) override {
    said += std::string(packet.name) + std::string(packet.body) + ";";
  }

  void on_ack(Connection&, const Packet& packet, std::int64_t) override {
    said += "ack" + std::to_string(packet.ack) + std::string(packet.body) + ";";
  }

  void on_attachment(Connection&,
                     std::string_view event,
                     std::string_view bytes,
                     std::int64_t) override {
    said += "attachment of " + std::string(event) + ": " + std::string(bytes) + ";";
  }

  void on_closed(Connection& connection, std::string_view reason) override {
    said += "closed: " + std::string(reason) + ";";
    retry_after_s = connection.retry_after_s;
  }

  std::string said;
  std::uint32_t retry_after_s = 0;
};

class LoopTest : public testing::Test {
 protected:
  LoopTest() {
    options_.servers.push_back(server_.endpoint());
    EXPECT_TRUE(loop_.create(1, 0));
  }

  // Lets the loop work until it has said `text`, at most ten seconds.
  void until_said(std::string_view text) {
    const std::int64_t end = now_ns() + 10 * second_ns;
    while (heard_.said.find(text) == std::string::npos && now_ns() < end)
      loop_.pump(1'000'000);
    EXPECT_NE(heard_.said.find(text), std::string::npos) << heard_.said;
  }

  // Everything the loop sends until `text` is among it.
  std::string until_sent(std::string_view text, bool frames = true) {
    std::string all;
    const std::int64_t end = now_ns() + 10 * second_ns;
    while (all.find(text) == std::string::npos && now_ns() < end) {
      loop_.pump(1'000'000);
      server_.accept();
      all += frames ? server_.read_texts() : server_.read();
    }
    EXPECT_NE(all.find(text), std::string::npos) << all;
    return all;
  }

  void connect() {
    loop_.connect(0);
    until_sent("\r\n\r\n", false);
  }

  void greet() {
    connect();
    server_.write(FakeServer::upgrade);
    server_.write(FakeServer::frame("0{\"sid\":\"x\"}"));
    until_sent("40{\"user\":\"u0\"}");
    server_.write(FakeServer::frame("40{\"sid\":\"y\"}"));
    server_.write(FakeServer::frame(R"(42["hello",{}])"));
    until_said("ready;");
  }

  FakeServer server_;
  Options options_;
  Heard heard_;
  Loop loop_{with_server(), heard_};

 private:
  // The loop reads the servers when it is made.
  const Options& with_server() {
    options_.servers = {server_.endpoint()};
    return options_;
  }
};

TEST_F(LoopTest, asks_for_a_websocket_at_the_path_of_socket_io) {
  loop_.connect(0);
  const std::string request = until_sent("\r\n\r\n", false);
  EXPECT_EQ(request.find("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"), 0U);
  EXPECT_NE(request.find("Sec-WebSocket-Version: 13"), std::string::npos);
  EXPECT_EQ(loop_.connecting(), 1U);
}

TEST_F(LoopTest, is_ready_when_hello_has_come) {
  greet();
  EXPECT_EQ(heard_.said, "ready;hello{}];");
  EXPECT_EQ(loop_.ready_count(), 1U);
  EXPECT_EQ(loop_.connecting(), 0U);
}

TEST_F(LoopTest, or_when_connect_is_answered_if_that_is_asked_for) {
  options_.ready = "connect";
  connect();
  server_.write(FakeServer::upgrade);
  server_.write(FakeServer::frame("0{}"));
  until_sent("40{");
  server_.write(FakeServer::frame("40{}"));
  until_said("ready;");
}

TEST_F(LoopTest, answers_pings_of_both_kinds) {
  greet();
  server_.write(FakeServer::frame("2"));
  until_sent(" 3");
  server_.write(FakeServer::frame("abc", '\x89'));
  until_sent(" abc");
}

TEST_F(LoopTest, reads_frames_that_come_byte_by_byte_or_many_at_once) {
  greet();
  heard_.said.clear();
  const std::string two = FakeServer::frame(R"(42["a",1])") + FakeServer::frame("435[2]");
  for (const char byte : two) {
    server_.write({&byte, 1});
    loop_.pump(1'000'000);
  }
  until_said("ack5[2];");
  server_.write(two + two);
  until_said("a1];ack5[2];a1];ack5[2];a1];ack5[2];");
}

TEST_F(LoopTest, puts_fragments_together_with_a_ping_among_them) {
  greet();
  heard_.said.clear();
  server_.write(FakeServer::frame(R"(42["lo)", '\x01'));
  server_.write(FakeServer::frame("p", '\x89'));
  server_.write(FakeServer::frame(R"(ng",)", '\x00'));
  server_.write(FakeServer::frame("7]", '\x80'));
  until_said("long7];");
}

TEST_F(LoopTest, gives_the_attachments_of_an_event_with_it) {
  greet();
  heard_.said.clear();
  server_.write(FakeServer::frame(R"(452-["r",0])"));
  server_.write(FakeServer::frame("one", '\x82') + FakeServer::frame("two", '\x82'));
  until_said(R"(attachment of 452-["r",0]: one;attachment of 452-["r",0]: two;)");
  server_.write(FakeServer::frame("three", '\x82'));
  until_said("closed: an attachment of no event;");
}

TEST_F(LoopTest, a_refusal_with_a_pace_says_how_long_to_wait) {
  connect();
  server_.write("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n");
  until_said("closed: refused: HTTP/1.1 503 Service Unavailable;");
  EXPECT_EQ(heard_.retry_after_s, 3U);
  EXPECT_EQ(loop_.connecting(), 0U);
}

TEST_F(LoopTest, a_token_that_is_refused_says_so) {
  connect();
  server_.write(FakeServer::upgrade);
  server_.write(FakeServer::frame("0{}"));
  until_sent("40{");
  server_.write(FakeServer::frame(R"(44{"message":"unauthenticated"})"));
  until_said("unauthenticated");
}

TEST_F(LoopTest, an_answer_to_another_key_or_of_no_websocket_is_refused) {
  connect();
  server_.write("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: AAAA\r\n\r\n");
  until_said("closed: refused:");
}

TEST_F(LoopTest, the_servers_reason_to_close_is_kept) {
  greet();
  server_.write(
      FakeServer::frame("\x03\xe9"
                        "draining",
                        '\x88'));
  until_said("closed: closed: draining;");
  EXPECT_EQ(loop_.ready_count(), 0U);
}

TEST_F(LoopTest, a_server_that_goes_away_is_noticed) {
  greet();
  server_.close();
  until_said("closed: ");
}

TEST_F(LoopTest, a_masked_frame_is_refused) {
  greet();
  server_.write("\x81\x81kkkkx");
  until_said("closed: a WebSocket frame that breaks the rules;");
}

TEST_F(LoopTest, one_that_was_cut_says_nothing_and_comes_back) {
  greet();
  heard_.said.clear();
  loop_.cut(loop_.at(0));
  EXPECT_EQ(loop_.ready_count(), 0U);
  EXPECT_EQ(heard_.said, "");
  greet();
  EXPECT_EQ(loop_.at(0).session, 2U);
}

TEST_F(LoopTest, where_nobody_listens_the_connect_fails) {
  options_.servers = {{"127.0.0.1", 1}};
  Heard heard;
  Loop loop(options_, heard);
  ASSERT_TRUE(loop.create(1, 0));
  loop.connect(0);
  const std::int64_t end = now_ns() + 10 * second_ns;
  while (heard.said.empty() && now_ns() < end)
    loop.pump(1'000'000);
  EXPECT_EQ(heard.said, "closed: Connection refused;");
}

}  // namespace
}  // namespace kith::bench
