#pragma once

#include "client/connection.hpp"
#include "client/frames.hpp"
#include "client/options.hpp"
#include "client/packet.hpp"
#include "net/socket_address.hpp"
#include "runtime/fd.hpp"

#include <cstdint>
#include <deque>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

namespace kith::bench {

std::int64_t now_ns() noexcept;  // monotonic, the same in all threads

// What a scenario is told. Views are good during the call; a connection may be closed in it.
class Listener {
 public:
  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  virtual ~Listener() = default;

  // The object that goes with CONNECT: who it is.
  virtual std::string auth(const Connection& connection) = 0;
  virtual void on_ready(Connection& connection, std::int64_t now) = 0;
  virtual void on_event(Connection& connection, const Packet& packet, std::int64_t now) = 0;
  virtual void on_ack(Connection& connection, const Packet& packet, std::int64_t now) = 0;
  // The single attachment of an event, or each of several.
  virtual void on_attachment(Connection& connection,
                             std::string_view event,
                             std::string_view bytes,
                             std::int64_t now) = 0;
  // It ended without being asked to. `reason` is for people.
  virtual void on_closed(Connection& connection, std::string_view reason) = 0;
};

// The clients of one thread: connects them, at most `burst` at a time, and speaks Socket.IO over
// WebSocket for them.
class Loop {
 public:
  static constexpr std::size_t message_bytes_max = 4 * 1024 * 1024;
  static constexpr std::size_t unsent_bytes_max = 16 * 1024 * 1024;  // of one connection

  Loop(const Options& options, Listener& listener);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Once, before anything else. `first`: how many there are in the threads before this one.
  bool create(std::size_t connections, std::uint32_t first);

  Connection& at(std::uint32_t index) noexcept { return connections_[index]; }

  std::size_t size() const noexcept { return connections_.size(); }

  // Connects as soon as the burst allows; `after_ns` later at the earliest.
  void connect(std::uint32_t index, std::int64_t after_ns = 0);
  // Without a word, as when a cable is cut; on_closed is not called.
  void cut(Connection& connection);

  // Sends what is due, waits at most that long, handles what came, sends what came of it.
  void pump(std::int64_t timeout_ns);

  std::size_t connecting() const noexcept { return connecting_ + wanted_.size() + later_.size(); }

  std::uint64_t ready_count() const noexcept { return ready_; }

  // A whole Engine.IO message; sent at the end of this turn.
  void send_text(Connection& connection, std::string_view text);
  void send_binary(Connection& connection, std::string_view bytes);

 private:
  struct Later {
    std::int64_t at_ns = 0;
    std::uint32_t index = 0;

    friend bool operator>(const Later& a, const Later& b) noexcept { return a.at_ns > b.at_ns; }
  };

  void start_due();
  void start(Connection& connection);
  bool bind_source(const Connection& connection);
  void handle(Connection& connection, std::uint32_t events, std::int64_t now);
  void connected(Connection& connection);
  void read(Connection& connection, std::int64_t now);
  void flush(Connection& connection);
  void flush_dirty();
  void touch(Connection& connection);
  void watch(Connection& connection, bool room);
  void close(Connection& connection, std::string_view reason);
  void forget(Connection& connection);
  void send_frame(Connection& connection, Opcode opcode, std::string_view payload);

  // loop_protocol.cpp. Each gives how many bytes it is done with.
  std::size_t take(Connection& connection, std::string_view bytes, std::int64_t now);
  std::size_t take_upgrade(Connection& connection, std::string_view bytes);
  void refused_upgrade(Connection& connection, std::string_view head);
  void take_frame(Connection& connection, const Frame& frame, std::int64_t now);
  void take_message(Connection& connection, bool text, std::string_view message, std::int64_t now);
  void take_text(Connection& connection, std::string_view text, std::int64_t now);
  void take_event(Connection& connection,
                  const Packet& packet,
                  std::string_view text,
                  std::int64_t now);
  void become_ready(Connection& connection, std::int64_t now);

  const Options& options_;
  Listener& listener_;
  runtime::Fd epoll_;
  std::vector<net::SocketAddress> servers_;
  std::vector<Connection> connections_;
  std::vector<std::uint32_t> dirty_;
  std::deque<std::uint32_t> wanted_;
  std::priority_queue<Later, std::vector<Later>, std::greater<>> later_;
  std::size_t connecting_ = 0;
  std::uint64_t ready_ = 0;
  std::uint32_t first_ = 0;
  std::uint32_t started_ = 0;
  std::string upgrade_;  // the request
  std::string buffer_;   // what was read in this turn
};

}  // namespace kith::bench
