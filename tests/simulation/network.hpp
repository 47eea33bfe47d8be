#pragma once

#include "ports/stream.hpp"
#include "reactor.hpp"
#include "world.hpp"

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// TCP as a client sees it: bytes in order, late, in pieces, and sometimes no more.
namespace kith::simulation {

class SimStream;

// What the client's side hears.
class WireListener {
 public:
  WireListener() = default;
  WireListener(const WireListener&) = delete;
  WireListener& operator=(const WireListener&) = delete;
  virtual ~WireListener() = default;
  virtual void on_bytes(std::string_view bytes) = 0;
  virtual void on_closed() = 0;
};

struct WireOptions {
  Duration latency_least = 100us;
  Duration latency_most = 2ms;
  std::size_t pipe_bytes = 64 * 1024;  // to the client, on their way or unread
  double split = 0.3;                  // of the writes arrive in pieces
};

// One connection. The client holds one end, a stream the other.
class Wire final : public std::enable_shared_from_this<Wire> {
 public:
  // `node`: the process at the other end.
  Wire(World& world, WireOptions options, std::string node);

  const std::string& node() const noexcept { return node_; }

  // --- the client's end
  void set_listener(WireListener* listener) noexcept { listener_ = listener; }

  void send(std::string bytes);
  void set_reading(bool reading);
  void hang_up();  // closes; the server hears of it behind what was sent

  // --- faults
  // Both ends hear that it is over, each after a while; what is on its way may be cut anywhere.
  void cut();

  // Nothing arrives any more, and nobody is told.
  void fall_silent() noexcept { silent_ = true; }

  // The server's process is gone. The client hears of it, or not.
  void server_died(bool told);

 private:
  friend class SimStream;
  friend class SimReleased;

  Duration latency() { return world_.between(options_.latency_least, options_.latency_most); }

  void flush();  // as much of `out_` as the pipe takes
  void launch(std::string bytes);
  void arrive_at_client(std::string bytes);
  void read_by_client();
  void arrive_at_server(std::string bytes);
  void tell_client_end();
  void tell_server_end();
  void server_closes();
  void server_aborts() noexcept;
  void wake_server();

  World& world_;
  WireOptions options_;
  std::string node_;
  WireListener* listener_ = nullptr;
  SimStream* stream_ = nullptr;
  std::string out_;  // written by the server, not yet in the pipe
  std::size_t in_pipe_ = 0;
  std::string unread_;             // in the pipe, arrived, not read by the client
  std::deque<std::string> inbox_;  // arrived at the server
  Instant client_next_{};          // bytes arrive in order
  Instant server_next_{};
  bool reading_ = true;
  bool silent_ = false;
  bool cut_ = false;           // what is launched is lost
  bool closing_ = false;       // the server has closed: the end follows its bytes
  bool client_ended_ = false;  // the server knows, or will when it looks
  bool client_gone_ = false;
  bool server_gone_ = false;
};

using WirePtr = std::shared_ptr<Wire>;

class SimReleased final : public ports::ReleasedStream {
 public:
  explicit SimReleased(WirePtr wire) : wire_(std::move(wire)) {}

  ~SimReleased() override;

  WirePtr take() { return std::move(wire_); }

 private:
  WirePtr wire_;
};

// Makes the streams of one reactor.
class SimStreams final : public ports::StreamFactory {
 public:
  explicit SimStreams(SimReactor& reactor) : reactor_(reactor) {}

  std::unique_ptr<ports::Stream> adopt(std::unique_ptr<ports::ReleasedStream> released) override;

  std::size_t open() const noexcept { return open_; }

 private:
  friend class SimStream;
  SimReactor& reactor_;
  std::size_t open_ = 0;
};

class SimStream final : public ports::Stream, private ports::TickHook, private Source {
 public:
  SimStream(SimStreams& streams, WirePtr wire);
  ~SimStream() override;

  void set_handler(ports::StreamHandler* handler) noexcept override;
  void write(std::string bytes) override;
  void write(base::SharedBytes bytes, std::size_t offset, std::size_t length) override;
  std::size_t queued_bytes() const noexcept override;

  void pause() noexcept override { paused_ = true; }

  void resume() noexcept override;
  void close(std::uint32_t linger_ms) override;
  void abort() noexcept override;

  bool open() const noexcept override { return open_; }

  std::string peer_address() const override { return address_; }

  std::unique_ptr<ports::ReleasedStream> release() override;

 private:
  friend class Wire;

  void on_tick_end() override;  // flushes
  void on_ready() override;

  void look() { streams_.reactor_.ready(*this); }

  void detach() noexcept;
  void lost();

  SimStreams& streams_;
  WirePtr wire_;
  ports::StreamHandler* handler_ = nullptr;
  std::string address_ = "203.0.113.7";
  bool paused_ = false;
  bool blocked_ = false;
  bool open_ = true;
};

}  // namespace kith::simulation
