#pragma once

#include "base/bytes.hpp"
#include "ports/reactor.hpp"
#include "ports/stream.hpp"
#include "wire/http/request.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kith::front {

class Connection;
class Exchange;

struct Response {
  std::uint16_t status = 200;
  std::string content_type;  // none if empty
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  base::SharedBytes shared_body;  // instead of `body`, if set
  bool close = false;             // the connection, behind this answer

  static Response text(std::uint16_t status, std::string body);
  static Response json(std::uint16_t status, std::string body);
};

// Hears what happens to an exchange before it is answered.
class ExchangeWatcher {
 public:
  ExchangeWatcher() = default;
  ExchangeWatcher(const ExchangeWatcher&) = delete;
  ExchangeWatcher& operator=(const ExchangeWatcher&) = delete;
  virtual ~ExchangeWatcher() = default;
  // The peer is gone, or its body was broken off or malformed. The exchange may be destroyed here.
  virtual void on_aborted(Exchange& exchange) = 0;
  // Its body was larger than admitted; the connection has answered 413 by itself.
  virtual void on_too_large(Exchange& exchange) = 0;
};

// One request and the duty to answer it, now or later. Dropped unanswered, the peer gets a 500.
class Exchange {
 public:
  Exchange(Connection& connection, ports::Reactor& reactor, const wire::http::Request& head);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange();

  // Without its body until `Handler::handle`.
  const wire::http::Request& request() const noexcept { return *request_; }

  wire::http::Request& complete_request() noexcept { return own_; }  // in and after `handle`

  std::string peer_address() const;  // while open

  ports::Reactor& reactor() const noexcept { return reactor_; }

  // False: answered, or the peer is gone; an answer is then ignored.
  bool open() const noexcept { return connection_ != nullptr; }

  void answer(Response response);

  // At most one; nullptr: nobody.
  void watch(ExchangeWatcher* watcher) noexcept { watcher_ = watcher; }

  // Destroys the connection: no answer, a reset.
  void drop();

  // The stream leaves HTTP, with what was received behind the request. Only in or after `handle` of
  // an exclusive handler, and while open. The new owner writes the answer.
  struct Upgraded {
    std::unique_ptr<ports::Stream> stream;
    std::string received;
  };

  Upgraded upgrade();

 private:
  friend class Connection;
  void complete(wire::http::Request request);
  void aborted();
  void too_large();

  Connection* connection_;
  ports::Reactor& reactor_;
  ExchangeWatcher* watcher_ = nullptr;
  const wire::http::Request* request_;
  wire::http::Request own_;
};

// Answers the requests of a path. One per reactor; outlives its exchanges.
class Handler {
 public:
  Handler() = default;
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;
  virtual ~Handler() = default;

  // The reactor that must handle this request; the connection then moves there. Nothing: any.
  virtual std::optional<std::size_t> home_reactor(const wire::http::Request& /*head*/) {
    return {};
  }

  // Exclusive: handled after the connection's earlier requests were answered, and before later ones
  // are looked at. Needed for `upgrade` and `home_reactor`.
  virtual bool exclusive() const noexcept { return false; }

  // The head came, a body follows: how many bytes of it are welcome. Answering the exchange here
  // refuses the body.
  virtual std::size_t admit_body(Exchange& exchange);
  // The request is complete.
  virtual void handle(std::unique_ptr<Exchange> exchange) = 0;

  // Every answer of this handler's path passes here, also those that the connection makes by
  // itself.
  virtual void add_headers(const wire::http::Request& /*request*/, Response& /*response*/) {}
};

}  // namespace kith::front
