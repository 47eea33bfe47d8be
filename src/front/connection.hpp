#pragma once

#include "base/bytes.hpp"
#include "front/handler.hpp"
#include "ports/reactor.hpp"
#include "ports/stream.hpp"
#include "wire/http/request_parser.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kith::front {

class HttpServer;

// What goes along when a connection changes its reactor: the socket, the request that was read, and
// the bytes behind it.
struct MovedConnection {
  std::unique_ptr<ports::ReleasedStream> stream;
  wire::http::RequestParser parser;
  std::string unread;
};

// One HTTP/1 connection: reads requests, hands them to the handlers of their paths, sends the
// answers in order. Has a deadline while the peer owes it something: a head, a body, or another
// request.
class Connection final : public ports::StreamHandler, private ports::TickHook {
 public:
  Connection(HttpServer& server, std::unique_ptr<ports::Stream> stream);
  ~Connection() override;

  void start();
  void resume(MovedConnection state);
  void drain();
  // The server dies: exchanges are told, nothing is answered.
  void abandon();

  std::string peer_address() const { return stream_->peer_address(); }

  // For Exchange.
  void answer(Exchange& exchange, Response response);
  void drop(Exchange& exchange);
  Exchange::Upgraded upgrade(Exchange& exchange);

  void on_bytes(std::string_view bytes) override;

  void on_drained() override { proceed(); }

  void on_closed() override;

 private:
  // What the peer owes; each has its own deadline.
  enum class Owed : std::uint8_t { nothing, request, head, body, reading };
  enum class Step : std::uint8_t { again, enough };

  // A request that was handed out, in the order they came.
  struct Slot {
    Exchange* exchange = nullptr;  // until answered
    Handler* handler = nullptr;
    std::string head;  // of the answer, with the body if it is not shared
    base::SharedBytes shared_body;
    bool answered = false;
    bool close = false;
  };

  bool alive() const noexcept { return stream_ != nullptr && !stopped_; }

  void on_tick_end() override { proceed(); }

  bool blocked() const noexcept;
  bool answers_wait() const noexcept;
  void proceed();
  void consume(std::string_view bytes);
  Step step(std::string_view& bytes);
  Step begin(std::string_view bytes);
  Step admit(Handler& handler);
  void finish(std::string_view& bytes);
  void refuse(wire::http::HttpError error);
  void keep_unread(std::string_view bytes);
  void try_move(std::size_t reactor);
  void send_answers();
  Slot* find(const Exchange& exchange) noexcept;
  void abort_exchanges();
  void stop();
  void watch_deadline();
  void on_deadline();

  HttpServer& server_;
  std::unique_ptr<ports::Stream> stream_;
  wire::http::RequestParser parser_;
  std::unique_ptr<Exchange> incoming_;  // its body is being read
  std::vector<Slot> slots_;
  std::string unread_;
  ports::Alarm<Connection, &Connection::on_deadline> alarm_{*this};
  Owed owed_ = Owed::nothing;
  bool waits_for_turn_ = false;  // the parsed request needs all earlier ones answered, and sent
  bool exclusive_ = false;       // nothing is read until the last slot is answered
  bool last_read_ = false;       // no further request will be answered
  bool consuming_ = false;
  bool paused_ = false;
  bool stopped_ = false;  // an answer was the last one; what still comes is dropped
  bool draining_ = false;
};

}  // namespace kith::front
